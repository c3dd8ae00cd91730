import RolloutEngine
import RolloutProof
import Testing

struct SmokeSummaryTests {
  private let summary = SmokeSummary([
    SmokeResult(
      suite: "images", name: "astronaut is safe", repetitions: 10, failures: [], latencyP50: 16.23, latencyP95: 21.5,
      latencyMax: 25, status: 200, answer: "{}"),
    SmokeResult(
      suite: "images", name: "a|b", repetitions: 10,
      failures: [
        .init(message: "expected $[0].score < 0.1, got 0.83", source: "images.yaml:12", count: 3),
        .init(message: "expected status 200, got 500: <b>\n", count: 1),
      ], latencyP50: 0.44, latencyP95: 0.5, latencyMax: 9.96, status: 200, answer: "{}"),
    SmokeResult(
      suite: "images", name: "silent", repetitions: 1, failures: [.init(message: "expected an answer, but none came")]),
  ])

  @Test func `the text form has a line for each case and its failures under it`() {
    #expect(
      summary.text == """
        1 of 3 smoke cases passed
          ok   astronaut is safe  10 times  p50 16 ms, p95 22 ms, max 25 ms
          FAIL a|b                10 times  p50 0.4 ms, p95 0.5 ms, max 10 ms
                 3 of 10: expected $[0].score < 0.1, got 0.83 (images.yaml:12)
                 1 of 10: expected status 200, got 500: <b>\u{20}
          FAIL silent             once  no answer
                 expected an answer, but none came
        """)
  }

  @Test func `the Markdown form cannot be broken by an answer`() {
    #expect(
      summary.markdown == #"""
        **1 of 3 smoke cases passed**

        | | case | repetitions | p50 | p95 | max |
        | --- | --- | ---: | ---: | ---: | ---: |
        | ✅ | images: astronaut is safe | 10 | 16 ms | 22 ms | 25 ms |
        | ❌ | images: a\|b | 10 | 0.4 ms | 0.5 ms | 10 ms |
        | ❌ | images: silent | 1 | – | – | – |

        - a\|b: 3 of 10: expected $\[0\].score \< 0.1, got 0.83 (images.yaml:12)
        - a\|b: 1 of 10: expected status 200, got 500: \<b\> 
        - silent: expected an answer, but none came
        """#)
  }

  @Test func `nothing run is said to be nothing`() {
    #expect(SmokeSummary([]).text == "no smoke cases ran")
  }
}
