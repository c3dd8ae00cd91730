import Glibc
import RolloutCore
import RolloutEngine
import Synchronization

#if DEBUG
  /// The moments before and after every call through a port: whatever a process had decided, it dies there with the
  /// call not made, or made and its answer not heard. `ROLLOUT_CRASH_AT=n` kills it at the n-th that it comes to, so a
  /// run that ends in order has fewer.
  final class Failpoints: Sendable {
    static let ofThisProcess =
      isRuntime ? nil : Rehearsal.variable("ROLLOUT_CRASH_AT").flatMap(Int.init).map(Failpoints.init)

    /// One that a command starts inherits the variable, and is to outlive the command.
    private static var isRuntime: Bool { CommandLine.arguments.contains("--foreground") }

    private let fatal: Int
    private let passed = Atomic<Int>(0)

    private init(_ fatal: Int) { self.fatal = fatal }

    private func pass() {
      if passed.add(1, ordering: .relaxed).newValue == fatal { kill(getpid(), SIGKILL) }
    }

    func around<T, E>(_ call: () async throws(E) -> T) async throws(E) -> T {
      pass()
      defer { pass() }
      return try await call()
    }
  }

  struct FailingJournal: Journal {
    let journal: any Journal
    let failpoints: Failpoints

    func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] {
      try await failpoints.around { () async throws(JournalError) in try await journal.entries(after: sequence) }
    }

    func append(
      _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
    ) async throws(JournalError) -> [Entry] {
      try await failpoints.around { () async throws(JournalError) in
        try await journal.append(events, expecting: sequence, by: actor, epoch: epoch, nonce: nonce, at: now)
      }
    }

    func renewLease(epoch: UInt64) async throws(JournalError) -> Bool {
      try await failpoints.around { () async throws(JournalError) in try await journal.renewLease(epoch: epoch) }
    }

    func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook {
      try await failpoints.around { () async throws(JournalError) in try await journal.lookAtLease(epoch: epoch) }
    }

    func state() async throws(JournalError) -> LaneState {
      try await failpoints.around { () async throws(JournalError) in try await journal.state() }
    }

    func lookAtState() async throws(JournalError) -> LaneState { try await journal.lookAtState() }

    func audit() async throws(JournalError) -> JournalAudit { try await journal.audit() }

    func head(at sequence: UInt64) async throws(JournalError) -> Digest { try await journal.head(at: sequence) }

    func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest {
      try await failpoints.around { () async throws(JournalError) in try await journal.put(bytes) }
    }

    func blob(_ digest: Digest) async throws(JournalError) -> [UInt8] { try await journal.blob(digest) }
  }

  struct FailingTarget: Target {
    let target: any Target
    let failpoints: Failpoints

    func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
      try await failpoints.around { () async throws(TargetError) in try await target.observe(endpoint, fence: fence) }
    }

    func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
      try await failpoints.around { () async throws(TargetError) in
        try await target.perform(order, on: endpoint, fence: fence)
      }
    }

    func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool {
      try await failpoints.around { () async throws(TargetError) in try await target.renew(endpoint, fence: fence) }
    }

    func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
      try await failpoints.around { () async throws(TargetError) in
        try await target.unseal(endpoint, emergency: id, fence: fence)
      }
    }
  }

  struct FailingProver: Prover {
    let prover: any Prover
    let failpoints: Failpoints

    func run(_ suites: [SmokeSuite], against address: EndpointAddress) async throws -> [SmokeResult] {
      try await failpoints.around { () async throws in try await prover.run(suites, against: address) }
    }
  }
#endif
