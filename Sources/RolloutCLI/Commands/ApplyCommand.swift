import ArgumentParser
import RolloutCore
import RolloutDigest
import RolloutEngine

struct ApplyCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Carries a plan out, or goes on with the rollout that is under way.",
    discussion: """
      Stops at a gate that needs a person (exit 3) unless --wait is given. Killed anywhere and run again, it goes on.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "A plan saved by `rollout plan --out`; refused when state or world have moved since.")
  var plan: String?
  @Flag(help: "Stay at gates until somebody has decided.")
  var wait = false
  @Flag(help: "Try revisions again that an alarm or a person took back.")
  var retry = false

  func perform() async throws -> ExitStatus {
    let saved = try plan.map { try SavedPlan(file: $0) }
    let session = try Session(common)
    let journal = try await session.journal()
    var before = try await journal.state()
    if let live = before.liveRollout {
      if let saved, live.plan != saved.digest {
        throw CommandFailure(
          .stalePlan, "rollout \(live.id) with another plan is under way",
          help: "finish it with `rollout apply`, or turn it round with `rollout abort`")
      }
      session.terminal.say("Going on with rollout \(live.id) (\(live.title)).")
    } else {
      guard let state = try await start(saved, session, journal) else { return .done }
      before = state
    }
    return try await Driving(session, journal).run(.drive(waitsAtGates: wait), after: before)
  }

  /// Journals the start of a new rollout and returns the state right before it; `nil` when there is nothing to do.
  private func start(_ saved: SavedPlan?, _ session: Session, _ journal: any Journal) async throws -> LaneState? {
    let planning = try Planning(common, retry: retry)
    let chosen: SavedPlan
    if let saved {
      let reasons = try await planning.staleness(of: saved.plan)
      guard reasons.isEmpty else {
        throw CommandFailure(
          .stalePlan, "the plan is stale: " + reasons.joined(separator: "; "),
          help: "look at a new one: rollout plan")
      }
      chosen = saved
    } else {
      chosen = try await planning.planServing()
      session.terminal.say(PlanView.text(chosen.plan, digest: chosen.digest, style: Style(session.terminal)))
    }
    guard chosen.plan.hasChanges else {
      if saved != nil { session.terminal.say("Nothing to do: the plan has no changes.") }
      return nil
    }
    for suite in chosen.plan.suites { _ = try await journal.put(try CanonicalJSON.bytes(suite)) }
    _ = try await journal.put(try CanonicalJSON.bytes(chosen.plan))
    let state = try await journal.state()
    guard state.liveRollout == nil, state.rolloutsStarted == chosen.plan.base.rolloutsStarted else {
      throw CommandFailure(
        .someoneElseLeads, "somebody else started a rollout at this very moment", help: "see it: rollout status")
    }
    let id = "r\(state.rolloutsStarted + 1)"
    _ = try await journal.append(
      [.rolloutStarted(id: id, plan: chosen.digest, program: chosen.plan.program)], expecting: state.sequence,
      by: session.actor, epoch: nil, at: wallTime())
    return state
  }
}
