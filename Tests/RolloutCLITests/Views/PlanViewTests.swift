import RolloutCLI
import RolloutCore
import Testing

struct PlanViewTests {
  private let upgrade = EyeCatcher.plan(
    EyeCatcher.inputs(packages: [EyeCatcher.seven, EyeCatcher.eight], lane: EyeCatcher.live(EyeCatcher.seven)))

  private func text(_ plan: Plan, _ style: Style = .plain) -> String {
    PlanView.text(plan, digest: EyeCatcher.planDigest, style: style)
  }

  @Test func `a plan for a new version reads in ten seconds`() {
    #expect(
      text(upgrade) == """
        ~ staging     eye-catcher-staging  version 7 → 8 (accuracy 0.60 → 0.62, size 300 → 290 MB)
          alarms that take it back
            model-errors  InvocationModelErrors Sum > 5 in 5 min, 1 of 1 datapoint
            cpu           CPUUtilization Average > 70 % in 5 min, 1 of 1 datapoint
          scaling   1…4 instances, target 70/min per instance, cooldowns 5m out / 10m in
            AlarmHigh  InvocationsPerInstance > 70 for 3 datapoints within 3 minutes
            AlarmLow   InvocationsPerInstance < 63 for 15 datapoints within 15 minutes
          strategy  100% (old version kept warm 1h), no bake
          gates     accuracy is 0.62, required >= 0.6
                    2 smoke cases

        ~ production  eye-catcher-prod     version 7 → 8 (accuracy 0.60 → 0.62, size 300 → 290 MB)
          alarms that take it back
            model-errors  InvocationModelErrors Sum > 5 in 5 min, 1 of 1 datapoint
            cpu           CPUUtilization Average > 70 % in 5 min, 1 of 1 datapoint
          scaling   1…4 instances, target 70/min per instance, cooldowns 5m out / 10m in
            AlarmHigh  InvocationsPerInstance > 70 for 3 datapoints within 3 minutes
            AlarmLow   InvocationsPerInstance < 63 for 15 datapoints within 15 minutes
          strategy  10% 10m → 50% 10m → 100% 10m (old version kept warm 1h), 30m of bakes
          gates     accuracy is 0.62, required >= 0.6
                    2 smoke cases
                    approval by release, not whoever starts it, within 72h

        Plan: 2 environments change (staging, production), 30m of bakes, 1 approval. Digest 1a2b3c4d5e6f.
        """)
  }

  @Test func `nothing but line breaks changes in eighty columns`() {
    let narrow = text(upgrade, Style(width: 80))
    #expect(narrow.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(words(narrow) == words(text(upgrade)))
    #expect(narrow.contains("    AlarmLow   InvocationsPerInstance < 63 for 15 datapoints within 15 minutes\n"))
  }

  @Test func `colours change nothing else`() {
    let colored = text(upgrade, Style(color: true))
    #expect(colored.hasPrefix("\u{1B}[33m~\u{1B}[0m \u{1B}[1mstaging   \u{1B}[0m  eye-catcher-staging"))
    #expect(colored.replacing(/\u{1B}\[[0-9]+m/, with: "") == text(upgrade))
  }

  @Test func `a terminal without Unicode gets none`() {
    #expect(text(upgrade, Style(unicode: false)).allSatisfy { $0.isASCII })
  }

  @Test(arguments: [80, 120]) func `no line ends in a blank`(width: Int) {
    let lines = text(upgrade, Style(width: width)).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
  }

  /// MISSION.md, row 1: errors, CPU, high and low, for staging and for production.
  @Test func `the plan for EyeCatcher shows its eight alarms with exactly their conditions`() throws {
    let conditions = [
      "model-errors  InvocationModelErrors Sum > 5 in 5 min, 1 of 1 datapoint",
      "cpu           CPUUtilization Average > 70 % in 5 min, 1 of 1 datapoint",
      "AlarmHigh  InvocationsPerInstance > 70 for 3 datapoints within 3 minutes",
      "AlarmLow   InvocationsPerInstance < 63 for 15 datapoints within 15 minutes",
    ]
    for plan in [upgrade, EyeCatcher.plan(EyeCatcher.inputs())] {
      let blocks = text(plan).split(separator: "\n\n")
      let staging = try #require(blocks.first { $0.contains(" staging ") })
      let production = try #require(blocks.first { $0.contains(" production ") })
      for block in [staging, production] {
        let shown = block.split(separator: "\n").filter { $0.hasPrefix("    ") && !$0.hasPrefix("     ") }
        #expect(shown.map { $0.dropFirst(4) } == conditions.map { $0[...] })
      }
    }
  }

  private func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
}
