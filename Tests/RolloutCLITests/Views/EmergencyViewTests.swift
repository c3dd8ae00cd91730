import RolloutCLI
import RolloutCore
import RolloutRuntime
import Testing

struct EmergencyViewTests {
  private func answer(
    restored: Digest? = nil, isOnItsWay: Bool? = nil, isNew: Bool = true, before: EndpointObservation,
    after: EndpointObservation
  ) -> EmergencyView.Answer {
    let emergency = Emergency(
      id: "e1a2b3c4d", environment: "production", endpoint: "production", restored: restored, isOnItsWay: isOnItsWay,
      by: "omar", reason: "wrong labels", at: EyeCatcher.time(600))
    return EmergencyView.Answer(
      runtime: "/srv/runtime", EmergencyAnswer(emergency: emergency, isNew: isNew, before: before, after: after))
  }

  @Test func `a canary that was taken away is told with its share, and what comes next`() {
    let text = EmergencyView.text(
      answer(before: EyeCatcher.baking(), after: EyeCatcher.serving()), style: Style(width: 100))
    #expect(
      text == """
        In production, version 8, which had 10% of traffic, was taken away: everybody is on version 7.
        production is sealed (e1a2b3c4d): it obeys nobody until the journal knows of this. The runtime tells
          it as soon as it can be written again; so does `rollout apply`, and so does `rollout rollback`.
        """)
  }

  @Test func `one that the journal was told of is shown and listed`() throws {
    var story = EyeCatcher.Story.takenBack()
    let emergency = answer(before: EyeCatcher.serving(), after: EyeCatcher.serving()).outcome.emergency
    story.write(.emergencyReverted(emergency), at: 660, by: "runtime")
    let entry = try #require(story.entries.last)
    #expect(
      EmergencyView.told(entry, style: .plain) == """
        e1a2b3c4d  production: emergency rollback of production
          done  2026-08-01 12:10 UTC by omar
          why   wrong labels
          what  whatever was new was taken away, and what served before stayed
          told  2026-08-01 12:11 UTC by runtime@build-7 (pid 4711), entry \(entry.sequence)
        """)
    #expect(
      HistoryView.text(story.state, style: .plain).hasSuffix(
        "Emergency rollbacks\ne1a2b3c4d  2026-08-01 12:10  production by omar: wrong labels"))
    #expect(try HistoryView.json(story.state).contains(#""emergency" : "e1a2b3c4d""#))
  }

  @Test func `what was done is told apart for people and for programs`() throws {
    var starting = EyeCatcher.serving()
    starting.standby = EyeCatcher.baking().canary?.fleet
    let serving = EyeCatcher.serving()
    let cases: [(EmergencyView.Answer, String, String)] = [
      (
        answer(restored: serving.stable?.revision, before: serving, after: serving), "everybody is back on version 7",
        "standbyTookOver"
      ),
      (
        answer(restored: starting.standby?.revision, isOnItsWay: true, before: serving, after: starting),
        "version 8 starts and takes over as soon as it is ready; version 7 serves meanwhile", "standbyStarts"
      ),
      (answer(isNew: false, before: serving, after: serving), "was sealed already", "sealedBefore"),
    ]
    for (answer, words, action) in cases {
      #expect(EmergencyView.text(answer, style: Style(width: 200)).contains(words))
      #expect(try EmergencyView.json([answer]).contains(#""action" : "\#(action)""#))
    }
  }
}
