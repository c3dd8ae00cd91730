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
  @Flag(help: "Take endpoints over from a journal that is lost for good.")
  var adopt = false

  func perform() async throws -> ExitStatus {
    let saved = try plan.map { try SavedPlan(file: $0) }
    let session = try Session(common)
    let existing = try await session.existingJournal()
    if let journal = existing {
      try await session.reconcile(journal)
      let state = try await journal.state()
      if let live = state.liveRollout { return try await goOn(with: live, saved, session, journal, state) }
      if let saved, let last = state.past.last, last.plan == saved.digest {
        session.terminal.say("This plan was carried out already: rollout \(last.id) was \(last.outcome.word).")
        return ExitStatus(last.outcome)
      }
    }
    // Files that are wrong leave no journal behind, and a journal that cannot be made starts no runtime.
    let planning = try Planning(common, retry: retry)
    let adoption = Adoption(session: session, environments: planning.environments)
    if !adopt { try await adoption.requireOwn(try await existing?.state().lineage) }
    let journal = try await session.journal()
    if adopt { try await adoption.run(journal) }
    let chosen = try await choose(saved, planning)
    guard chosen.plan.hasChanges else {
      if saved != nil { session.terminal.say("Nothing to do: the plan has no changes.") }
      return .done
    }
    try await adoption.requireOwn(try await journal.state().lineage)
    let started = try await start(chosen, session, journal)
    return try await Driving(session, journal).run(.drive(waitsAtGates: wait), after: started)
  }

  private func goOn(
    with live: RolloutState, _ saved: SavedPlan?, _ session: Session, _ journal: any Journal, _ state: LaneState
  ) async throws -> ExitStatus {
    if let saved, live.plan != saved.digest {
      throw CommandFailure(
        .stalePlan, "rollout \(live.id) with another plan is under way",
        help: "finish it with `rollout apply`, or turn it round with `rollout abort`")
    }
    session.terminal.say("Going on with rollout \(live.id) (\(live.title)).")
    return try await Driving(session, journal).run(.drive(waitsAtGates: wait), after: try Appended(before: state))
  }

  private func choose(_ saved: SavedPlan?, _ planning: Planning) async throws -> SavedPlan {
    guard let saved else {
      let plan = try await planning.planServing()
      let terminal = planning.session.terminal
      terminal.say(PlanView.text(plan.plan, digest: plan.digest, style: Style(terminal)))
      return plan
    }
    let reasons = try await planning.staleness(of: saved.plan)
    guard reasons.isEmpty else {
      throw CommandFailure(
        .stalePlan, "the plan is stale: " + reasons.joined(separator: "; "), help: "look at a new one: rollout plan")
    }
    return saved
  }

  private static let lostRace = CommandFailure(
    .someoneElseLeads, "somebody else started a rollout at this very moment", help: "see it: rollout status")

  /// Journals the start of a new rollout, after everything that its entries name.
  private func start(_ chosen: SavedPlan, _ session: Session, _ journal: any Journal) async throws -> Appended {
    for suite in chosen.plan.suites { _ = try await journal.put(try CanonicalJSON.bytes(suite)) }
    _ = try await journal.put(try CanonicalJSON.bytes(chosen.plan))
    let state = try await journal.state()
    guard state.liveRollout == nil, state.rolloutsStarted == chosen.plan.base.rolloutsStarted else {
      throw Self.lostRace
    }
    let started = Event.rolloutStarted(
      id: state.nextRollout, plan: chosen.digest, program: chosen.plan.program)
    let entries = try await journal.appendOnce(
      [started], expecting: state.sequence, by: session.actor, at: wallTime())
    guard let entries else { throw Self.lostRace }
    return try Appended(before: state, entries)
  }
}
