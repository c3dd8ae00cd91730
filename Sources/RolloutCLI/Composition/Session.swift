import FoundationEssentials
import RolloutAWS
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
  let aws: AWSAccess

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
    aws = AWSAccess(environment)
  }

  var registry: any Registry {
    get throws {
      switch pipeline.registry {
      case .local(let path, _): LocalRegistry(path: path)
      case .sageMaker(let region, _): SageMakerRegistry(try aws.client(region))
      }
    }
  }

  var group: String { pipeline.registry.group }

  /// The journal, made when the service has none.
  func journal() async throws -> any Journal {
    let lineage = UUID().uuidString.lowercased()
    let journal: any Journal =
      switch pipeline.state {
      case .sqlite(let path):
        try await SQLiteJournal(path: path, service: pipeline.service, lineage: lineage, by: actor, at: wallTime())
      case .s3:
        try await ObjectJournal(
          in: try objects(), at: pipeline.state.title, service: pipeline.service, lineage: lineage, by: actor,
          at: wallTime())
      }
    return Rehearsal.journal(journal)
  }

  /// The journal if there is one; commands that only look make nothing.
  func existingJournal() async throws -> (any Journal)? {
    switch pipeline.state {
    case .sqlite(let path):
      return try await SQLiteJournal.existing(path: path, service: pipeline.service).map { Rehearsal.journal($0) }
    case .s3:
      return try await ObjectJournal.existing(in: try objects(), at: pipeline.state.title, service: pipeline.service)
        .map { Rehearsal.journal($0) }
    }
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
