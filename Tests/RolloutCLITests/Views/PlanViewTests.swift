import RolloutCLI
import RolloutCore
import RolloutDigest
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

  @Test func `a first deployment shows the model's figures and a plan nothing to go back to`() {
    let first = text(EyeCatcher.plan(EyeCatcher.inputs()))
    #expect(
      first.contains(
        "+ production  eye-catcher-prod     version 7 (accuracy 0.60, size 300 MB) first deployment\n"))
    #expect(first.contains("  strategy  100% 10m, 10m of bakes\n"))
  }

  @Test func `a change of the configuration shows both values`() {
    var production = EyeCatcher.production
    production.endpoint.instances = 2
    production.alarms[0].threshold = Comparison(.greater, 3)
    let plan = EyeCatcher.plan(
      EyeCatcher.inputs([EyeCatcher.staging, production], lane: EyeCatcher.live(EyeCatcher.seven)))
    #expect(
      text(plan).hasPrefix(
        """
        = staging     eye-catcher-staging  version 7, no change; proved again for what follows

        ~ production  eye-catcher-prod     version 7 stays, 2 settings change
          configuration
            endpoint.instances  1 → 2
            alarm model-errors  InvocationModelErrors Sum > 5 in 5 min, 1 of 1 datapoint, rolls back, missing data notBreaching
              → InvocationModelErrors Sum > 3 in 5 min, 1 of 1 datapoint, rolls back, missing data notBreaching
          alarms that take it back
        """))
    #expect(
      text(plan).hasSuffix("Plan: 1 environment changes (production), 30m of bakes, 1 approval. Digest 1a2b3c4d5e6f."))
  }

  @Test func `alarms that only report are set apart, and a plan without a guard says so`() {
    var production = EyeCatcher.production
    production.alarms[1].rollback = false
    #expect(
      text(EyeCatcher.plan(EyeCatcher.inputs([production]))).contains(
        """
          alarms that only report
            cpu  CPUUtilization Average > 70 % in 5 min, 1 of 1 datapoint
        """))
    production.alarms = []
    #expect(text(EyeCatcher.plan(EyeCatcher.inputs([production]))).contains("  no alarm takes it back\n"))
  }

  @Test func `the build that goes out says why`() {
    var production = EyeCatcher.production
    production.model.variants = VariantRule(prefer: "quantised", accuracyDropMax: EyeCatcher.percent(5))
    production.model.requirements = []
    let plan = text(EyeCatcher.plan(EyeCatcher.inputs([production])))
    #expect(plan.contains("version 7 (quantised) (accuracy 0.59, size 75 MB) first deployment"))
    #expect(plan.contains("  build     quantised, whose accuracy is 1.7% lower (at most 5%)\n"))
  }

  @Test func `no changes take one line`() {
    let plan = EyeCatcher.plan(EyeCatcher.inputs(lane: EyeCatcher.live(EyeCatcher.seven)))
    #expect(text(plan) == "No changes. Staging and production are as the files say.")
    #expect(
      PlanView.markdown(plan, digest: EyeCatcher.planDigest).hasSuffix(
        "\n\nNo changes. Staging and production are as the files say."))
  }

  @Test func `problems come all at once, each with its help`() {
    let problems = [
      PlanProblem(environment: "staging", message: "no version of eye-catcher is approved", help: "approve one"),
      PlanProblem(environment: "production", message: "it fell\nover", help: "pick it up"),
    ]
    #expect(
      PlanView.problems(problems, style: .plain) == """
        No plan: 2 problems.

          staging: no version of eye-catcher is approved
            help: approve one

          production: it fell over
            help: pick it up
        """)
  }

  @Test func `a pull request gets tables and folded details`() {
    #expect(
      PlanView.markdown(upgrade, digest: EyeCatcher.planDigest).hasPrefix(
        """
        <!-- rollout plan: eye-catcher -->
        ## Plan for eye-catcher

        Plan: 2 environments change (staging, production), 30m of bakes, 1 approval. Digest 1a2b3c4d5e6f.

        ### `~` staging: `eye-catcher-staging`

        version 7 → 8 (accuracy 0.60 → 0.62, size 300 → 290 MB)

        | | from | to |
        | --- | --- | --- |
        | version | 7 | 8 |
        | accuracy | 0.60 | 0.62 |
        | size | 300 MB | 290 MB |

        Strategy: 100% (old version kept warm 1h), no bake.

        <details>
        <summary>4 alarms, 2 gates</summary>

        | alarm | condition | then |
        | --- | --- | --- |
        | model-errors | InvocationModelErrors Sum > 5 in 5 min, 1 of 1 datapoint | takes it back |
        | cpu | CPUUtilization Average > 70 % in 5 min, 1 of 1 datapoint | takes it back |
        | AlarmHigh | InvocationsPerInstance > 70 for 3 datapoints within 3 minutes | scales |
        | AlarmLow | InvocationsPerInstance &lt; 63 for 15 datapoints within 15 minutes | scales |

        Scaling: 1…4 instances, target 70/min per instance, cooldowns 5m out / 10m in.

        Gates:

        - accuracy is 0.62, required >= 0.6
        - 2 smoke cases

        </details>
        """))
  }

  @Test func `a value cannot break out of its cell`() {
    var production = EyeCatcher.production
    production.endpoint.instances = 2
    var plan = EyeCatcher.plan(EyeCatcher.inputs([production], lane: EyeCatcher.live(EyeCatcher.seven)))
    plan.stages[0].configuration[0].to = "a | b\n<script>"
    let markdown = PlanView.markdown(plan, digest: EyeCatcher.planDigest)
    #expect(markdown.contains("| `endpoint.instances` | <code>1</code> | <code>a \\| b &lt;script></code> |"))
  }

  @Test func `a printed plan is read back as it was`() throws {
    let json = try PlanView.json(upgrade, digest: EyeCatcher.planDigest)
    #expect(json.contains(#""schema" : "rollout/plan/1""#))
    let document = try CanonicalJSON.value(PlanDocument.self, from: Array(json.utf8))
    #expect(document == PlanDocument(digest: EyeCatcher.planDigest, plan: upgrade))
  }

  private func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
}
