import ArgumentParser
import FoundationEssentials
import RolloutCore
import RolloutDigest

struct PlanCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Shows what would change, and touches nothing.")

  static let formats = OutputFormat.allCases

  @OptionGroup var common: CommonOptions
  @Option(help: "Also save the plan, for `rollout apply FILE`.")
  var out: String?
  @Flag(help: "Exit with 2 when there are changes.")
  var detailedExitcode = false
  @Flag(help: "Plan revisions again that an alarm or a person took back.")
  var retry = false

  func perform() async throws -> ExitStatus {
    let planning = try Planning(common, retry: retry)
    let plan = try await planning.plan()
    let terminal = planning.session.terminal
    switch common.format {
    case .text:
      terminal.print(PlanView.text(plan.plan, digest: plan.digest, style: Style(terminal)))
      if let live = planning.lane?.liveRollout {
        terminal.print("\nRollout \(live.id) is under way; `rollout apply` goes on with it before anything else.")
      }
    case .markdown: terminal.print(PlanView.markdown(plan.plan, digest: plan.digest))
    case .json: terminal.print(try PlanView.json(plan.plan, digest: plan.digest))
    }
    if let out {
      try plan.save(to: out)
      terminal.say("Saved. Apply exactly this: rollout apply \(out)")
    }
    return detailedExitcode && plan.plan.hasChanges ? .planHasChanges : .done
  }
}
