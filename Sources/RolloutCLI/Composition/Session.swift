import FoundationEssentials
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutRegistry
import RolloutStore

/// Everything one command works with, put together: the only place that knows which adapter stands behind which port.
struct Session: Sendable {
  let common: CommonOptions
  let environment: [String: String]
  let actor: Actor
  let terminal: Terminal
  let pipeline: Pipeline

  /// Reads only what says where things are; enough for everything but planning.
  init(_ common: CommonOptions) throws {
    let environment = ProcessInfo.processInfo.environment
    let terminal = Terminal(format: common.format, environment: environment)
    self.init(
      common, environment, terminal, try SpecFiles(common, environment, terminal).pipeline())
  }

  init(_ common: CommonOptions, _ environment: [String: String], _ terminal: Terminal, _ pipeline: Pipeline) {
    self.common = common
    self.environment = environment
    self.terminal = terminal
    self.pipeline = pipeline
    actor = Actor.current(environment)
  }

  var registry: LocalRegistry { LocalRegistry(path: pipeline.registry.path) }
  var group: String { pipeline.registry.group }

  /// The journal, made when the service has none.
  func journal() async throws -> any Journal {
    Rehearsal.journal(
      try await SQLiteJournal(
        path: pipeline.state.title, service: pipeline.service, lineage: UUID().uuidString.lowercased(), by: actor,
        at: wallTime()))
  }

  /// The journal if there is one; commands that only look make nothing.
  func existingJournal() async throws -> (any Journal)? {
    try await SQLiteJournal.existing(path: pipeline.state.title, service: pipeline.service).map { Rehearsal.journal($0) }
  }

  /// The service as its journal tells it; an empty state where there is no journal.
  func state() async throws -> LaneState {
    guard let journal = try await existingJournal() else { return LaneState() }
    return try await journal.state()
  }

  /// The same for people, sooner: shown, and never acted on.
  func stateForPeople() async throws -> LaneState {
    guard let journal = try await existingJournal() else { return LaneState() }
    return try await journal.lookAtState()
  }
}
