package import RolloutCore

/// One line for each thing that happened, in the words people use for it.
package enum EntryText {
  /// `12:03:04  production  shift to 10%  done: version 8 has 1 instance ready and 10% of traffic`. `state` is the lane
  /// right before or right after the entry.
  package static func line(_ entry: Entry, _ state: LaneState, style: Style = .plain) -> String {
    let rollout = state.rollout
    let column = rollout?.program.stages.map { Layout.width($0.environment) }.max() ?? 0
    let place = Layout.padded(environment(of: entry.event, rollout) ?? "", column)
    let head = [Figures.clock(entry.at), place].filter { !$0.isEmpty }.joined(separator: "  ")
    return style.dim(head) + "  " + paint(sentence(entry, state, gap: "  "), entry.event, style)
  }

  /// The same without time, place and colour. `gap` stands between a step and what became of it.
  package static func sentence(_ entry: Entry, _ state: LaneState, gap: String = " ") -> String {
    let rollout = state.rollout
    let text =
      switch entry.event {
      case .stepStarted, .stepSucceeded, .stepFailed, .stepSuperseded, .bakeSkipped:
        step(entry, rollout, gap)
      case .laneCreated, .leaseAcquired, .leaseReleased:
        lead(entry)
      case .rolloutStarted, .rollbackStarted, .rolloutCompleted, .revisionPromoted:
        span(entry, rollout)
      case .gateOpened, .gateExpired, .approvalGranted, .approvalDenied, .approvalRevoked, .evidenceRecorded:
        gate(entry, rollout)
      case .abortRequested, .holdSet, .holdCleared, .operatorResolved, .emergencyReverted, .revisionAdopted:
        person(entry)
      case .canaryLapsed, .guardTripped, .unwindStarted, .quarantined:
        turn(entry)
      }
    return Printable.line(text)
  }

  /// The environment that an event is about; `nil` when it is about the whole rollout or the journal.
  package static func environment(of event: Event, _ rollout: RolloutState?) -> String? {
    switch event {
    case .stepStarted(let position, _, _), .stepSucceeded(let position, _), .stepFailed(let position, _, _),
      .stepSuperseded(let position, _), .gateOpened(let position, _, _), .gateExpired(let position),
      .canaryLapsed(let position), .guardTripped(let position, _), .bakeSkipped(_, let position):
      rollout?.program.stage(at: position)?.environment
    case .approvalGranted(let approval), .approvalDenied(let approval):
      rollout?.program.stage(at: approval.gate)?.environment
    case .approvalRevoked(_, let gate, _, _): rollout?.program.stage(at: gate)?.environment
    case .emergencyReverted(let emergency): emergency.environment
    case .revisionAdopted(let environment, _): environment
    case .evidenceRecorded(let evidence): evidence.environment
    case .rollbackStarted(_, let environment, _, _, _), .revisionPromoted(let environment, _): environment
    case .unwindStarted, .quarantined: rollout.flatMap { $0.program.stage(at: $0.position)?.environment }
    case .laneCreated, .rolloutStarted, .abortRequested, .holdSet, .holdCleared, .operatorResolved, .leaseAcquired,
      .leaseReleased, .rolloutCompleted:
      nil
    }
  }

  /// What is done at `position`: a step of the program, or the way back.
  static func action(at position: Position, _ direction: Direction, _ rollout: RolloutState?) -> String {
    switch direction {
    case .forward: rollout?.program.step(at: position)?.name ?? "a step"
    case .undo: rollout?.undoName ?? "taking it back"
    }
  }

  /// The same by which way the rollout goes: what an outcome, which names no direction, is the outcome of.
  static func action(at position: Position, _ rollout: RolloutState?) -> String {
    switch rollout?.mode {
    case .forward, .done(.promoted), nil: action(at: position, .forward, rollout)
    case .unwinding, .quarantined, .done: action(at: position, .undo, rollout)
    }
  }
}

// MARK: - Sentences

extension EntryText {
  private static func step(_ entry: Entry, _ rollout: RolloutState?, _ gap: String) -> String {
    switch entry.event {
    case .stepStarted(let position, let attempt, let direction):
      return "\(action(at: position, direction, rollout))\(gap)started" + (attempt > 1 ? ", try \(attempt)" : "")
    case .stepSucceeded(let position, let observed): return "\(action(at: position, rollout))\(gap)done: \(observed)"
    case .stepFailed(let position, _, let error): return "\(action(at: position, rollout))\(gap)failed: \(error)"
    case .stepSuperseded(let position, let observed):
      return "\(action(at: position, rollout))\(gap)to be done again: \(observed)"
    case .bakeSkipped(_, let position):
      return "\(action(at: position, .forward, rollout))\(gap)ended early by \(entry.actor.name)"
    default: preconditionFailure("not about a step")
    }
  }

  private static func lead(_ entry: Entry) -> String {
    switch entry.event {
    case .laneCreated(let service, _): "journal of \(service) created"
    case .leaseAcquired(_, .free): "\(entry.actor.title) leads"
    case .leaseAcquired(_, .expired): "\(entry.actor.title) leads, because the one who led is gone"
    case .leaseAcquired(_, .preempt): "\(entry.actor.title) leads, taking over to turn the rollout round"
    case .leaseReleased: "\(entry.actor.title) stops leading"
    default: preconditionFailure("not about leading")
    }
  }

  private static func span(_ entry: Entry, _ rollout: RolloutState?) -> String {
    switch entry.event {
    case .rolloutStarted(let id, let plan, let program):
      let model = program.stages.last.map { $0.revision.content.model.title } ?? "nothing"
      let names = program.stages.map(\.environment).joined(separator: ", ")
      return "rollout \(id) started by \(entry.actor.title): \(model) to \(names), plan \(plan.short)"
    case .rollbackStarted(let id, _, _, let record, let reason):
      let model = record.revision.content.model.title
      return "rollback \(id) started by \(entry.actor.title): back to revision \(record.number), \(model)"
        + (reason.isEmpty ? "" : ", because \(reason)")
    case .revisionPromoted(_, let record):
      return "revision \(record.number) is live: \(record.revision.content.model.title)"
    case .rolloutCompleted(let outcome):
      let name = rollout.map { "\($0.rollbackTo == nil ? "rollout" : "rollback") \($0.id)" } ?? "rollout"
      let took = rollout.map { " after \(Figures.duration(entry.at - $0.startedAt))" } ?? ""
      return "\(name) \(rollout?.outcomeWord(outcome) ?? outcome.word)\(took)"
        + (outcome.cause.map { ": \($0.text)" } ?? "")
    default: preconditionFailure("neither start nor end")
    }
  }

  private static func gate(_ entry: Entry, _ rollout: RolloutState?) -> String {
    switch entry.event {
    case .gateOpened(_, _, let expires):
      let command = rollout.map { ": rollout approve \($0.id)" } ?? ""
      return "waits for approval until \(Figures.moment(expires))\(command)"
    case .gateExpired: return "the time for approval ended and nobody decided"
    case .approvalGranted(let approval):
      return "approved by \(approval.by)\(approval.signature == nil ? "" : ", signed")" + said(approval.comment)
    case .approvalDenied(let approval): return "rejected by \(approval.by)" + said(approval.comment)
    case .approvalRevoked(_, _, let approver, let comment):
      let whose = approver == entry.actor.name ? "their approval" : "the approval of \(approver)"
      return "\(entry.actor.name) takes back \(whose)" + said(comment)
    case .evidenceRecorded(let evidence):
      return "evidence \(evidence.digest.short) \(evidence.passed ? "passed" : "failed"): \(evidence.summary)"
    default: preconditionFailure("not about a gate")
    }
  }

  private static func person(_ entry: Entry) -> String {
    switch entry.event {
    case .abortRequested(_, let reason, let isRollback):
      "\(isRollback ? "rollback" : "abort") asked for by \(entry.actor.name)" + said(reason)
    case .holdSet(_, let reason): "paused by \(entry.actor.name)" + said(reason)
    case .holdCleared: "resumed by \(entry.actor.name)"
    case .operatorResolved(_, let comment):
      "\(entry.actor.name) says that it can go on being taken back" + said(comment)
    case .emergencyReverted(let emergency):
      "emergency rollback by \(emergency.by) at \(Figures.clock(emergency.at)), straight at the target"
        + said(emergency.reason) + "; \(emergency.deed) (\(emergency.id))"
    case .revisionAdopted(_, let record):
      "\(entry.actor.name) gives this journal what was served already: \(record.revision.content.model.title)"
    default: preconditionFailure("not by a person")
    }
  }

  private static func turn(_ entry: Entry) -> String {
    switch entry.event {
    case .canaryLapsed: "the new version lost its share, because nobody kept it: its traffic steps begin again"
    case .guardTripped(_, let trip):
      "alarm \(trip.alarm) tripped at \(Figures.clock(trip.at)): \(trip.reason); users are back on the old version"
    case .unwindStarted(let cause): "turns round: \(cause.text)"
    case .quarantined(let reason): "stuck, a person must decide: \(reason)"
    default: preconditionFailure("not a turn")
    }
  }

  private static func said(_ comment: String?) -> String {
    comment.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
  }

  private static func paint(_ text: String, _ event: Event, _ style: Style) -> String {
    switch event {
    case .rolloutCompleted(.promoted), .revisionPromoted, .approvalGranted: style.green(text)
    case .evidenceRecorded(let evidence) where !evidence.passed: style.red(text)
    case .stepFailed, .guardTripped, .unwindStarted, .quarantined, .approvalDenied, .approvalRevoked, .gateExpired,
      .rolloutCompleted, .emergencyReverted:
      style.red(text)
    case .gateOpened, .holdSet, .canaryLapsed, .abortRequested: style.yellow(text)
    case .leaseAcquired, .leaseReleased, .laneCreated: style.dim(text)
    default: text
    }
  }
}

// MARK: - What a program and a rollout say about themselves

extension Program {
  /// A rollback has a stage without steps; a line about another rollout may name a place this program has not.
  func stage(at position: Position) -> Stage? {
    stages.indices.contains(position.stage) ? stages[position.stage] : nil
  }

  func step(at position: Position) -> Step? {
    guard let stage = stage(at: position), stage.steps.indices.contains(position.step) else { return nil }
    return stage.steps[position.step]
  }
}

extension RolloutState {
  /// `taking production back to version 7`.
  var undoName: String {
    guard let stage = program.stage(at: position) else { return "taking it back" }
    let target = wayBack.map { "to version \($0.content.model.version)" } ?? "to nothing"
    return "taking \(stage.environment) back \(target)"
  }

  /// A rollback that was asked for is done when it is done; the same end of a rollout is its failure.
  func outcomeWord(_ outcome: Outcome) -> String { rollbackTo == nil ? outcome.word : "done" }
}
