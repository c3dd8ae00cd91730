import ArgumentParser
import RolloutCore
import RolloutEngine

struct VerifyCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Recomputes the journal's chain and everything that it names by digest.")

  @OptionGroup var common: CommonOptions

  private struct Document: Encodable {
    let schema = "rollout/verify/1"
    let entries: Int
    let rollouts: Int
    let blobs: Int
  }

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    guard let journal = try await session.existingJournal() else {
      try session.terminal.present("There is no journal yet.", Document(entries: 0, rollouts: 0, blobs: 0))
      return .done
    }
    let entries = try await journal.entries(after: 0)
    let state = try await journal.state()
    var blobs = 0
    for entry in entries {
      for digest in Self.digests(in: entry.event) {
        _ = try await journal.blob(digest)
        blobs += 1
      }
    }
    try session.terminal.present(
      "\(entries.count) entries follow one another, \(state.past.count) rollouts end as they must, "
        + "\(blobs) plans, suites and pieces of evidence are what their digests say.",
      Document(entries: entries.count, rollouts: state.past.count, blobs: blobs))
    return .done
  }

  private static func digests(in event: Event) -> [Digest] {
    switch event {
    case .rolloutStarted(_, let plan, let program):
      [plan]
        + program.stages.flatMap(\.steps).flatMap { step in
          if case .smoke(let suites) = step { suites } else { [Digest]() }
        }
    case .evidenceRecorded(let evidence): [evidence.digest]
    default: []
    }
  }
}
