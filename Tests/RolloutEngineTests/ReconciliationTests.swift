import RolloutCore
import RolloutDigest
import RolloutEngine
import Synchronization
import Testing

/// What becomes of a seal, wherever whoever tells the journal of it dies.
struct ReconciliationTests {
  @Test func `an emergency is told once, and its seal broken with the fence of that entry`() async throws {
    let (journal, state) = try await Self.journal()
    let target = SealedTarget(Self.emergency)
    #expect(try await Self.told(journal, target, state).told == [Self.emergency])
    let entries = try await journal.entries(after: state.sequence)
    #expect(entries.map(\.event) == [.emergencyReverted(Self.emergency)])
    #expect(target.unsealings == [.init(id: "e1", fence: entries[0].sequence)])
    #expect(try await Self.told(journal, target, state).told.isEmpty)
  }

  @Test func `whoever died between telling and unsealing is followed by one who only unseals`() async throws {
    let (journal, state) = try await Self.journal()
    let target = SealedTarget(Self.emergency, failures: 1)
    let first = try await Self.told(journal, target, state)
    #expect(first.told.isEmpty && first.troubles.keys.sorted() == ["eye"])
    #expect(try await Self.told(journal, target, state).told == [Self.emergency])
    let entries = try await journal.entries(after: state.sequence)
    #expect(entries.count == 1)
    #expect(target.unsealings.map(\.fence) == [entries[0].sequence])
  }

  @Test func `a race that was lost is run again, and the emergency told once`() async throws {
    let (journal, state) = try await Self.journal()
    journal.loseRaces(2)
    let target = SealedTarget(Self.emergency)
    #expect(try await Self.told(journal, target, state).told == [Self.emergency])
    #expect(try await journal.entries(after: state.sequence).count == 1)
  }

  @Test func `the seal of another journal's endpoint is left alone`() async throws {
    let (journal, state) = try await Self.journal()
    let target = SealedTarget(Self.emergency, lineage: "another")
    #expect(try await Self.told(journal, target, state).told.isEmpty)
    #expect(try await journal.entries(after: state.sequence).isEmpty)
  }

  private static let omar = Actor(name: "omar", kind: .command, host: "here", pid: 1, version: "test")
  private static let emergency = Emergency(
    id: "e1", environment: "production", endpoint: "eye", restored: nil, by: "omar", reason: "wrong labels",
    at: Timestamp(milliseconds: 5))

  /// A journal that has to do with the endpoint `eye`.
  private static func journal() async throws -> (MemoryJournal, LaneState) {
    let model = DeployedModel(
      group: "eye", version: 3, digest: Digest(of: "model 3"), variant: "full", metrics: [:], sizeBytes: 1,
      registryPath: "/r")
    let content = Revision.Content(
      model: model, serve: ServeSpec(command: ["serve"]), endpoint: EndpointSpec(name: "eye"),
      template: EndpointTemplate(), alarms: [], autoscaling: nil)
    let revision = Revision(digest: Digest(of: "revision"), content: content)
    let journal = try MemoryJournal(
      [
        .laneCreated(service: "eye", lineage: "l"),
        .revisionAdopted(environment: "production", record: RevisionRecord(number: 1, revision: revision)),
      ], by: omar)
    return (journal, try LaneState.folding(journal.all))
  }

  private static func told(
    _ journal: MemoryJournal, _ target: SealedTarget, _ state: LaneState
  ) async throws -> Reconciliation.Outcome {
    let seen = await EndpointsSeen(state.endpoints, at: target)
    return try await Reconciliation(
      journal: journal, target: target, notifier: NotingNotifier(), actor: omar,
      now: { Timestamp(milliseconds: 10) }
    ).run(state, seen)
  }
}

/// A target that was taken back by hand. Its first unsealings fail as often as it was told.
private final class SealedTarget: Target {
  struct Unsealing: Equatable {
    var id: String
    var fence: UInt64
  }

  private struct Contents {
    var observation: EndpointObservation
    var failures: Int
    var unsealings: [Unsealing] = []
  }

  private let contents: Mutex<Contents>
  var unsealings: [Unsealing] { contents.withLock { $0.unsealings } }

  init(_ emergency: Emergency, lineage: String? = nil, failures: Int = 0) {
    contents = Mutex(
      Contents(observation: EndpointObservation(fence: 7, lineage: lineage, seal: emergency), failures: failures))
  }

  func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    contents.withLock { $0.observation }
  }

  func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
    let isDone = contents.withLock { contents in
      guard contents.failures == 0 else {
        contents.failures -= 1
        return false
      }
      contents.observation.seal = nil
      contents.unsealings.append(Unsealing(id: id, fence: fence))
      return true
    }
    if !isDone { throw TargetError(.ambiguous, "the connection broke") }
  }

  func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    throw TargetError(.failed, "this target was not told to obey")
  }

  func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool {
    throw TargetError(.failed, "this target was not told to renew")
  }
}
