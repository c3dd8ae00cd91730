import RolloutCore

extension Simulation {
  /// The journal, an entry a line, and how the endpoints stand.
  package var story: String {
    var lines = journal.marks.map { mark in
      let text = String(describing: mark.move).prefix(110)
      return "\(Double(mark.at.milliseconds) / 1_000)  \(mark.sequence)  epoch \(mark.epoch)  \(text)"
    }
    lines.append("at \(Double(now) / 1_000): " + endpoints.map(\.story).joined(separator: "\n"))
    return lines.joined(separator: "\n")
  }
}
