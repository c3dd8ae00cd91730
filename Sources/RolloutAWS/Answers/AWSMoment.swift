import RolloutCore

/// A moment as AWS's JSON writes it: seconds since 1970, or text. What cannot be read is no moment, rather than a
/// reason to read nothing at all.
struct AWSMoment: Decodable {
  var timestamp: Timestamp?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let seconds = try? container.decode(Double.self) {
      timestamp = Timestamp(epochSeconds: seconds)
    } else {
      timestamp = (try? container.decode(String.self)).flatMap { Timestamp(awsText: $0) }
    }
  }
}

extension KeyedDecodingContainer {
  func moment(_ key: Key) throws -> Timestamp? { try decodeIfPresent(AWSMoment.self, forKey: key)?.timestamp }

  /// A list that is not there has nothing in it.
  func list<Item: Decodable>(_ key: Key) throws -> [Item] { try decodeIfPresent([Item].self, forKey: key) ?? [] }

  func text(_ key: Key) throws -> String { try decodeIfPresent(String.self, forKey: key) ?? "" }
}

/// The answer of an operation that has nothing to say.
struct NoContent: Decodable {}

extension AWSError {
  /// The answer says that what was asked about does not exist. AWS has no code for that in the services where it matters.
  var saysAbsent: Bool {
    guard let refusal = failure.refusal else { return false }
    return Self.absenceCodes.contains(refusal.code)
      && ["Could not find", "does not exist", "not found"].contains { refusal.message.contains($0) }
  }

  private static let absenceCodes: Set = [
    "ValidationException", "ValidationError", "ResourceNotFound", "ResourceNotFoundException",
  ]
}
