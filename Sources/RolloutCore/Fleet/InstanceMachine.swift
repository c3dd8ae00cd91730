/// Names one place in a fleet. The place keeps its name while the process in it is replaced.
package struct InstanceID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  package var fleet: Int
  package var number: Int

  package init(fleet: Int, number: Int) {
    self.fleet = fleet
    self.number = number
  }

  package static func < (left: InstanceID, right: InstanceID) -> Bool {
    (left.fleet, left.number) < (right.fleet, right.number)
  }

  package var description: String { "\(fleet).\(number)" }
}

/// A running model server.
package struct ServerProcess: Hashable, Codable, Sendable {
  package var pid: Int32
  package var port: Int

  package init(pid: Int32, port: Int) {
    self.pid = pid
    self.port = port
  }
}

/// What happened to the server in one place of a fleet.
package enum InstanceEvent: Hashable, Sendable {
  case started(ServerProcess)
  /// No process came to be: no package, a digest that does not match, no such program.
  case launchFailed(reason: String)
  case healthPassed(pid: Int32)
  case healthFailed(pid: Int32)
  /// The last request that the router gave it has been answered.
  case drained
  /// `status`: `exited with code 1`. `lastLines`: the end of its log.
  case exited(status: String, lastLines: String)
}

/// What the supervisor must do about one instance.
package enum InstanceAction: Hashable, Sendable {
  case launch
  /// The router no longer lists it; say when its last request is answered.
  case drain
  case terminate
  case kill
}

/// The supervision of one model server: starting → ready → (draining → terminating → stopped), with restarts.
package struct InstanceMachine: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    /// A launch is under way; no process is known yet.
    case launching
    case starting(ServerProcess, deadline: TimeSpan)
    case ready(ServerProcess, since: TimeSpan, failedChecks: Int)
    case backingOff(until: TimeSpan)
    case draining(ServerProcess, until: TimeSpan)
    case terminating(ServerProcess, until: TimeSpan)
    case killing(ServerProcess, because: KillReason)
    case stopped
  }

  package enum KillReason: Hashable, Sendable {
    case neverHealthy, hung, stopped
  }

  package let id: InstanceID
  package private(set) var state = State.launching
  /// `false`: on its way out, whatever happens to it.
  package private(set) var isWanted = true
  /// In a row, without having been ready for long in between.
  package private(set) var crashes = 0
  package private(set) var restarts = 0
  /// Why it does not become ready, with the last lines it printed. Kept until a server settles.
  package private(set) var failure: String?

  private let policy: SupervisionPolicy
  private let template: EndpointTemplate
  private let healthPath: String

  package init(id: InstanceID, policy: SupervisionPolicy, template: EndpointTemplate, healthPath: String) {
    self.id = id
    self.policy = policy
    self.template = template
    self.healthPath = healthPath
  }

  package var isReady: Bool { if case .ready = state { true } else { false } }
  package var isStopped: Bool { state == .stopped }

  package var process: ServerProcess? {
    switch state {
    case .launching, .backingOff, .stopped: nil
    case .starting(let process, _), .ready(let process, _, _), .draining(let process, _), .terminating(let process, _),
      .killing(let process, _):
      process
    }
  }

  /// Lets it finish what it has accepted, then stops it.
  package mutating func stop(at now: TimeSpan) -> InstanceAction? {
    guard isWanted else { return nil }
    isWanted = false
    switch state {
    case .ready(let process, _, _):
      state = .draining(process, until: now + template.drain)
      return .drain
    case .starting(let process, _):
      state = .terminating(process, until: now + policy.killAfter)
      return .terminate
    case .backingOff:
      state = .stopped
      return nil
    case .launching, .draining, .terminating, .killing, .stopped:
      return nil
    }
  }

  package mutating func receive(_ event: InstanceEvent, at now: TimeSpan) -> InstanceAction? {
    switch (state, event) {
    case (.launching, .started(let process)) where isWanted:
      state = .starting(process, deadline: now + template.startupTimeout)
    case (.launching, .started(let process)):
      state = .terminating(process, until: now + policy.killAfter)
      return .terminate
    case (.launching, .launchFailed(let reason)):
      // A package that cannot be served will not serve at the next try either, so one failure is enough to say so.
      failure = reason
      backOff(at: now)
    case (.starting(let process, _), .healthPassed(let pid)) where pid == process.pid:
      state = .ready(process, since: now, failedChecks: 0)
    case (.ready(let process, let since, _), .healthPassed(let pid)) where pid == process.pid:
      state = .ready(process, since: since, failedChecks: 0)
    case (.ready(let process, let since, let failedChecks), .healthFailed(let pid)) where pid == process.pid:
      guard failedChecks + 1 >= policy.failedChecksMax else {
        state = .ready(process, since: since, failedChecks: failedChecks + 1)
        return nil
      }
      // It hangs: nothing it has accepted will be answered, so there is nothing to drain.
      state = .killing(process, because: .hung)
      return .kill
    case (.draining(let process, _), .drained):
      state = .terminating(process, until: now + policy.killAfter)
      return .terminate
    case (.starting, .exited(let status, let lines)), (.ready, .exited(let status, let lines)):
      crashed("the model server \(status)", lastLines: lines, at: now)
    case (.killing(_, .hung), .exited(_, let lines)):
      crashed("the model server failed \(policy.failedChecksMax) health checks", lastLines: lines, at: now)
    case (.killing(_, .neverHealthy), .exited(_, let lines)):
      backOff(at: now)
      failure =
        "the model server did not answer GET \(healthPath) with 200 within \(template.startupTimeout)"
        + Self.printed(lines)
    case (.draining, .exited), (.terminating, .exited), (.killing(_, .stopped), .exited):
      state = .stopped
    default:
      // Late news of a process that has been replaced.
      break
    }
    return nil
  }

  package mutating func advance(to now: TimeSpan) -> InstanceAction? {
    switch state {
    case .starting(let process, let deadline) where deadline <= now:
      state = .killing(process, because: .neverHealthy)
      return .kill
    case .ready(_, let since, _) where since + policy.settledAfter <= now:
      crashes = 0
      failure = nil
      return nil
    case .backingOff(let until) where until <= now:
      restarts += 1
      state = .launching
      return .launch
    case .draining(let process, let until) where until <= now:
      state = .terminating(process, until: now + policy.killAfter)
      return .terminate
    case .terminating(let process, let until) where until <= now:
      state = .killing(process, because: .stopped)
      return .kill
    default:
      return nil
    }
  }

  private mutating func crashed(_ reason: String, lastLines: String, at now: TimeSpan) {
    backOff(at: now)
    guard crashes >= policy.crashesMax else { return }
    failure = "\(reason), \(crashes) crashes in a row" + Self.printed(lastLines)
  }

  private mutating func backOff(at now: TimeSpan) {
    crashes += 1
    state = isWanted ? .backingOff(until: now + policy.backoff(after: crashes)) : .stopped
  }

  private static func printed(_ lines: String) -> String {
    lines.isEmpty ? "; it printed nothing" : "; it last printed:\n\(lines)"
  }
}
