import RolloutCore
import RolloutEngine
import Synchronization

/// Shows a rollout while it runs: redrawn in place on a terminal, a line for each thing that happens elsewhere, JSON
/// events on request.
final class ProgressDisplay: Sendable {
  /// Between two lines about how a bake is going, where nothing can be redrawn.
  static let plainInterval = TimeSpan.seconds(15)

  private struct Contents {
    var block = LiveBlock()
    var observation: EndpointObservation?
    var lastPlain: Timestamp?
    var lastTrouble: String?
  }

  private let terminal: Terminal
  private let format: OutputFormat
  private let style: Style
  private let contents = Mutex(Contents())

  init(_ terminal: Terminal, common: CommonOptions) {
    self.terminal = terminal
    format = common.format
    style = Style(terminal)
  }

  func show(_ report: RolloutLoop<ContinuousClock>.Report) async {
    switch report {
    case .entries(let entries, let state): show(entries, state)
    case .observed(let observation, let state): show(observation, state)
    case .trouble(let message):
      let isNew = contents.withLock { contents in
        defer { contents.lastTrouble = message }
        return contents.lastTrouble != message
      }
      if isNew { Terminal.complain("warning: \(message)") }
    }
  }

  func end(_ ending: Driver.Ending) async {
  }

  private func show(_ entries: [Entry], _ state: LaneState) {
    for entry in entries {
      if format == .json {
        if let line = try? EntryJSON.line(entry, state) { terminal.print(line) }
      } else {
        terminal.say(EntryText.line(entry, state, style: style))
      }
    }
  }

  private func show(_ observation: EndpointObservation, _ state: LaneState) {
  }
}
