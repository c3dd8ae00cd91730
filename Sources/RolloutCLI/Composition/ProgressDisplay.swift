import RolloutCore
import RolloutEngine
import Synchronization

/// Shows a rollout while it runs: redrawn in place on a terminal, a line for each thing that happens elsewhere, JSON
/// events on request.
final class ProgressDisplay: Sendable {
  /// Between two lines about how a bake is going, where nothing can be redrawn.
  static let plainInterval = TimeSpan.seconds(15)

  private struct Contents: Sendable {
    var block = LiveBlock()
    var observation: EndpointObservation?
    var state: LaneState
    var plainAt: Timestamp?
    var trouble: String?
  }

  private let terminal: Terminal
  private let format: OutputFormat
  private let style: Style
  private let contents: Mutex<Contents>

  /// `state`: the service before anything that is to be shown happened to it.
  init(_ terminal: Terminal, common: CommonOptions, from state: LaneState) {
    contents = Mutex(Contents(state: state))
    self.terminal = terminal
    format = common.format
    style = Style(terminal)
  }

  func show(_ report: RolloutLoop<ContinuousClock>.Report) async {
    switch report {
    case .entries(let entries, let state): show(entries, state)
    case .observed(let observation, let state): show(observation, state)
    case .waiting(let message):
      if isNew(message), format != .json { terminal.say(style.dim("          \(Printable.line(message))")) }
    case .trouble(let message):
      if isNew(message) { Terminal.complain("warning: \(message)") }
    }
  }

  /// Said once, and not each time that it is asked again.
  private func isNew(_ message: String) -> Bool {
    contents.withLock { contents in
      defer { contents.trouble = message }
      return contents.trouble != message
    }
  }

  private func show(_ entries: [Entry], _ state: LaneState) {
    contents.withLock { contents in
      // Whoever drives after having followed reads some of them again.
      let entries = entries.filter { $0.sequence > contents.state.sequence }
      guard !entries.isEmpty else { return }
      let moments = Self.moments(entries, from: contents.state, to: state)
      // What was observed before a change of stage is about another endpoint.
      if contents.state.liveRollout?.stage.endpoint != state.liveRollout?.stage.endpoint { contents.observation = nil }
      contents.state = state
      if format == .json {
        for (entry, then) in moments { printEvent(entry, then) }
        return
      }
      let lines = moments.filter { !$0.entry.event.isHousekeeping }.map { EntryText.line($0, $1, style: style) }
      if terminal.isTerminal {
        redraw(&contents, above: lines)
      } else {
        for line in lines { terminal.say(line) }
      }
    }
  }

  /// Each entry with the state right after it: that a step failed is told before the rollout turns round for it.
  private static func moments(
    _ entries: [Entry], from before: LaneState, to after: LaneState
  ) -> [(entry: Entry, state: LaneState)] {
    var state = before
    guard state.sequence + 1 == entries.first?.sequence else { return entries.map { ($0, after) } }
    return entries.map { entry in
      do {
        try state.apply(entry)
      } catch {
        preconditionFailure("entries that were appended can be followed: \(error)")
      }
      return (entry, state)
    }
  }

  private func show(_ observation: EndpointObservation, _ state: LaneState) {
    guard format != .json else { return }
    contents.withLock { contents in
      contents.observation = observation
      if terminal.isTerminal {
        redraw(&contents, above: [])
      } else if let live = state.liveRollout, live.isWaiting {
        let now = wallTime()
        guard contents.plainAt.map({ now - $0 >= Self.plainInterval }) ?? true else { return }
        contents.plainAt = now
        if let line = ProgressView.line(state, observation, now: now, style: style) { terminal.say(line) }
      }
    }
  }

  private func redraw(_ contents: inout Contents, above: [String]) {
    let state = contents.state
    // Once it is over, what stays on the screen is what happened.
    let lines =
      state.liveRollout == nil ? [] : ProgressView.lines(state, contents.observation, now: wallTime(), style: style)
    terminal.redraw(contents.block.redraw(lines, above: above))
  }

  private func printEvent(_ entry: Entry, _ state: LaneState) {
    do {
      terminal.print(try EntryJSON.line(entry, state))
    } catch {
      preconditionFailure("an entry that was read as JSON can be written as JSON: \(error)")
    }
  }
}

extension Event {
  /// Of no interest to whoever watches a rollout, or said again by what follows; `show` tells it.
  fileprivate var isHousekeeping: Bool {
    switch self {
    case .laneCreated, .leaseAcquired(_, .free), .leaseReleased, .evidenceRecorded: true
    default: false
    }
  }
}

extension RolloutState {
  /// In a step that takes its time.
  fileprivate var isWaiting: Bool {
    guard mode == .forward, program.stages[position.stage].steps.indices.contains(position.step) else { return false }
    // Until the bake itself was begun, what could be said of it would stand before the line that says so.
    if case .bake = program[position] { return active != nil }
    return false
  }
}
