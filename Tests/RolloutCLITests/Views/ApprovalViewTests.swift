import RolloutCLI
import RolloutCore
import RolloutEngine
import Testing

struct ApprovalViewTests {
  private func text(_ story: EyeCatcher.Story, documents: [Digest: EvidenceDocument], width: Int = 80) throws -> String
  {
    ApprovalView.text(
      try #require(story.state.liveRollout), plan: EyeCatcher.upgrade, digest: EyeCatcher.planDigest,
      documents: documents, now: EyeCatcher.time(130), style: Style(width: width))
  }

  @Test func `an approver sees the change, the proof, what follows and who decides`() throws {
    #expect(
      try text(.atGate(), documents: EyeCatcher.documents) == """
        Rollout r2 waits for approval for production.
        Started by ci@build-7 (pid 4711) on 2026-08-01 12:00 UTC, plan 1a2b3c4d5e6f.

        What changes
          eye-catcher version 7 → 8 (accuracy 0.60 → 0.62, size 300 → 290 MB)
          model digest ab8000000000

        What was measured
          ✓ staging, model: digest ab8000000000 verified, approved by ben
          ✓ staging, smoke tests: 2 of 2 smoke cases passed, slowest answer 58 ms
            ✓ images: picture 1, 20 requests, p50 12 ms, p95 40 ms, max 58 ms
              200 {
                "class": "SFW",
                "confidence": 0.97
          ✓ production, model: digest ab8000000000 verified, approved by ben

        What happens when it is approved
           +0s  start the new version
           +0s  smoke tests
           +0s  10% of the traffic to the new version
          +10m  50% of the traffic to the new version
          +20m  100% of the traffic to the new version
          +30m  done; the old version stays warm for 1h
          It goes back to version 7 by itself when one of these trips: model-errors,
          cpu.

        Who decides
          1 approval by release, not by ci, who started it.
          Open until 2026-08-04 12:01 UTC, 2d23h from now.
          A decision is about evidence fe3000000000; when that changes it is void.
        """)
  }

  @Test func `evidence that cannot be read is not passed over`() throws {
    #expect(try text(.atGate(), documents: [:]).contains("    what was measured is not in the journal's store\n"))
  }

  @Test func `a model's answer cannot steer the approver's terminal`() throws {
    var documents = EyeCatcher.documents
    documents[EyeCatcher.digest("e2")] = EyeCatcher.document("staging", smoke: EyeCatcher.smoke)
    let text = try text(.atGate(), documents: documents)
    #expect(!text.contains("\u{1B}"))
    #expect(text.contains("      expected $.nsfw < 0.1, got 0.83 (images.yaml:12), 3 of 20\n"))
  }

  @Test func `every line fits`() throws {
    for width in [60, 80, 120] {
      let lines = try text(.atGate(), documents: EyeCatcher.documents, width: width).split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= width })
    }
  }
}
