import Logging
import RolloutCore
import RolloutEngine
import ServiceLifecycle

/// Goes on with rollouts whose driver died, from inside the runtime: a killed CI job neither stalls a rollout nor
/// leaves it half-way. What a driver gave back at a gate is left to whoever runs `apply` next.
struct RolloutSupervisor: Service {
  static let interval = Duration.seconds(1)

  let session: Session
  let target: any Target
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
    var state = LaneState()
    var lastEventAt = Timestamp(milliseconds: 0)
  }

  private func look(_ before: Watched?) async -> Watched? {
    do {
      var watched: Watched
      if let before {
        watched = before
      } else {
        guard let journal = try await session.existingJournal() else { return nil }
        watched = Watched(journal: journal)
      }
      let journal = watched.journal
      for entry in try await journal.entries(after: watched.state.sequence) {
        try watched.state.apply(entry)
        watched.lastEventAt = entry.at
      }
      guard let live = watched.state.liveRollout, try await isOrphaned(watched) else { return watched }
      logger.notice("going on with a rollout whose driver died", metadata: ["rollout": "\(live.id)"])
      let actor = Actor.current(session.environment, kind: .runtime)
      let loop = RolloutLoop(
        Driving.ports(session, journal, target), clock: ContinuousClock(), now: wallTime, report: log)
      let ending = try await loop.run(
        Driver(
          actor: actor, role: .drive(waitsAtGates: false), state: watched.state, seed: .random(in: 0 ... .max)))
      logger.notice("stopped driving", metadata: ["rollout": "\(live.id)", "ending": "\(ending)"])
      return watched
    } catch is CancellationError {
      return before
    } catch {
      logger.error("cannot look after rollouts", metadata: ["error": "\(CommandFailure(error).message)"])
      return nil
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
    case .observed: break
    }
  }
}
