import RolloutCore
import RolloutEngine

/// What a command has written: the service before it, the entries, the service after them.
struct Appended {
  let before: LaneState
  let entries: [Entry]
  let state: LaneState

  init(before: LaneState, _ entries: [Entry] = []) throws {
    var state = before
    for entry in entries { try state.apply(entry) }
    self.before = before
    self.entries = entries
    self.state = state
  }
}
