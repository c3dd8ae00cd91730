import Foundation
import RolloutCore
import RolloutDigest
import Testing

/// The decoder for our own documents, held to what Foundation's makes of the same bytes.
@Suite struct OwnValueTests {
  private struct Everything: Codable, Equatable {
    enum Case: Codable, Equatable {
      case plain
      case named(name: String, count: Int?)
      case unnamed(Double, [Bool])
    }

    var text = "déjà \"vu\" \\ / \n\t\u{1} 🙂"
    var numbers: [Int64] = [0, -1, .min, .max]
    var large = UInt64.max
    var fractions = [0.1, -1e300, 3, 1e-7, 123_456_789.123]
    var absent: String?
    var present: String? = ""
    var empty: [String: [Int]] = [:]
    var nested = ["a": [1, 2], "b": []]
    var cases: [Case] = [
      .plain, .named(name: "x", count: nil), .named(name: "", count: 3), .unnamed(0.5, [true, false]),
    ]
    var time = Timestamp(milliseconds: 1_785_585_600_123)
    var digest = Digest(of: "x")
    var json = JSONValue.object(["a": .array([.null, .bool(true), .number(1.5), .string("\u{7f}")])])
  }

  @Test func `what was written is read back`() throws {
    let value = Everything()
    #expect(try CanonicalJSON.ownValue(Everything.self, from: try CanonicalJSON.bytes(value)) == value)
    let pretty = Array(try CanonicalJSON.pretty(value).utf8)
    #expect(try CanonicalJSON.ownValue(Everything.self, from: pretty) == value)
  }

  static let documents = [
    "null", "true", "-0", "1e3", "1E-2", "12345678901234567890", "[]", "{}", " [1 , 2 ] ", #""\u00e9\ud83d\ude42\/\b""#,
    #"{"a":{"a":1},"\u0062":2}"#, "[[[[[]]]]]",
    // Malformed.
    "", "nul", "{,}", #"{"a"}"#, #"{"a":}"#, "[1 2]", "01", "-", "1.", "1e", "+1", #""open"#, #""\x""#,
    #""\ud83d""#,
    "[1]]", "\"\n\"", "{1:2}", "[", "{\"a\":1", "tru", "\"\u{0}\"",
  ]

  @Test(arguments: documents) func `any document is read, or refused, as Foundation does`(document: String) throws {
    let bytes = Array(document.utf8)
    let theirs = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    let ours = try? CanonicalJSON.ownValue(JSONValue.self, from: bytes)
    #expect(ours == theirs)
  }

  @Test(arguments: ["256", "-1", "1.5", "\"1\"", "null", "1e400", "99999999999999999999"])
  func `a number that is none of the kind asked for is refused`(document: String) {
    #expect(throws: (any Error).self) { try CanonicalJSON.ownValue(UInt8.self, from: Array(document.utf8)) }
  }

  @Test func `a comma with nothing behind it, which Foundation lets pass, is refused`() {
    #expect(throws: (any Error).self) { try CanonicalJSON.ownValue([Int].self, from: Array("[1,]".utf8)) }
  }

  @Test func `bytes that are no text are refused`() {
    #expect(throws: (any Error).self) { try CanonicalJSON.ownValue(String.self, from: [0x22, 0xff, 0xfe, 0x22]) }
  }

  @Test func `a document without a bottom is refused`() {
    let document = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: (any Error).self) { try CanonicalJSON.ownValue(JSONValue.self, from: document) }
  }
}
