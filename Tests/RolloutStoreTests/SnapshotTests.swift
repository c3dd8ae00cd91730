import Foundation
import GRDB
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore
import Testing

/// Kept folds: they save work and never say anything of their own.
@Suite struct SnapshotTests {
  private let file = JournalFile()

  @Test func `whoever looks starts from a snapshot and sees what whoever decides sees`() async throws {
    let journal = try await file.filled(to: 600)
    #expect(try await file.number("SELECT count(*) FROM snapshot") == 1)
    #expect(try await file.number("SELECT upto FROM snapshot") > 256)
    let (looked, decided) = (try await file.look().lookAtState(), try await file.look().state())
    #expect(looked == decided)
    #expect(try await looked == journal.state())
    #expect(
      looked.environments["production"]?.liveSince?.rollout
        == "r\(looked.past.last { $0.outcome == .promoted }?.id.dropFirst() ?? "")")
  }

  @Test func `a short journal keeps no snapshot, and a long one a single newest`() async throws {
    _ = try await file.filled(to: 100)
    #expect(try await file.number("SELECT count(*) FROM snapshot") == 0)
    var rollouts = 0
    var newest = 0
    for count in [UInt64(300), 600, 900] {
      _ = try await file.filled(to: count)
      rollouts += 1
      let upto = try await file.number("SELECT max(upto) FROM snapshot")
      #expect(try await file.number("SELECT count(*) FROM snapshot") == 1)
      #expect(upto > newest)
      newest = upto
    }
    #expect(rollouts == 3)
  }

  /// What somebody or something may do to a snapshot, and whether `verify` calls it a lie.
  static let spoilt: [(what: String, sql: String, isLie: Bool)] = [
    ("missing", "DELETE FROM snapshot", false),
    ("with a flipped byte", "UPDATE snapshot SET state = CAST(replace(CAST(state AS TEXT), 'r1', 'r9') AS BLOB)", true),
    ("cut short", "UPDATE snapshot SET state = substr(state, 1, 100)", true),
    ("with another digest", "UPDATE snapshot SET digest = zeroblob(32)", true),
    ("of another format", "UPDATE snapshot SET format = 4711", false),
    ("of another chain", "UPDATE snapshot SET head = zeroblob(32)", true),
    ("of another entry", "UPDATE snapshot SET upto = 7", true),
    ("of an entry that is not there", "UPDATE snapshot SET upto = 999999", true),
  ]

  @Test(arguments: spoilt.indices) func `a snapshot that is not whole is passed over`(index: Int) async throws {
    let (what, sql, isLie) = Self.spoilt[index]
    let state = try await file.filled(to: 600).state()
    try await file.edit(sql)
    #expect(try await file.look().lookAtState() == state, "\(what)")
    let error = try await JournalError.of { _ = try await file.look().audit() }
    #expect((error != nil) == isLie, "\(what): \(error?.message ?? "")")
    if let error {
      #expect(error.code == .corrupt)
      #expect(error.message.contains("snapshot"))
      #expect(error.help?.contains("cache") == true)
    }
    // The next writers make one that holds.
    _ = try await file.filled(to: 1_200)
    #expect(try await file.look().audit().snapshots == 1)
  }

  /// As somebody would who knows how they are made.
  private func forge(_ change: (inout LaneState) -> Void, at sequence: UInt64? = nil) async throws {
    var state = try await file.look().state()
    change(&state)
    let bytes = try CanonicalJSON.bytes(state)
    try await file.edit(
      """
      UPDATE snapshot SET upto = ?, head = (SELECT hash FROM event WHERE seq = ?), digest = ?, state = ?
      """,
      [Int64(state.sequence), Int64(state.sequence), Data(Digest(of: bytes).bytes), Data(bytes)])
  }

  @Test func `a forged snapshot deceives whoever looks, decides nothing, and is found`() async throws {
    let honest = try await file.filled(to: 600).state()
    try await forge { $0.environments["production"]?.path = [1] }
    #expect(try await file.look().lookAtState().environments["production"]?.live?.number == 1)

    // Who decides, appends, or has decided in this process folds for itself.
    #expect(try await file.look().state() == honest)
    let deciding = try await file.look()
    _ = try await deciding.state()
    #expect(try await deciding.lookAtState() == honest)
    let record = try #require(honest.environments["production"]?.live)
    let journal = try await file.look()
    let error = try await JournalError.of {
      _ = try await journal.append(
        [.revisionAdopted(environment: "production", record: record), .holdSet(rollout: "r1", reason: "")],
        expecting: honest.sequence, by: JournalFile.maria, epoch: nil, at: JournalFile.now)
    }
    #expect(error?.code == .inadmissible)
    let found = try await JournalError.of { _ = try await file.look().audit() }
    #expect(found?.code == .corrupt)
    #expect(found?.message.contains("entry \(honest.sequence)") == true)
  }

  @Test func `a forged snapshot cannot mint an approval`() async throws {
    _ = try await file.filled(to: 600)
    let journal = try await file.look()
    // A rollout under way whose gate nobody opened: only in the snapshot.
    try await forge { state in
      state.rollout = nil
      state.environments = [:]
    }
    #expect(try await file.look().lookAtState().rollout != nil, "parts that do not fit together are passed over")
    let state = try await journal.state()
    let error = try await JournalError.of {
      _ = try await journal.append(
        [.stepStarted(Position(stage: 1, step: 4), attempt: 1, direction: .forward)], expecting: state.sequence,
        by: JournalFile.maria, epoch: 2, at: JournalFile.now)
    }
    #expect(error?.code == .inadmissible)
  }

  @Test func `what follows a forged snapshot and cannot is folded from the first entry`() async throws {
    let journal = try await file.filled(to: 600)
    // Says that a lease is held; the next rollout takes it as free.
    let state = try await journal.state()
    try await forge { $0.environments["production"] = nil }
    var rollback = state
    let record = try #require(state.environments["production"]?.revisions.first)
    let event = Event.rollbackStarted(
      id: "r\(state.rolloutsStarted + 1)", environment: "production",
      endpoint: record.revision.content.endpoint.name, to: record, reason: "")
    let entries = try await journal.append(
      [event], expecting: state.sequence, by: JournalFile.maria, epoch: nil, at: JournalFile.now)
    for entry in entries { try rollback.apply(entry) }
    #expect(try await file.look().lookAtState() == rollback)
  }

  @Test func `a snapshot reads back as the state it was made of, wherever a rollout stands`() async throws {
    let journal = try await file.filled(to: 200)
    var state = LaneState()
    for entry in try await journal.entries(after: 0) {
      try state.apply(entry)
      let read = try CanonicalJSON.value(LaneState.self, from: try CanonicalJSON.bytes(state))
      #expect(read == state)
      #expect(read.isCoherent)
    }
  }

  /// When this fails the same entries fold to something else than before, or are written otherwise: raise
  /// `Snapshot.format`, so that no older snapshot is read, and record the new digest here.
  @Test func `the fold is what the snapshot format says`() async throws {
    let journal = try await file.filled(to: 200)
    let digest = try CanonicalJSON.digest(try await journal.state())
    #expect(digest.short == "269ff883864c", "format 1")
  }
}
