import RolloutCLI
import RolloutCore
import Testing

struct HistoryViewTests {
  private let state = EyeCatcher.Story.everything.state

  @Test func `the past is a table with a reason under whatever ended badly`() throws {
    #expect(
      HistoryView.text(state, style: Style(width: 120)) == """
        rollout  started (UTC)     took   by    outcome      what
        r1       2026-08-01 10:00  2m     ci    promoted     staging, production: eye-catcher version 7
        r2       2026-08-01 12:00  10m2s  ci    rolled back  staging, production: eye-catcher version 8
          rollback asked for by omar: users complain
        r3       2026-08-01 12:11  1m40s  ci    rejected     staging, production: eye-catcher version 8
          nobody approved it in time
        r4       2026-08-01 12:15  1m41s  ci    rejected     staging, production: eye-catcher version 8
          rejected by release: too slow
        r5       2026-08-01 12:18  18s    ci    failed       staging, production: eye-catcher version 8
          1 of 2 smoke cases failed, first 'picture 2': expected status 200, got 500
        r6       2026-08-01 12:20  1s     omar  done         staging: back to eye-catcher version 7
          rollback asked for by omar: wrong labels
        """)
  }

  @Test func `a narrow terminal shows what it was about under the figures`() throws {
    #expect(
      HistoryView.text(state, style: Style(width: 80)) == """
        rollout  started (UTC)     took   by    outcome
        r1       2026-08-01 10:00  2m     ci    promoted
          staging, production: eye-catcher version 7
        r2       2026-08-01 12:00  10m2s  ci    rolled back
          staging, production: eye-catcher version 8
          rollback asked for by omar: users complain
        r3       2026-08-01 12:11  1m40s  ci    rejected
          staging, production: eye-catcher version 8
          nobody approved it in time
        r4       2026-08-01 12:15  1m41s  ci    rejected
          staging, production: eye-catcher version 8
          rejected by release: too slow
        r5       2026-08-01 12:18  18s    ci    failed
          staging, production: eye-catcher version 8
          1 of 2 smoke cases failed, first 'picture 2': expected status 200, got 500
        r6       2026-08-01 12:20  1s     omar  done
          staging: back to eye-catcher version 7
          rollback asked for by omar: wrong labels
        """)
  }

  @Test func `a rollout under way stands last`() {
    let text = HistoryView.text(EyeCatcher.Story.atGate().state, style: .plain)
    #expect(text.hasSuffix("under way  staging, production: eye-catcher version 8"))
  }

  @Test func `without a past there is nothing to show`() {
    #expect(HistoryView.text(LaneState(), style: .plain) == "No rollout yet.")
  }

  @Test func `the document tells a rollback from a rollout that was rolled back`() throws {
    let json = try HistoryView.json(state)
    #expect(json.contains(#""schema" : "rollout/history/1""#))
    #expect(json.contains(#""causeCode" : "proof""#))
    #expect(json.contains(#""kind" : "rollback""#))
    #expect(json.contains(#""durationSeconds" : 602"#))
  }
}
