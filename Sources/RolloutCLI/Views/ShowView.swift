package import RolloutCore
import RolloutDigest
package import RolloutEngine

/// The story of one rollout, every decision with its reason.
package enum ShowView {
  package static let schema = "rollout/show/1"

  /// `entries`: those of the rollout, in order; `before`: the lane right before the first of them.
  package static func text(
    _ entries: [Entry], before: LaneState, documents: [Digest: EvidenceDocument], style: Style
  ) -> String {
    let end = folded(entries, before)
    guard let rollout = end.rollout, let first = entries.first else { return "No such rollout." }
    var lines = header(rollout, entries, style) + [""]
    let column = rollout.program.stages.map { Layout.width($0.environment) }.max() ?? 0
    let times = entries.map { "+" + Figures.duration($0.at - first.at) }
    let width = times.map(\.count).max() ?? 0
    var teller = StoryTeller(state: before)
    for (entry, time) in zip(entries, times) {
      guard let told = teller.tell(entry) else { continue }
      let prefix =
        style.dim(String(repeating: " ", count: width - time.count) + time) + "  "
        + style.dim(Layout.padded(told.environment ?? "", column)) + "  "
      let hanging = width + column + 4
      lines += Layout.wrap(told.text, prefix: prefix, hanging: hanging + 2, width: style.width)
      if case .evidenceRecorded(let evidence) = entry.event, let document = documents[evidence.digest] {
        for result in document.smoke {
          lines += EvidenceText.lines(result, indent: hanging + 2, answers: !result.passed, style)
        }
      }
    }
    if let active = teller.underWay(rollout) { lines.append(String(repeating: " ", count: width + 2) + active) }
    return lines.joined(separator: "\n")
  }

  package static func json(
    _ entries: [Entry], before: LaneState, documents: [Digest: EvidenceDocument]
  ) throws -> String {
    let end = folded(entries, before)
    var state = before
    var events: [JSONValue] = []
    for entry in entries {
      state = folded([entry], state)
      events.append(EntryJSON.value(entry, state))
    }
    return try CanonicalJSON.pretty(
      Document(
        rollout: end.past.last { $0.id == end.rollout?.id }?.json ?? end.rollout?.json ?? .null, events: events,
        evidence: documents.sorted { $0.key < $1.key }.map { .init(digest: $0.key, document: $0.value) }))
  }

  private struct Document: Encodable {
    struct Item: Encodable {
      var digest: Digest
      var document: EvidenceDocument
    }
    var schema = ShowView.schema
    var rollout: JSONValue
    var events: [JSONValue]
    var evidence: [Item]
  }

  private static func folded(_ entries: [Entry], _ before: LaneState) -> LaneState {
    var state = before
    for entry in entries {
      do {
        try state.apply(entry)
      } catch {
        // The journal checks admission before it stores and after it reads.
        preconditionFailure("entry \(entry.sequence) is inadmissible: \(error)")
      }
    }
    return state
  }

  private static func header(_ rollout: RolloutState, _ entries: [Entry], _ style: Style) -> [String] {
    var rows = [["started", "\(Figures.moment(rollout.startedAt)) by \(rollout.startedBy.title)"]]
    if let plan = rollout.plan { rows.append(["plan", plan.short]) }
    if case .done(let outcome) = rollout.mode, let last = entries.last {
      let took = Figures.duration(last.at - rollout.startedAt)
      let cause = outcome.cause.map { ", because \(Printable.line($0.text))" } ?? ""
      let isGood = outcome == .promoted || rollout.rollbackTo != nil
      let text = "\(rollout.outcomeWord(outcome)) after \(took)\(cause)"
      rows.append(["outcome", isGood ? style.green(text) : style.red(text)])
    } else {
      rows.append(["outcome", style.yellow("under way")])
    }
    let title = "\(style.bold(rollout.id))  \(rollout.title)"
    return [title]
      + rows.flatMap { row in
        Layout.wrap(
          row[1], prefix: "  " + style.dim(Layout.padded(row[0], 7)) + "  ", hanging: 11, width: style.width)
      }
  }
}

/// Turns entries into the lines of a story: a step is told once, when its outcome is known and how long it took.
private struct StoryTeller {
  private(set) var state: LaneState
  private var evidence: String?

  init(state: LaneState) { self.state = state }

  mutating func tell(_ entry: Entry) -> (environment: String?, text: String)? {
    let before = state
    do {
      try state.apply(entry)
    } catch {
      preconditionFailure("entry \(entry.sequence) is inadmissible: \(error)")
    }
    guard let text = sentence(entry, before) else { return nil }
    return (EntryText.environment(of: entry.event, state.rollout), text)
  }

  private mutating func sentence(_ entry: Entry, _ before: LaneState) -> String? {
    let span = before.rollout?.active.map { entry.at - $0.startedAt } ?? .zero
    let took = span == .zero ? "" : " after \(Figures.duration(span))"
    switch entry.event {
    case .stepStarted(_, let attempt, _):
      return attempt > 1 ? EntryText.sentence(entry, state) : nil
    case .stepSucceeded(let position, let observed):
      let action = EntryText.action(at: position, before.rollout)
      // What a proof observed is its evidence, which stands right above.
      defer { evidence = nil }
      return "\(action): done\(took)" + (observed == evidence ? "" : ", \(Printable.line(observed))")
    case .stepFailed(let position, _, let error):
      let action = EntryText.action(at: position, before.rollout)
      defer { evidence = nil }
      return "\(action): failed\(took)" + (error == evidence ? "" : ", \(Printable.line(error))")
    case .evidenceRecorded(let evidence):
      self.evidence = evidence.summary
      return EntryText.sentence(entry, state)
    default:
      return EntryText.sentence(entry, state)
    }
  }

  func underWay(_ rollout: RolloutState) -> String? {
    guard let active = rollout.active else { return nil }
    let action = EntryText.action(at: rollout.position, active.direction, rollout)
    return "\(rollout.stage.environment)  \(action): under way since \(Figures.clock(active.startedAt))"
  }
}
