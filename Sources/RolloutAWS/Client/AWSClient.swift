package import RolloutCore
package import RolloutHTTP
import Synchronization

/// Asks AWS's services in one region: signs, sends, waits, and sends again what is worth it. All requests share their
/// connections, their credentials, a budget of retries, and what was learnt of how wrong this machine's clock is.
package final class AWSClient: Sendable {
  /// Time and chance.
  package struct Pace: Sendable {
    package var now: @Sendable () -> Timestamp
    package var sleep: @Sendable (TimeSpan) async throws -> Void
    /// In 0..<1.
    package var chance: @Sendable () -> Double

    package init(
      now: @escaping @Sendable () -> Timestamp,
      sleep: @escaping @Sendable (TimeSpan) async throws -> Void = { try await Task.sleep(for: $0.duration) },
      chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
      self.now = now
      self.sleep = sleep
      self.chance = chance
    }
  }

  package let region: String
  private let settings: AWSSettings
  private let http: HTTPClient
  let pace: Pace
  private let credentials: CredentialCache

  private struct State {
    var retries = RetryPolicy()
    /// What the servers' clock is ahead of ours.
    var skew = TimeSpan.zero
    var addresses: [AWSService: AWSAddress] = [:]
  }
  private let state = Mutex(State())

  /// With the credentials that the settings lead to.
  package convenience init(region: String, _ settings: AWSSettings, http: HTTPClient, pace: Pace) {
    let fetcher = CredentialFetcher(settings: settings, http: http, pace: pace, region: region)
    self.init(region: region, settings, http: http, pace: pace) { () throws(AWSFailure) in try await fetcher.fetch() }
  }

  init(
    region: String, _ settings: AWSSettings, http: HTTPClient, pace: Pace, credentials: @escaping CredentialCache.Fetch
  ) {
    self.region = region
    self.settings = settings
    self.http = http
    self.pace = pace
    self.credentials = CredentialCache(now: pace.now, fetch: credentials)
  }

  /// Cancelling the task ends the transfer, and any wait before the next.
  package func send(_ call: AWSCall) async throws(AWSError) -> AWSAnswer {
    let address = try address(of: call.service, for: call.action)
    do throws(AWSFailure) { return try await send(call, to: address) } catch {
      throw AWSError(action: call.action, region: region, host: address.host, failure: error)
    }
  }

  /// Where a service is asked, for an error that says what for.
  func address(of service: AWSService, for action: String) throws(AWSError) -> AWSAddress {
    do { return try known(service) } catch {
      throw AWSError(
        action: action, region: region, host: service.host, failure: .noCredentials(error.message, help: error.help))
    }
  }

  /// Worked out once.
  private func known(_ service: AWSService) throws(AWSConfigError) -> AWSAddress {
    if let address = state.withLock({ $0.addresses[service] }) { return address }
    let address = try AWSAddress(service, region: region, settings)
    state.withLock { $0.addresses[service] = address }
    return address
  }

  /// Whether S3's buckets are parts of paths there, and not of host names.
  func isOverridden(_ service: AWSService) -> Bool {
    (try? known(service).isOverridden) ?? false
  }

  private func send(_ call: AWSCall, to address: AWSAddress) async throws(AWSFailure) -> AWSAnswer {
    var number = 1
    var mended: Set<AWSFailure.Mend> = []
    var before: AWSFailure?
    var refused: AWSCredentials?
    while true {
      let keys = call.isUnsigned ? nil : try await credentials.credentials(after: refused)
      refused = nil
      let signedAt = serverTime
      let failure: AWSFailure
      do throws(AWSFailure) {
        let answer = try await once(call, to: address, keys, at: signedAt)
        if let refusal = answer.refusal { throw .refused(refusal) }
        state.withLock { $0.retries.succeeded(afterRetryOf: before) }
        return answer
      } catch { failure = error }
      let attempt = RetryPolicy.Attempt(
        number, signedAt: signedAt, mended: mended, isRepeatable: call.isRepeatable)
      let chance = pace.chance()
      switch state.withLock({ $0.retries.verdict(on: failure, attempt, chance: chance) }) {
      case .giveUp: throw failure
      case .again(let pause):
        // Cancelled: what there is to say was said by the failure.
        do { try await pace.sleep(pause) } catch { throw failure }
        number += 1
      case .againByServerTime:
        setClock(by: failure.refusal)
        mended.insert(.clock)
      case .againWithNewCredentials:
        refused = keys
        mended.insert(.credentials)
      }
      before = failure
    }
  }

  /// The same once, for what must be known as it was answered: a refusal is an answer too. Only what was refused for a
  /// clock or for credentials that can be mended is sent again.
  func exchange(_ call: AWSCall) async throws(AWSError) -> AWSAnswer {
    let address = try address(of: call.service, for: call.action)
    do throws(AWSFailure) {
      var mended: Set<AWSFailure.Mend> = []
      var refused: AWSCredentials?
      while true {
        let keys = call.isUnsigned ? nil : try await credentials.credentials(after: refused)
        let signedAt = serverTime
        let answer = try await once(call, to: address, keys, at: signedAt)
        guard let refusal = answer.refusal, let mend = AWSFailure.refused(refusal).mend(signedAt: signedAt),
          mended.insert(mend).inserted
        else { return answer }
        if mend == .clock { setClock(by: refusal) }
        refused = mend == .credentials ? keys : nil
      }
    } catch { throw AWSError(action: call.action, region: region, host: address.host, failure: error) }
  }

  /// Now, by the servers' clock as far as it is known.
  private var serverTime: Timestamp { pace.now() + state.withLock { $0.skew } }

  private func setClock(by refusal: AWSRefusal?) {
    if let time = refusal?.serverTime { state.withLock { $0.skew = time - pace.now() } }
  }

  private func once(
    _ call: AWSCall, to address: AWSAddress, _ keys: AWSCredentials?, at moment: Timestamp
  ) async throws(AWSFailure) -> AWSAnswer {
    let host = call.subdomain.map { "\($0).\(address.host)" } ?? address.host
    var request = AWSRequest(
      call.method, host: host, path: address.prefix + call.path, query: call.query, headers: call.headers,
      body: call.body)
    if let keys {
      let isStore = call.service == .s3
      request = SigV4(
        keys, region: region, service: call.service.signingName, paths: isStore ? .asSent : .encodedTwice,
        namesPayload: isStore
      ).signed(request, at: moment)
    }
    return try await http.answer(
      to: request, scheme: address.scheme, within: call.timeout, arrivesOnce: !call.isRepeatable)
  }
}

extension HTTPClient {
  /// Sends exactly the path and the query that were signed.
  func answer(
    to request: AWSRequest, scheme: String, within timeout: TimeSpan, arrivesOnce: Bool = false
  ) async throws(AWSFailure) -> AWSAnswer {
    let query = CanonicalRequest.query(request.query)
    let url =
      "\(scheme)://\(request.host)\(PercentEncoding.encode(request.path, keepsSlashes: true))"
      + (query.isEmpty ? "" : "?\(query)")
    let sent = HTTPRequest(
      method: request.method, url: url, headers: request.headers.map { ($0.name, $0.value) }, body: request.body,
      timeout: timeout.duration, connectTimeout: min(timeout, .seconds(10)).duration, arrivesOnce: arrivesOnce)
    do throws(HTTPError) {
      let answer = try await send(sent)
      let headers = Dictionary(answer.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
      return AWSAnswer(status: answer.status, headers: headers, body: answer.body, elapsed: answer.elapsed)
    } catch {
      if error.nothingWasSent { throw .unreachable(error.message) }
      throw .noAnswer(error.message, isTimeout: error.code == .timedOut)
    }
  }
}
