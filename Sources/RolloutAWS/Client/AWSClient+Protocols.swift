import RolloutCore
import RolloutDigest

/// The protocols in which AWS's services are asked.
extension AWSClient {
  /// awsJson: `target` is `SageMaker`, of `SageMaker.ListModelPackages`. An operation that answers nothing is read as an
  /// empty object.
  func json<Output: Decodable>(
    _ service: AWSService, _ target: String, _ operation: String, _ input: some Encodable, version: String = "1.1",
    headers: [AWSRequest.Field] = [], isRepeatable: Bool = true
  ) async throws(AWSError) -> Output {
    let body: [UInt8]
    do { body = try CanonicalJSON.bytes(input) } catch {
      preconditionFailure("requests hold nothing that JSON cannot say: \(error)")
    }
    let call = AWSCall(
      service, "\(service.policyName):\(operation)",
      headers: [
        AWSRequest.Field("Content-Type", "application/x-amz-json-\(version)"),
        AWSRequest.Field("X-Amz-Target", "\(target).\(operation)"),
      ] + headers, body: body, isRepeatable: isRepeatable)
    let answer = try await send(call)
    do { return try CanonicalJSON.value(Output.self, from: answer.body.isEmpty ? Array("{}".utf8) : answer.body) } catch
    {
      throw unreadable(call, "it is not the JSON that \(operation) answers")
    }
  }

  /// AWS Query: a form goes there, XML comes back, and what it holds stands in `<operation>Result`.
  func query(
    _ service: AWSService, version: String, _ operation: String, _ form: [(String, String)],
    isRepeatable: Bool = true, isUnsigned: Bool = false
  ) async throws(AWSError) -> XMLElement {
    let fields = [("Action", operation), ("Version", version)] + form
    let body = fields.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    let call = AWSCall(
      service, "\(service.policyName):\(operation)",
      headers: [AWSRequest.Field("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
      body: Array(body.utf8), isRepeatable: isRepeatable, isUnsigned: isUnsigned)
    let answer = try await send(call)
    guard let document = XMLElement(answer.body) else { throw unreadable(call, "it is not XML") }
    return document["\(operation)Result"] ?? document
  }

  func unreadable(_ call: AWSCall, _ reason: String) -> AWSError {
    AWSError(action: call.action, region: region, host: call.service.host, failure: .unreadable(reason))
  }

  /// All that an operation lists, or as much of it as is enough. A service that gives the same place twice would be
  /// asked for ever.
  func pages<Item: Sendable>(
    of action: String, isEnough: ([Item]) -> Bool = { _ in false },
    _ page: (String?) async throws(AWSError) -> (items: [Item], next: String?)
  ) async throws(AWSError) -> [Item] {
    var items: [Item] = []
    var token: String?
    var seen: Set<String> = []
    repeat {
      let (more, next) = try await page(token)
      items += more
      if isEnough(items) { return items }
      token = next.flatMap { $0.isEmpty ? nil : $0 }
      if let token, !seen.insert(token).inserted || seen.count > Self.pagesMax {
        throw AWSError(
          action: action, region: region, host: "AWS",
          failure: .unreadable("the list does not end: page \(seen.count + 1) leads back to an earlier one"))
      }
    } while token != nil
    return items
  }

  private static let pagesMax = 10_000
}
