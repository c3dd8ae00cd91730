import RolloutCLI
import RolloutCore
import Testing

struct ShowViewTests {
  private func parts(_ story: EyeCatcher.Story, _ id: String) throws -> (entries: [Entry], before: LaneState) {
    let last = try story.state.rollout(named: id).map(\.lastEvent) ?? #require(story.state.liveRollout).firstEvent + 999
    let first = try story.state.rollout(named: id).map(\.firstEvent) ?? #require(story.state.liveRollout).firstEvent
    return (
      story.entries.filter { (first...last).contains($0.sequence) },
      try LaneState.folding(story.entries.prefix { $0.sequence < first })
    )
  }

  private func text(_ story: EyeCatcher.Story, _ id: String, width: Int = 120) throws -> String {
    let (entries, before) = try parts(story, id)
    return ShowView.text(entries, before: before, documents: EyeCatcher.documents, style: Style(width: width))
  }

  @Test func `a rollout that was taken back is told with every reason`() throws {
    #expect(
      try text(.takenBack(), "r2") == """
        r2  staging, production: eye-catcher version 8
          started  2026-08-01 12:00 UTC by ci@build-7 (pid 4711)
          plan     1a2b3c4d5e6f
          outcome  rolled back after 8m46s, because alarm model-errors tripped: InvocationModelErrors Sum over 5m was 14 (> 5)

           +0s              rollout r2 started by ci@build-7 (pid 4711): eye-catcher version 8 to staging, production, plan
                              1a2b3c4d5e6f
           +0s              ci@build-7 (pid 4711) leads
           +2s  staging     evidence e10000000000 passed: digest ab8000000000 verified, approved by ben
           +2s  staging     verify the model: done after 1s
          +14s  staging     start the new version: done after 12s, version 8 has 1 instance ready and 0% of traffic; stable is
                              version 7
          +16s  staging     evidence e20000000000 passed: 2 of 2 smoke cases passed, slowest answer 58 ms
                              ✓ images: picture 1, 20 requests, p50 12 ms, p95 40 ms, max 58 ms
          +16s  staging     smoke tests: done after 2s
          +17s  staging     shift to 100%: done after 1s, version 8 has 1 instance ready and 100% of traffic; stable is version
                              7
          +18s  staging     promote: done, stable is version 8
          +18s  staging     revision 2 is live: eye-catcher version 8
          +21s  production  evidence e30000000000 passed: digest ab8000000000 verified, approved by ben
          +21s  production  verify the model: done after 1s
        +1m10s  production  waits for approval until 2026-08-04 12:01 UTC: rollout approve r2
        +6m40s  production  approved by release: looks good
        +6m41s  production  approval: done, approved by release
        +6m56s  production  start the new version: done after 14s, version 8 has 1 instance ready and 0% of traffic; stable is
                              version 7
        +7m52s  production  evidence e40000000000 passed: 2 of 2 smoke cases passed, slowest answer 61 ms
                              ✓ images: picture 1, 20 requests, p50 12 ms, p95 40 ms, max 58 ms
        +7m52s  production  smoke tests: done after 2s
           +8m  production  shift to 10%: done after 1s, version 8 has 1 instance ready and 10% of traffic; stable is version 7
        +8m44s  production  alarm model-errors tripped at 12:08:43: InvocationModelErrors Sum over 5m was 14 (> 5); users are
                              back on the old version
        +8m46s  production  taking production back to version 7: done after 2s, stable is version 7
        +8m46s              rollout r2 rolled back after 8m46s: alarm model-errors tripped: InvocationModelErrors Sum over 5m
                              was 14 (> 5)
        """)
  }

  @Test func `a failing smoke test is told with its case, its line and its answer`() throws {
    #expect(
      try text(.everything, "r5", width: 80) == """
        r5  staging, production: eye-catcher version 8
          started  2026-08-01 12:18 UTC by ci@build-7 (pid 4711)
          plan     1a2b3c4d5e6f
          outcome  failed after 18s, because 1 of 2 smoke cases failed, first 'picture
                   2': expected status 200, got 500

         +0s              rollout r5 started by ci@build-7 (pid 4711): eye-catcher
                            version 8 to staging, production, plan 1a2b3c4d5e6f
         +0s              ci@build-7 (pid 4711) leads
         +2s  staging     evidence e10000000000 passed: digest ab8000000000 verified,
                            approved by ben
         +2s  staging     verify the model: done after 1s
        +14s  staging     start the new version: done after 12s, version 8 has 1
                            instance ready and 0% of traffic; stable is version 7
        +16s  staging     evidence e50000000000 failed: 1 of 2 smoke cases failed, first
                            'picture 2': expected status 200, got 500
                            ✓ images: picture 1, 20 requests, p50 12 ms, p95 40 ms, max
                              58 ms
                            ✗ images: picture 2, 20 requests, p50 13 ms, p95 41 ms, max
                              61 ms
                              expected $.nsfw < 0.1, got 0.83 (images.yaml:12), 3 of 20
                              200 {"nsfw": 0.83}�[2J
        +16s  staging     smoke tests: failed after 2s
        +16s  staging     turns round: 1 of 2 smoke cases failed, first 'picture 2':
                            expected status 200, got 500
        +18s  staging     taking staging back to version 7: done after 2s, stable is
                            version 7
        +18s              rollout r5 failed after 18s: 1 of 2 smoke cases failed, first
                            'picture 2': expected status 200, got 500
        """)
  }

  @Test func `a rollback is told in four lines`() throws {
    #expect(
      try text(.everything, "r6") == """
        r6  staging: back to eye-catcher version 7
          started  2026-08-01 12:20 UTC by omar@build-7 (pid 4711)
          outcome  done after 1s, because rollback asked for by omar: wrong labels

        +0s  staging  rollback r6 started by omar@build-7 (pid 4711): back to revision 1, eye-catcher version 7, because wrong
                        labels
        +0s           omar@build-7 (pid 4711) leads
        +1s  staging  taking staging back to version 7: done after 1s, stable is version 7
        +1s           rollback r6 done after 1s: rollback asked for by omar: wrong labels
        """)
  }

  @Test func `a rollout under way ends with what it is doing`() throws {
    let text = try text(.baking(), "r2")
    #expect(text.contains("\n  outcome  under way\n"))
    #expect(text.hasSuffix("production  bake for 10m: under way since 12:08:00"))
  }

  @Test func `evidence that is not at hand does not hide the rest`() throws {
    let (entries, before) = try parts(.takenBack(), "r2")
    let bare = ShowView.text(entries, before: before, documents: [:], style: .plain)
    let full = try text(.takenBack(), "r2")
    #expect(full.split(separator: "\n").filter { !$0.contains("✓ images") } == bare.split(separator: "\n"))
  }

  @Test func `the document holds the events and what was measured`() throws {
    let (entries, before) = try parts(.takenBack(), "r2")
    let json = try ShowView.json(entries, before: before, documents: EyeCatcher.documents)
    for line in [
      #""schema" : "rollout/show/1""#, #""outcome" : "rolledBack""#, #""causeCode" : "alarm""#,
      #""type" : "guardTripped""#, #""digest" : "sha256:e2"#, #""latencyP95" : 40"#,
    ] { #expect(json.contains(line), "\(line)") }
  }
}
