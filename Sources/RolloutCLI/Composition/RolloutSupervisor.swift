import Glibc
import Logging
import RolloutCore
import RolloutEngine
import RolloutRuntime
import ServiceLifecycle

/// Goes on with rollouts whose driver died, from inside the runtime: a killed CI job neither stalls a rollout nor
/// leaves it half-way. What a driver gave back at a gate is left to whoever runs `apply` next.
struct RolloutSupervisor: Service {
  static let interval = Duration.seconds(1)

  let session: Session
  let target: LocalTarget
  let logger: Logger

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown {
        var watched: Watched?
        while true {
          try await Task.sleep(for: Self.interval)
          watched = await look(watched)
        }
      }
    } catch is CancellationError {
      // The runtime ends; whoever comes next folds the journal and goes on.
    }
  }

  /// The journal, opened once, and its fold so far.
  private struct Watched {
    let journal: any Journal
    /// The file that was opened: one that was put in its place is another journal.
    let file: UInt64?
    var state = LaneState()
    var lastEventAt = Timestamp(milliseconds: 0)
  }

  private func look(_ before: Watched?) async -> Watched? {
    do {
      var watched: Watched
      let file = Self.fileNumber(session.pipeline.state.title)
      if let before, before.file == file {
        watched = before
      } else {
        guard let journal = try await session.existingJournal() else { return nil }
        watched = Watched(journal: journal, file: file)
      }
      let journal = watched.journal
      for entry in try await journal.entries(after: watched.state.sequence) {
        try watched.state.apply(entry)
        watched.lastEventAt = entry.at
      }
      try await reconcile(watched)
      // What SageMaker deploys is not driven from beside a local runtime, which knows nothing of it.
      guard let live = watched.state.liveRollout, live.isLocal, try await isOrphaned(watched) else { return watched }
      logger.notice("going on with a rollout whose driver died", metadata: ["rollout": "\(live.id)"])
      let actor = Actor.current(session.environment, kind: .runtime)
      let loop = RolloutLoop(
        try Driving.ports(session, journal, target.commanded(by: watched.state.lineage)), clock: ContinuousClock(),
        now: SteadyTime().now, report: log)
      let ending = try await loop.run(
        Driver(
          actor: actor, role: .drive(waitsAtGates: false), state: watched.state, seed: .random(in: 0 ... .max),
          pace: Rehearsal.pace(for: watched.state)))
      logger.notice("stopped driving", metadata: ["rollout": "\(live.id)", "ending": "\(ending)"])
      return watched
    } catch is CancellationError {
      return before
    } catch {
      logger.error("cannot look after rollouts", metadata: ["error": "\(CommandFailure(error).message)"])
      return nil
    }
  }

  private static func fileNumber(_ path: String) -> UInt64? {
    var info = stat()
    return stat(path, &info) == 0 ? UInt64(info.st_ino) : nil
  }

  /// Looked for at the endpoints first: most of the time there is nothing to tell. The journal is opened anew for it, so
  /// that what is told is told to the file that everybody else reads, and not to one that was moved away.
  private func reconcile(_ watched: Watched) async throws {
    let seen = await EndpointsSeen(watched.state.endpoints, at: target)
    let isSealed = watched.state.endpoints.contains { seen.seal(of: $0, for: watched.state) != nil }
    guard isSealed || watched.state.settlement != nil else { return }
    guard let journal = try await session.existingJournal() else { return }
    let state = try await journal.state()
    let outcome = try await Reconciliation(
      journal: journal, target: target.commanded(by: state.lineage),
      notifier: WebhookNotifier(session.pipeline.notify, environment: session.environment),
      actor: Actor.current(session.environment, kind: .runtime), now: wallTime
    ).run(state, seen)
    for emergency in outcome.told {
      logger.notice("the journal knows of an emergency rollback", metadata: ["emergency": "\(emergency.id)"])
    }
    for (endpoint, trouble) in outcome.troubles {
      logger.error("still sealed", metadata: ["endpoint": "\(endpoint)", "reason": "\(trouble)"])
    }
  }

  private func isOrphaned(_ watched: Watched) async throws -> Bool {
    let (state, journal) = (watched.state, watched.journal)
    var leaseIsLive = false
    if let epoch = state.lease?.epoch { leaseIsLive = try await journal.leaseIsLive(epoch: epoch) }
    guard state.isOrphaned(leaseIsLive: leaseIsLive, lastEventAt: watched.lastEventAt, at: wallTime()) else {
      return false
    }
    // A driver that gave the lease back after the journal was read is not dead.
    return try await journal.entries(after: state.sequence).isEmpty
  }

  private func log(_ report: RolloutLoop<ContinuousClock>.Report) async {
    switch report {
    case .entries(let entries, _):
      for entry in entries {
        logger.info("journal", metadata: ["entry": "\(entry.sequence)", "event": "\(entry.event)"])
      }
    case .trouble(let message): logger.warning("trouble", metadata: ["message": "\(message)"])
    case .observed, .waiting: break
    }
  }
}

extension RolloutState {
  /// Every environment that it goes through is served by a local runtime.
  var isLocal: Bool { program.stages.allSatisfy { $0.revision.content.sageMaker == nil } }
}
