import RolloutCLI
import RolloutCore
import Testing

struct EntryTextTests {
  private let story = EyeCatcher.Story.everything

  /// The lines about one rollout, from its first to the one that ends it.
  private func lines(of id: String) throws -> String {
    var narrator = Narrator()
    let told = try story.entries.map { (entry: $0, line: try narrator.line($0)) }
    let rollout = try #require(story.state.rollout(named: id))
    return told.filter { (rollout.firstEvent...rollout.lastEvent).contains($0.entry.sequence) }.map(\.line)
      .joined(separator: "\n")
  }

  @Test func `every kind of event happens in the stories that are told`() {
    let entries = story.entries + EyeCatcher.Story.takenBack().entries
    #expect(Set(entries.map { kind($0.event) }).count == 25)
  }

  @Test func `an alarm's trip names what was measured and where the users are`() throws {
    var narrator = Narrator()
    let lines = try EyeCatcher.Story.takenBack().entries.map { try narrator.line($0) }
    #expect(
      lines.suffix(5).joined(separator: "\n") == """
        12:08:44  production  alarm model-errors tripped at 12:08:43: InvocationModelErrors Sum over 5m was 14 (> 5); users are back on the old version
        12:08:44  production  taking production back to version 7  started
        12:08:46  production  taking production back to version 7  done: stable is version 7
        12:08:46              rollout r2 rolled back after 8m46s: alarm model-errors tripped: InvocationModelErrors Sum over 5m was 14 (> 5)
        12:08:46              ci@build-7 (pid 4711) stops leading
        """)
  }

  @Test func `a rollout that gets stuck is told line by line`() throws {
    #expect(
      try lines(of: "r2") == """
        12:00:00              rollout r2 started by ci@build-7 (pid 4711): eye-catcher version 8 to staging, production, plan 1a2b3c4d5e6f
        12:00:00              ci@build-7 (pid 4711) leads
        12:00:01  staging     verify the model  started
        12:00:02  staging     evidence e10000000000 passed: digest ab8000000000 verified, approved by ben
        12:00:02  staging     verify the model  done: digest ab8000000000 verified, approved by ben
        12:00:02  staging     start the new version  started
        12:00:14  staging     start the new version  done: version 8 has 1 instance ready and 0% of traffic; stable is version 7
        12:00:14  staging     smoke tests  started
        12:00:16  staging     evidence e20000000000 passed: 2 of 2 smoke cases passed, slowest answer 58 ms
        12:00:16  staging     smoke tests  done: 2 of 2 smoke cases passed, slowest answer 58 ms
        12:00:16  staging     shift to 100%  started
        12:00:17  staging     shift to 100%  done: version 8 has 1 instance ready and 100% of traffic; stable is version 7
        12:00:18  staging     promote  started
        12:00:18  staging     promote  done: stable is version 8
        12:00:18  staging     revision 2 is live: eye-catcher version 8
        12:00:20  production  verify the model  started
        12:00:21  production  evidence e30000000000 passed: digest ab8000000000 verified, approved by ben
        12:00:21  production  verify the model  done: digest ab8000000000 verified, approved by ben
        12:01:10  production  waits for approval until 2026-08-04 12:01 UTC: rollout approve r2
        12:06:40  production  approved by release: looks good
        12:06:41  production  approval  done: approved by release
        12:06:42  production  start the new version  started
        12:06:56  production  start the new version  done: version 8 has 1 instance ready and 0% of traffic; stable is version 7
        12:07:50  production  smoke tests  started
        12:07:52  production  evidence e40000000000 passed: 2 of 2 smoke cases passed, slowest answer 61 ms
        12:07:52  production  smoke tests  done: 2 of 2 smoke cases passed, slowest answer 61 ms
        12:07:59  production  shift to 10%  started
        12:08:00  production  shift to 10%  done: version 8 has 1 instance ready and 10% of traffic; stable is version 7
        12:08:00  production  bake for 10m  started
        12:08:10              paused by maria: wait for Omar
        12:08:15              resumed by maria
        12:08:20  production  the new version lost its share, because nobody kept it: its traffic steps begin again
        12:08:21  production  shift to 10%  started
        12:09:00              runtime@build-7 (pid 4711) leads, because the one who led is gone
        12:09:01  production  shift to 10%  to be done again: found undone after a change of driver
        12:09:02  production  shift to 10%  started
        12:09:03  production  shift to 10%  failed: no ready canary
        12:09:04  production  shift to 10%  started, try 2
        12:09:05  production  shift to 10%  done: version 8 has 1 instance ready and 10% of traffic
        12:09:05  production  bake for 10m  started
        12:09:10  production  bake for 10m  ended early by maria
        12:09:20              rollback asked for by omar: users complain
        12:09:20              omar@build-7 (pid 4711) leads, taking over to turn the rollout round
        12:09:21  production  taking production back to version 7  started
        12:09:22  production  taking production back to version 7  failed: no connection
        12:09:21  production  taking production back to version 7  started, try 2
        12:09:22  production  taking production back to version 7  failed: no connection
        12:09:21  production  taking production back to version 7  started, try 3
        12:09:22  production  taking production back to version 7  failed: no connection
        12:09:21  production  taking production back to version 7  started, try 4
        12:09:22  production  taking production back to version 7  failed: no connection
        12:09:21  production  taking production back to version 7  started, try 5
        12:09:22  production  taking production back to version 7  failed: no connection
        12:09:23  production  stuck, a person must decide: taking production back failed 5 times; last: no connection
        12:10:00              omar says that it can go on being taken back: runtime is up again
        12:10:01  production  taking production back to version 7  started
        12:10:02  production  taking production back to version 7  done: stable is version 7
        12:10:02              rollout r2 rolled back after 10m2s: rollback asked for by omar: users complain
        """)
  }

  @Test func `a failing smoke test is told up to the way back`() throws {
    #expect(
      try lines(of: "r5") == """
        12:18:20              rollout r5 started by ci@build-7 (pid 4711): eye-catcher version 8 to staging, production, plan 1a2b3c4d5e6f
        12:18:20              ci@build-7 (pid 4711) leads
        12:18:21  staging     verify the model  started
        12:18:22  staging     evidence e10000000000 passed: digest ab8000000000 verified, approved by ben
        12:18:22  staging     verify the model  done: digest ab8000000000 verified, approved by ben
        12:18:22  staging     start the new version  started
        12:18:34  staging     start the new version  done: version 8 has 1 instance ready and 0% of traffic; stable is version 7
        12:18:34  staging     smoke tests  started
        12:18:36  staging     evidence e50000000000 failed: 1 of 2 smoke cases failed, first 'picture 2': expected status 200, got 500
        12:18:36  staging     smoke tests  failed: 1 of 2 smoke cases failed, first 'picture 2': expected status 200, got 500
        12:18:36  staging     turns round: 1 of 2 smoke cases failed, first 'picture 2': expected status 200, got 500
        12:18:36  staging     taking staging back to version 7  started
        12:18:38  staging     taking staging back to version 7  done: stable is version 7
        12:18:38              rollout r5 failed after 18s: 1 of 2 smoke cases failed, first 'picture 2': expected status 200, got 500
        """)
  }

  @Test func `a rollback is told line by line`() throws {
    #expect(
      try lines(of: "r6") == """
        12:20:00  staging  rollback r6 started by omar@build-7 (pid 4711): back to revision 1, eye-catcher version 7, because wrong labels
        12:20:00           omar@build-7 (pid 4711) leads
        12:20:00  staging  taking staging back to version 7  started
        12:20:01  staging  taking staging back to version 7  done: stable is version 7
        12:20:01           rollback r6 done after 1s: rollback asked for by omar: wrong labels
        """)
  }

  @Test func `decisions that nobody made and that somebody made end differently`() throws {
    #expect(
      try lines(of: "r3").hasSuffix(
        """
        12:13:20  production  the time for approval ended and nobody decided
        12:13:20              rollout r3 rejected after 1m40s: nobody approved it in time
        """))
    #expect(
      try lines(of: "r4").hasSuffix(
        """
        12:16:40  production  rejected by release: too slow
        12:16:41              rollout r4 rejected after 1m41s: rejected by release: too slow
        """))
  }

  @Test func `a line without a lane still says what happened`() {
    let entry = story.entries[6]
    #expect(EntryText.line(entry, LaneState()) == "10:00:50  a step  started")
  }

  private func kind(_ event: Event) -> Substring { "\(event)".prefix { $0 != "(" } }
}
