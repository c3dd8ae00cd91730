import RolloutCore
import Testing

struct ProofJSONPathTests {
  private let document: JSONValue = .object([
    "label": .string("cat"),
    "scores": .array([.number(0.1), .number(0.9)]),
    "odd name": .object(["it's": .bool(true)]),
    "größe": .null,
  ])

  @Test(arguments: [
    ("$.label", JSONValue.string("cat")),
    ("$.scores[0]", .number(0.1)),
    ("$.scores[-1]", .number(0.9)),
    ("$['label']", .string("cat")),
    ("$[\"odd name\"]['it\\'s']", .bool(true)),
    ("$.größe", .null),
  ])
  func `a path leads to its value`(path: String, value: JSONValue) throws {
    #expect(try JSONPath(path).value(in: document) == .success(value))
  }

  @Test func `the bare root is the whole document`() throws {
    #expect(try JSONPath("$").value(in: document) == .success(document))
  }

  @Test(arguments: [
    ("$.nsfw", "$ has no nsfw, only größe, label, odd name, scores"),
    ("$.scores[2]", "$.scores has 2 elements"),
    ("$.scores[-3]", "$.scores has 2 elements"),
    ("$.scores.best", "$.scores is an array"),
    ("$.label[0]", "$.label is a text"),
    ("$.größe.x", "$.größe is null"),
    ("$['odd name'].x", "$['odd name'] has no x, only it's"),
  ])
  func `a path that leaves the document says where`(path: String, message: String) throws {
    let miss = #expect(throws: JSONPathMiss.self) { try JSONPath(path).value(in: document).get() }
    #expect(miss?.description == message)
  }

  @Test(arguments: [
    ("", 0, "a path begins with $, the whole document"),
    ("label", 0, "a path begins with $, the whole document"),
    ("$label", 1, "expected .name, ['name'] or [0] after '$'"),
    ("$.", 2, "expected a name after '$.'"),
    ("$.a..b", 4, "expected a name after '$.a.'"),
    ("$[x]", 2, "expected a number or a quoted name after '$['"),
    ("$[]", 2, "expected a number or a quoted name after '$['"),
    ("$[+1]", 2, "expected a number or a quoted name after '$['"),
    ("$[99999999999999999999]", 2, "expected a number or a quoted name after '$['"),
    ("$['a", 4, "the quoted name has no end"),
    ("$['a'", 5, "expected ] after '$['a''"),
    ("$[0", 3, "expected ] after '$[0'"),
  ])
  func `what is no path is refused where it stops being one`(path: String, offset: Int, message: String) {
    let error = #expect(throws: JSONPathError.self) { try JSONPath(path) }
    #expect(error?.offset == offset)
    #expect(error?.message == message)
  }

  @Test(arguments: ["$", "$.a[0].b-c", "$['odd name'][-1]", "$['it\\'s']", "$['']"])
  func `a path is written as it is read`(path: String) throws {
    #expect(try JSONPath(path).description == path)
  }
}
