import FoundationEssentials
package import RolloutCore

/// One spelling of a value as JSON: keys sorted, no white space, slashes as they are. Digests and journal rows are
/// made from it.
package enum CanonicalJSON {
  package static func bytes(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  package static func digest(_ value: some Encodable) throws -> Digest { Digest(of: try bytes(value)) }

  package static func value<T: Decodable>(_ type: T.Type, from bytes: some Collection<UInt8>) throws -> T {
    try JSONDecoder().decode(type, from: Data(bytes))
  }

  /// For what a program of ours wrote and there is much of. Members are looked for one by one, which suits our objects
  /// and not those with thousands of members that anybody may send.
  package static func ownValue<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
    try T(from: TapeDecoder(tape: try JSONTape(bytes), index: 0))
  }

  /// The same document for people: sorted, indented.
  package static func pretty(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
