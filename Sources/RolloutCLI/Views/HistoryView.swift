package import RolloutCore
import RolloutDigest

/// Every rollout there was.
package enum HistoryView {
  package static let schema = "rollout/history/1"

  /// Newest last, so that it stands right above the prompt; under each, why it ended as it did.
  package static func text(_ state: LaneState, style: Style) -> String {
    let rows = state.past.map { row($0, style) } + (state.liveRollout.map { [row($0, style)] } ?? [])
    guard !rows.isEmpty else { return (["No rollout yet."] + emergencies(state, style)).joined(separator: "\n") }
    let header = ["rollout", "started (UTC)", "took", "by", "outcome", "what"].map(style.dim)
    var table = Layout.table([header] + rows.map(\.cells))
    // What does not fit beside the figures stands under them.
    let isNarrow = table.contains { Layout.width($0) > style.width }
    if isNarrow { table = Layout.table(([header] + rows.map(\.cells)).map { Array($0.dropLast()) }) }
    var lines = [table[0]]
    for (line, row) in zip(table.dropFirst(), rows) {
      lines.append(line)
      for text in [isNarrow ? row.cells.last : nil, row.cause].compactMap({ $0 }) {
        lines += Layout.wrap(text, prefix: "  ", hanging: 4, width: style.width)
      }
    }
    return (lines + emergencies(state, style)).joined(separator: "\n")
  }

  private static func emergencies(_ state: LaneState, _ style: Style) -> [String] {
    guard !state.emergencies.isEmpty else { return [] }
    return ["", style.bold("Emergency rollbacks")]
      + state.emergencies.map(\.emergency).flatMap { emergency in
        let why = emergency.reason.isEmpty ? "" : ": \(Printable.line(emergency.reason))"
        return Layout.wrap(
          "\(emergency.environment) by \(Printable.line(emergency.by))\(why)",
          prefix: "\(emergency.id)  \(started(emergency.at))  ", hanging: 4, width: style.width)
      }
  }

  package static func json(_ state: LaneState) throws -> String {
    try CanonicalJSON.pretty(
      JSONValue.object([
        "schema": .string(schema), "service": JSONValue(state.service),
        "rollouts": .array(state.past.map(\.json) + (state.liveRollout.map { [$0.json] } ?? [])),
        "emergencies": .array(state.emergencies.map { StatusView.emergency($0.emergency) }),
      ]))
  }

  private static func started(_ time: Timestamp) -> String { String(Figures.moment(time).dropLast(4)) }

  private typealias Row = (cells: [String], cause: String?)

  private static func row(_ past: PastRollout, _ style: Style) -> Row {
    let word = past.isSuccess ? style.green(past.word) : style.red(past.word)
    let cells = [
      past.id, started(past.startedAt), Figures.duration(past.endedAt - past.startedAt), past.startedBy.name,
      word, past.title,
    ]
    return (cells, past.outcome.cause.map { Printable.line($0.text) })
  }

  private static func row(_ live: RolloutState, _ style: Style) -> Row {
    let cells = [
      live.id, started(live.startedAt), "", live.startedBy.name, style.yellow("under way"), live.title,
    ]
    return (cells, nil)
  }
}

extension PastRollout {
  /// A rollback that a person asked for and got is no failure, although it ends with the same event as one.
  var isRollback: Bool { plan == nil }
  var isSuccess: Bool { outcome == .promoted || isRollback }
  var word: String { isRollback ? "done" : outcome.word }

  /// `rolled back, because alarm cpu tripped: …`
  var ending: String { word + (outcome.cause.map { ", because \(Printable.line($0.text))" } ?? "") }

  var json: JSONValue {
    var object: [String: JSONValue] = [
      "rollout": .string(id), "title": .string(title), "kind": .string(isRollback ? "rollback" : "rollout"),
      "startedAt": .string("\(startedAt)"), "endedAt": .string("\(endedAt)"),
      "durationSeconds": .number((endedAt - startedAt).seconds), "startedBy": .string(startedBy.name),
      "plan": JSONValue(plan.map { "\($0)" }), "outcome": .string(EntryJSON.word(outcome)),
    ]
    object.merge(outcome.cause.map(EntryJSON.cause) ?? [:]) { $1 }
    return .object(object)
  }
}

extension RolloutState {
  var json: JSONValue {
    .object([
      "rollout": .string(id), "title": .string(title),
      "kind": .string(rollbackTo == nil ? "rollout" : "rollback"), "startedAt": .string("\(startedAt)"),
      "endedAt": .null, "startedBy": .string(startedBy.name), "plan": JSONValue(plan.map { "\($0)" }),
      "outcome": .null,
    ])
  }
}
