import RolloutCore
import Testing

struct ProofSmokeCheckTests {
  private func messages(_ answers: SmokeAnswer..., in smokeCase: SmokeCase) -> [String] {
    var tally = SmokeDefectTally()
    for answer in answers {
      for defect in smokeCase.defects(in: answer) { tally.add(defect) }
    }
    return tally.lines.map { "\($0.count)x \($0.message)" + ($0.source.map { " (\($0))" } ?? "") }
  }

  private func smokeCase(_ path: String, _ condition: SmokeAssertion.Condition) -> SmokeCase {
    SmokeCase(
      name: "a picture", contentType: "image/png", body: [], bodySource: "a.png",
      assertions: [SmokeAssertion(path: path, condition: condition, source: "images.yaml:12")])
  }

  private func json(_ document: JSONValue, status: Int = 200, milliseconds: Double = 1) -> SmokeAnswer {
    SmokeAnswer(status: status, body: .json(document), excerpt: document.text(), milliseconds: milliseconds)
  }

  private let below = SmokeAssertion.Condition.within([Comparison(.less, 0.1)])
  private let between = SmokeAssertion.Condition.within([Comparison(.greaterOrEqual, 0.1), Comparison(.less, 0.9)])

  @Test func `an answer as expected has no defect`() {
    let answer = json(.array([.object(["score": .number(0.05), "label": .string("safe")])]))
    #expect(messages(answer, in: smokeCase("$[0].score", below)).isEmpty)
    #expect(messages(answer, in: smokeCase("$[0].label", .equals(.string("safe")))).isEmpty)
    #expect(messages(answer, in: smokeCase("$[-1]", .exists)).isEmpty)
  }

  @Test func `a failed bound names path, bound, value and line`() {
    let answer = json(.array([.object(["score": .number(0.83)])]))
    #expect(
      messages(answer, in: smokeCase("$[0].score", below)) == [
        "1x expected $[0].score < 0.1, got 0.83 (images.yaml:12)"
      ])
    #expect(
      messages(json(.number(0.95)), in: smokeCase("$", between)) == [
        "1x expected $ >= 0.1 and < 0.9, got 0.95 (images.yaml:12)"
      ])
  }

  @Test(arguments: [
    (JSONValue.string("0.05"), "got a text: \"0.05\""),
    (.null, "got null"),
    (.bool(true), "got true or false: true"),
    (.object(["b": .number(2), "a": .number(1)]), "got an object: {\"a\":1,\"b\":2}"),
    (.number(.nan), "got NaN"),
    (.number(.infinity), "got inf"),
  ])
  func `what is not a number within the bound says what it is`(value: JSONValue, got: String) {
    #expect(messages(json(value), in: smokeCase("$", below)) == ["1x expected $ < 0.1, \(got) (images.yaml:12)"])
  }

  @Test func `a missing value says what is there`() {
    #expect(
      messages(json(.object(["safe": .number(1)])), in: smokeCase("$.nsfw", below)) == [
        "1x expected $.nsfw < 0.1, but $ has no nsfw, only safe (images.yaml:12)"
      ])
    #expect(
      messages(json(.object([:])), in: smokeCase("$.nsfw", .exists)) == [
        "1x expected $.nsfw to exist, but $ has no nsfw, it is empty (images.yaml:12)"
      ])
  }

  @Test func `an unequal value shows both, long ones cut`() {
    #expect(
      messages(json(.string("a \"dog\"\n")), in: smokeCase("$", .equals(.string("cat")))) == [
        "1x expected $ == \"cat\", got \"a \\\"dog\\\"\\n\" (images.yaml:12)"
      ])
    let long = messages(json(.string(String(repeating: "x", count: 1_000))), in: smokeCase("$", .equals(.null)))
    #expect(long == ["1x expected $ == null, got \"\(String(repeating: "x", count: 79))… (images.yaml:12)"])
  }

  @Test func `a path that is none is a failure of its own`() {
    #expect(
      messages(json(.null), in: smokeCase("nsfw", below)) == [
        "1x the path nsfw cannot be read: a path begins with $, the whole document (images.yaml:12)"
      ])
  }

  @Test func `another status is the only thing said about an answer`() {
    let answer = json(.object(["error": .string("no GPU")]), status: 500)
    #expect(
      messages(answer, in: smokeCase("$.nsfw", below)) == ["1x expected status 200, got 500: {\"error\":\"no GPU\"}"])
  }

  @Test func `an answer that is not JSON fails only if something is asserted`() {
    let answer = SmokeAnswer(
      status: 200, body: .other("it begins with <html>"), excerpt: "<html>", milliseconds: 1)
    #expect(
      messages(answer, in: smokeCase("$", .exists)) == [
        "1x expected JSON, but it begins with <html>: <html> (images.yaml:12)"
      ])
    var plain = smokeCase("$", .exists)
    plain.assertions = []
    #expect(messages(answer, in: plain).isEmpty)
  }

  @Test func `a slow answer fails by itself`() {
    var slow = smokeCase("$", .exists)
    slow.latencyMax = .milliseconds(200)
    #expect(messages(json(.null, milliseconds: 200), in: slow).isEmpty)
    #expect(
      messages(json(.null, milliseconds: 350.04), in: slow) == [
        "1x expected an answer within 200ms, got one after 350 ms"
      ])
  }

  @Test func `answers that fail alike are one line with a count and a range`() {
    let scores = messages(
      json(.number(0.9)), json(.number(0.2)), json(.string("high")), json(.number(0.4)), json(.number(0.05)),
      in: smokeCase("$", below))
    #expect(
      scores == [
        "3x expected $ < 0.1, got 0.2 to 0.9 (images.yaml:12)",
        "1x expected $ < 0.1, got a text: \"high\" (images.yaml:12)",
      ])
    let statuses = messages(
      json(.string("first"), status: 500), json(.string("second"), status: 500), in: smokeCase("$", below))
    #expect(statuses == ["2x expected status 200, got 500: \"first\""])
  }

  @Test(arguments: [(50.0, 3.0), (95, 5), (100, 5), (20, 1), (21, 2)])
  func `a percentile is the nearest rank`(rank: Double, value: Double) {
    #expect(percentile(rank, of: [5, 1, 4, 2, 3]) == value)
    #expect(percentile(rank, of: []) == nil)
    #expect(percentile(rank, of: [7]) == 7)
  }
}
