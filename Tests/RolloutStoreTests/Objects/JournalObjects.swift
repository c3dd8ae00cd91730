import Foundation
import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine

@testable import RolloutStore

/// A journal in objects, and the hands of somebody who reaches them without us.
struct JournalObjects {
  let store = FakeObjects()
  static let place = "s3://models/state/"

  static let maria = Actor(name: "maria", kind: .command, host: "here", pid: 1, version: "test")
  static let now = Timestamp(milliseconds: 1_000)

  func open(_ service: String = "eye-catcher") async throws(JournalError) -> ObjectJournal {
    try await ObjectJournal(
      in: store, at: Self.place, service: service, lineage: "l-1", by: Self.maria, at: Self.now)
  }

  /// As another process would that only looks.
  func look() async throws -> ObjectJournal {
    guard let journal = try await ObjectJournal.existing(in: store, at: Self.place, service: "eye-catcher") else {
      throw JournalError(.notFound, "there is no journal")
    }
    return journal
  }

  /// A journal of everyday rollouts, at least `count` entries long.
  @discardableResult
  func filled(to count: UInt64) async throws -> ObjectJournal {
    let journal = try await open()
    var rollouts = EverydayRollouts(after: try await journal.state())
    try await rollouts.fill(journal, to: count)
    return journal
  }

  /// As many appends of two entries each.
  @discardableResult
  func filled(withAppends count: Int) async throws -> ObjectJournal {
    let journal = try await open()
    let end = try await journal.state().sequence
    for round in 0..<UInt64(count) { try await Self.takeAndGive(journal, after: end + 2 * round) }
    return journal
  }

  private static let template = Task {
    let objects = JournalObjects()
    try await objects.filled(withAppends: 140)
    return objects.store.contents
  }

  /// What 140 appends leave, which many tests begin with: 281 entries, two segments and a snapshot.
  func filledOnce() async throws -> ObjectJournal {
    for (key, bytes) in try await Self.template.value { store.edit(key, bytes) }
    return try await open()
  }

  @discardableResult
  static func takeAndGive(_ journal: any Journal, after sequence: UInt64) async throws(JournalError) -> [Entry] {
    try await journal.append(
      [.leaseAcquired(ttl: .seconds(30), why: .free), .leaseReleased], expecting: sequence, by: maria,
      epoch: sequence + 1, at: now)
  }

  /// Replaces a word in an object, which stays as long as it was.
  func replace(_ old: String, by new: String, in key: String) throws {
    guard let bytes = store.bytes(key) else { throw JournalError(.notFound, "there is no \(key)") }
    let text = String(decoding: bytes, as: UTF8.self).replacing(old, with: new)
    precondition(Array(text.utf8) != bytes, "there is such a word")
    store.edit(key, Array(text.utf8))
  }

  /// Writes an object as this program would that has never heard of rules.
  func forge(_ body: [UInt8], after sequence: UInt64) async throws {
    let link = ChainLink(sequence: sequence, hash: try await look().head(at: sequence).bytes)
    let entry = Entry(sequence: sequence + 1, at: Self.now, actor: Self.maria, epoch: nil, event: .leaseReleased)
    let written = Fold.Written(entry: entry, body: body, link: link.next(body))
    store.edit(ObjectName.entry(sequence + 1), EntryBatch([written], after: link).bytes)
  }

  /// The names of the entries' objects.
  var entryKeys: [String] { store.keys.filter { $0.hasPrefix(ObjectName.entries) } }
  var segmentKeys: [String] { store.keys.filter { $0.hasPrefix(ObjectName.segments) } }
}
