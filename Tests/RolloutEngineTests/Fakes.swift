import RolloutCore
import RolloutDigest
import RolloutEngine
import Synchronization

/// A journal in memory, held to the same rules as the real ones.
final class MemoryJournal: Journal {
  private struct Contents {
    var entries: [Entry] = []
    var blobs: [Digest: [UInt8]] = [:]
    var renewals = 0
    /// Appends that lose the race before one wins.
    var conflicts = 0
    var isBroken = false
  }

  private let contents = Mutex(Contents())

  init(_ events: [Event], by actor: Actor) throws {
    var state = LaneState()
    for event in events {
      let entry = Entry(
        sequence: state.sequence + 1, at: Timestamp(milliseconds: 0), actor: actor, epoch: nil, event: event)
      try state.apply(entry)
      contents.withLock { $0.entries.append(entry) }
    }
  }

  var all: [Entry] { contents.withLock { $0.entries } }
  var renewals: Int { contents.withLock { $0.renewals } }
  func loseRaces(_ count: Int) { contents.withLock { $0.conflicts = count } }
  func breakDown() { contents.withLock { $0.isBroken = true } }

  func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] {
    let (entries, isBroken) = contents.withLock { ($0.entries, $0.isBroken) }
    if isBroken { throw JournalError(.storageUnavailable, "the disk is gone") }
    return entries.filter { $0.sequence > sequence }
  }

  func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let added: [Entry]? = contents.withLock { contents in
      if contents.conflicts > 0 {
        contents.conflicts -= 1
        return nil
      }
      guard sequence == UInt64(contents.entries.count) else { return nil }
      let added = events.enumerated().map { index, event in
        Entry(
          sequence: sequence + UInt64(index) + 1, at: now, actor: actor, epoch: event.needsLease ? epoch : nil,
          nonce: nonce, event: event)
      }
      contents.entries += added
      return added
    }
    guard let added else { throw JournalError(.conflict, "somebody else wrote") }
    return added
  }

  func renewLease(epoch: UInt64) async throws(JournalError) -> Bool {
    contents.withLock { $0.renewals += 1 }
    return true
  }

  func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook { LeaseLook(isLive: false) }

  func head(at sequence: UInt64) async throws(JournalError) -> Digest { Digest(of: "head \(sequence)") }

  func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest {
    let digest = Digest(of: bytes)
    contents.withLock { $0.blobs[digest] = bytes }
    return digest
  }

  func blob(_ digest: Digest) async throws(JournalError) -> [UInt8] {
    guard let bytes = contents.withLock({ $0.blobs[digest] }) else { throw JournalError(.notFound, "no blob") }
    return bytes
  }
}

/// A target that does what it is told at once, and notes what that was.
final class ObedientTarget: Target {
  private struct Contents {
    var observation = EndpointObservation(fence: 0)
    var orders: [TargetOrder] = []
  }

  private let contents = Mutex(Contents())
  var orders: [TargetOrder] { contents.withLock { $0.orders } }

  func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    contents.withLock { $0.observation }
  }

  func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    contents.withLock { contents in
      contents.orders.append(order)
      contents.observation.fence = fence
      switch order {
      case .prepare(let revision):
        contents.observation.canary = CanaryObservation(
          fleet: FleetObservation(revision: revision.digest, model: revision.content.model, desired: 1, ready: 1),
          share: .none, leaseIsLive: false, baked: .zero)
      case .shift(let share):
        contents.observation.canary?.share = share
        contents.observation.canary?.leaseIsLive = true
      case .promote:
        contents.observation.stable = contents.observation.canary?.fleet
        contents.observation.canary = nil
      case .restore:
        contents.observation.canary = nil
        contents.observation.stable = nil
      }
    }
  }

  func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool { true }

  func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
    throw TargetError(.failed, "this target was never sealed")
  }
}

/// A registry that knows one package.
struct OnePackage: Registry {
  let package: ModelPackage
  var isIntact = true

  func packages(in group: String) async throws(RegistryError) -> [ModelPackage] { [package] }
  func package(_ version: Int, in group: String) async throws(RegistryError) -> ModelPackage { package }

  func verify(_ package: ModelPackage) async throws(RegistryError) {
    if !isIntact { throw RegistryError(.digestMismatch, "model.onnx is not what was registered") }
  }

  func decide(
    _ status: ModelApproval.Status, version: Int, in group: String, by: String, comment: String?, at: Timestamp
  ) async throws(RegistryError) -> ModelPackage {
    throw RegistryError(.conflict, "this registry was not told to decide")
  }
}

/// A registry whose one package somebody decides about meanwhile.
final class ChangingPackage: Registry {
  private let current: Mutex<ModelPackage>
  private let changed: ModelPackage

  init(package: ModelPackage, changed: ModelPackage) {
    current = Mutex(package)
    self.changed = changed
  }

  func change() { current.withLock { $0 = changed } }

  func packages(in group: String) async throws(RegistryError) -> [ModelPackage] { [current.withLock { $0 }] }
  func package(_ version: Int, in group: String) async throws(RegistryError) -> ModelPackage {
    current.withLock { $0 }
  }
  func verify(_ package: ModelPackage) async throws(RegistryError) {}
  func decide(
    _ status: ModelApproval.Status, version: Int, in group: String, by: String, comment: String?, at: Timestamp
  ) async throws(RegistryError) -> ModelPackage {
    throw RegistryError(.conflict, "this registry was not told to decide")
  }
}

/// Answers every suite with what it was told.
struct ScriptedProver: Prover {
  let answer: @Sendable ([SmokeSuite], EndpointAddress) async -> [SmokeResult]

  func run(_ suites: [SmokeSuite], against address: EndpointAddress) async throws -> [SmokeResult] {
    await answer(suites, address)
  }
}

final class NotingNotifier: Notifier {
  private let notes = Mutex<[NotifySpec.Occasion]>([])
  var occasions: [NotifySpec.Occasion] { notes.withLock { $0 } }
  func notify(_ occasion: NotifySpec.Occasion, _ text: String) async { notes.withLock { $0.append(occasion) } }
}

/// A hook that never answers; it gives up only when it is told to.
final class HangingNotifier: Notifier {
  private let (silence, _) = AsyncStream<Never>.makeStream()
  private let isGivenUp = Mutex(false)
  var gaveUp: Bool { isGivenUp.withLock { $0 } }

  func notify(_ occasion: NotifySpec.Occasion, _ text: String) async {
    for await _ in silence {}
    isGivenUp.withLock { $0 = true }
  }
}

/// A clock on which every wait is over at once.
struct ImpatientClock: Clock {
  let clock = ContinuousClock()
  var now: ContinuousClock.Instant { clock.now }
  var minimumResolution: Duration { clock.minimumResolution }

  func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    await Task.yield()
  }
}

/// Environments that ask for no signatures.
struct NobodySigns: ApprovalAuthority {
  func policy(over endpoint: String) async throws -> EndpointPolicy? { nil }
  func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String, at moment: Timestamp?
  ) async throws(SignatureError) -> String? { "nobody signs here" }
}
