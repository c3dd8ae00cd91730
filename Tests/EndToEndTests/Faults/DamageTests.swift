import Foundation
import Testing

/// Journals that were cut or changed where a seed says: whoever reads one is told so, or reads what was written.
@Suite struct DamageTests {
  private static let path = ".rollout/state/rollout.db"

  /// What is damaged. SQLite's own pages are aimed at as well as what is in them.
  enum Place: String, CaseIterable, Sendable {
    case anywhere, fileHeader, pageHeader, eventBody, eventHash, blob, schema, cut

    /// Marks beside which a byte is changed; empty: aimed at by number.
    var marks: [String] {
      switch self {
      case .eventBody: [#""event":{"#, #""nonce":"#, #""sequence":"#]
      case .blob: [#""steps""#, #""smoke""#, #""verification""#]
      case .schema: ["CREATE TABLE event", "CREATE TRIGGER", "CREATE TABLE blob", "CREATE TABLE lease"]
      // The hash lies between the event's type and the entry before it.
      case .eventHash: ["stepStarted{", "stepSucceeded{", "leaseAcquired{"]
      case .anywhere, .fileHeader, .pageHeader, .cut: []
      }
    }
  }

  /// What a command makes of a journal.
  private struct Reading: Equatable {
    var status: Int32
    var answer: String
  }

  private static let commands = [["verify"], ["history", "--format", "json"], ["status", "--format", "json"]]

  @Test func `a journal that was damaged is refused, or read as it was`() async throws {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 50%, bake: 200ms}"
    settings.bakeAfter = "200ms"
    try await Trial.run("a damaged journal", ci: 40, full: 2_000) { trial in
      try await Bench.run(settings, patience: trial.patience(secondsEach: 3)) { bench in
        try await bench.deploy()
        try await bench.deploy()
        try await bench.expect(0, "rollback", "production")
        try await bench.expect(0, "runtime", "stop")
        let file = bench.folder.appending(path: Self.path)
        let whole = try Data(contentsOf: file)
        let right = try await read(bench)
        trial.check(right.allSatisfy { $0.status == 0 }, "\(right)")
        var (refused, harmless) = (0, 0)
        for run in 1...trial.runs {
          var chances = trial.chances(run)
          let place = Place.allCases[run % Place.allCases.count]
          let (damaged, what) = Self.damage(whole, place, &chances)
          guard damaged != whole else { continue }
          try damaged.write(to: file)
          trial.happened()
          let readings = try await read(bench)
          for (index, reading) in readings.enumerated() {
            let command = Self.commands[index][0]
            trial.check(
              reading == right[index] || [70, 74].contains(reading.status),
              "\(what): `\(command)` exits \(reading.status): \(reading.answer.prefix(2_000))")
          }
          readings == right ? (harmless += 1) : (refused += 1)
          trial.check(try Data(contentsOf: file) == damaged, "\(what): a command changed the file")
        }
        trial.count("refused by a command", refused)
        trial.count("in bytes that nothing is read from", harmless)
        try whole.write(to: file)
      }
    }
  }

  private static func damage(_ whole: Data, _ place: Place, _ chances: inout Chances) -> (Data, String) {
    var data = whole
    let pageSize = 4_096
    let page = Int.random(in: 0..<whole.count / pageSize, using: &chances) * pageSize
    if place == .cut {
      let size = chances.happens(50) ? page : Int.random(in: 0..<whole.count, using: &chances)
      return (whole.prefix(size), "cut to \(size) of \(whole.count) bytes")
    }
    var offset: Int
    switch place {
    case .fileHeader: offset = Int.random(in: 0..<100, using: &chances)
    case .pageHeader: offset = (page == 0 ? 100 : page) + Int.random(in: 0..<40, using: &chances)
    default: offset = Int.random(in: 0..<whole.count, using: &chances)
    }
    if let mark = place.marks.randomElement(using: &chances) {
      // The first one after a place that the seed chose, or the first at all.
      let found = whole.range(of: Data(mark.utf8), in: offset..<whole.count) ?? whole.range(of: Data(mark.utf8))
      guard let found else { return (whole, "") }
      let reach = place == .eventHash ? -64..<0 : 0..<120
      offset = min(whole.count - 1, max(0, found.lowerBound + Int.random(in: reach, using: &chances)))
    }
    let bit = Int.random(in: 0..<8, using: &chances)
    data[offset] ^= 1 << bit
    return (data, "\(place.rawValue): bit \(bit) of byte \(offset)")
  }

  private func read(_ bench: Bench) async throws -> [Reading] {
    try await withThrowingTaskGroup(of: (Int, Reading).self) { group in
      for (index, words) in Self.commands.enumerated() {
        group.addTask {
          let ended = try await Command(
            Bench.executable, words, environment: ProcessInfo.processInfo.environment, in: bench.folder
          ).ended()
          // The only line that tells when it was asked.
          let lines = ended.output.split(separator: "\n").filter {
            !$0.hasPrefix(#"  "at" :"#) && !$0.hasPrefix(#"  "at":"#)
          }
          return (
            index,
            Reading(
              status: ended.status, answer: lines.joined(separator: "\n") + (ended.status == 0 ? "" : ended.errors))
          )
        }
      }
      return try await group.reduce(into: Array(repeating: Reading(status: -1, answer: ""), count: Self.commands.count))
      {
        $0[$1.0] = $1.1
      }
    }
  }
}
