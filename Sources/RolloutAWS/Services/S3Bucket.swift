package import RolloutCore

/// The objects of one bucket. Writes can be made to depend on what is there, which is all that a lock needs.
package struct S3Bucket: Sendable {
  package struct Object: Hashable, Sendable {
    package var bytes: [UInt8]
    /// As S3 writes it, with its quotes.
    package var etag: String
    /// By S3's clock, in whole seconds.
    package var changedAt: Timestamp?
    /// When S3 answered, by the same clock.
    package var servedAt: Timestamp?
  }

  package enum Condition: Hashable, Sendable {
    case absent
    case unchanged(etag: String)
  }

  package enum Outcome: Hashable, Sendable {
    case written(etag: String)
    case conditionFailed
  }

  package let name: String
  private let client: AWSClient

  package init(_ name: String, _ client: AWSClient) {
    self.name = name
    self.client = client
  }

  /// `nil` when there is no such object.
  package func object(_ key: String) async throws(AWSError) -> Object? {
    let call = call("s3:GetObject", "GET", key: key)
    let answer: AWSAnswer
    do { answer = try await client.send(call) } catch {
      if error.failure.refusal?.code == "NoSuchKey" { return nil }
      throw error
    }
    guard let etag = answer.headers["etag"] else { throw client.unreadable(call, "it names no version of the object") }
    return Object(
      bytes: answer.body, etag: etag, changedAt: answer.headers["last-modified"].flatMap { Timestamp(httpDate: $0) },
      servedAt: answer.headers["date"].flatMap { Timestamp(httpDate: $0) })
  }

  /// A conditional write whose answer is lost is not sent again: the second would be refused for the first. One that S3
  /// gave up because others were writing is, for that it certainly did not happen.
  package func put(
    _ key: String, _ bytes: [UInt8], if condition: Condition? = nil
  ) async throws(AWSError) -> Outcome {
    let header: AWSRequest.Field? =
      switch condition {
      case .absent: AWSRequest.Field("If-None-Match", "*")
      case .unchanged(let etag): AWSRequest.Field("If-Match", etag)
      case nil: nil
      }
    let call = call(
      "s3:PutObject", "PUT", key: key, headers: [header].compactMap { $0 }, body: bytes,
      isRepeatable: condition == nil)
    do throws(AWSError) {
      guard let etag = try await client.send(call).headers["etag"] else {
        throw client.unreadable(call, "it names no version of the object")
      }
      return .written(etag: etag)
    } catch {
      // The object that was to be unchanged may also be gone.
      let code = error.failure.refusal?.code
      if condition != nil, code == "PreconditionFailed" || code == "NoSuchKey" { return .conditionFailed }
      throw error
    }
  }

  /// What is not there is as good as deleted. In a bucket with versions it can be brought back.
  package func delete(_ key: String) async throws(AWSError) {
    _ = try await client.send(call("s3:DeleteObject", "DELETE", key: key))
  }

  /// Keys under a prefix, ascending, after `key`: all of them, however many pages that takes.
  package func keys(under prefix: String, after key: String? = nil) async throws(AWSError) -> [String] {
    try await client.pages(of: "s3:ListBucket") { token throws(AWSError) in
      var query = [AWSRequest.Field("list-type", "2"), AWSRequest.Field("prefix", prefix)]
      if let token {
        query.append(AWSRequest.Field("continuation-token", token))
      } else if let key {
        query.append(AWSRequest.Field("start-after", key))
      }
      let call = call("s3:ListBucket", "GET", key: "", query: query)
      let answer = try await client.send(call)
      guard let page = XMLElement(answer.body), page.name == "ListBucketResult" else {
        throw client.unreadable(call, "it is not a list of objects")
      }
      let keys = page.children.filter { $0.name == "Contents" }.compactMap { $0["Key"]?.text }
      let isTruncated = page.text("IsTruncated") == "true"
      guard !isTruncated || page.text("NextContinuationToken") != nil else {
        throw client.unreadable(call, "the list is cut short and does not say where it goes on")
      }
      return (keys, isTruncated ? page.text("NextContinuationToken") : nil)
    }
  }

  /// Where an object is read over HTTP.
  func url(of key: String) throws(AWSError) -> String {
    let address = try client.address(of: .s3, for: "s3:GetObject")
    let host = isPath ? address.host : "\(name).\(address.host)"
    let path = PercentEncoding.encode(path(of: key), keepsSlashes: true)
    return "\(address.scheme)://\(host)\(address.prefix)\(path)"
  }

  /// A name with dots fits no certificate of `*.s3.…`, and an emulator has one host for all buckets.
  private var isPath: Bool { name.contains(".") || client.isOverridden(.s3) }

  private func path(of key: String) -> String { isPath ? "/\(name)/\(key)" : "/\(key)" }

  private func call(
    _ action: String, _ method: String, key: String, query: [AWSRequest.Field] = [],
    headers: [AWSRequest.Field] = [], body: [UInt8] = [], isRepeatable: Bool = true
  ) -> AWSCall {
    AWSCall(
      .s3, action, method: method, path: path(of: key), query: query, headers: headers, body: body,
      isRepeatable: isRepeatable, subdomain: isPath ? nil : name)
  }
}
