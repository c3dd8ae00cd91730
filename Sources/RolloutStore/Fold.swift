import RolloutCore
import RolloutDigest
import RolloutEngine
import Synchronization

/// What was read and written so far, folded, and the link of the chain where that ends.
struct Fold {
  var state = LaneState()
  var head = ChainLink.genesis

  /// One event as it is to be kept, and the chain up to it.
  struct Written {
    var entry: Entry
    /// Canonical JSON of the entry.
    var body: [UInt8]
    var link: ChainLink
  }

  /// Adds an event to the end, if it may follow; unchanged when it throws.
  mutating func write(
    _ event: Event, by actor: Actor, epoch: UInt64?, nonce: UInt64?, at now: Timestamp
  ) throws(JournalError) -> Written {
    let entry = Entry(
      sequence: head.sequence + 1, at: now, actor: actor, epoch: event.needsLease ? epoch : nil, nonce: nonce,
      event: event)
    let body: [UInt8]
    do {
      body = try CanonicalJSON.bytes(entry)
      try state.apply(entry)
    } catch {
      throw JournalError(.inadmissible, "\(error)", help: "see what is under way: rollout status")
    }
    head = head.next(body)
    return Written(entry: entry, body: body, link: head)
  }
}

extension Entry {
  /// An entry that is in the chain of the journal at `place`, so that it is what somebody wrote.
  init(chained body: [UInt8], _ sequence: UInt64, in place: String) throws(JournalError) {
    do { self = try CanonicalJSON.ownValue(Entry.self, from: body) } catch {
      throw JournalError(
        .newer, "entry \(sequence) of \(place) is of a kind this rollout does not know",
        help: "it was written by a newer version; install that one. Nothing was changed")
    }
  }
}

extension LaneState {
  /// An entry whose hash is right and that still cannot follow was forged by somebody who can hash.
  mutating func follow(_ entry: Entry, in place: String) throws(JournalError) {
    do { try apply(entry) } catch {
      throw JournalError(
        .corrupt, "entry \(entry.sequence) of \(place) cannot follow the ones before it: \(error)",
        help: "restore it from a copy; nothing was changed")
    }
  }
}

/// What grows out of entries that are never changed.
protocol Growing: Sendable {
  init()
  var head: ChainLink { get }
}

extension Fold: Growing {}

/// The furthest that this process has come.
final class Furthest<Contents: Growing>: Sendable {
  private let contents = Mutex(Contents())

  var value: Contents { contents.withLock { $0 } }

  /// Called once what leads there is certain; an older one changes nothing.
  func advance(to value: Contents) {
    contents.withLock { if value.head.sequence > $0.head.sequence { $0 = value } }
  }
}

extension JournalError {
  static func foreign(_ place: String, of found: String, not service: String) -> JournalError {
    JournalError(
      .corrupt, "\(place) is the journal of service '\(found)', not '\(service)'",
      help: "name another state path in pipeline.yaml; two services do not share a journal")
  }

  static func lost(after sequence: UInt64) -> JournalError {
    JournalError(.conflict, "entry \(sequence + 1) was written by somebody else")
  }

  static func replaced(_ sequence: UInt64, in place: String) -> JournalError {
    JournalError(
      .corrupt, "\(place) holds another history than it did a moment ago: entry \(sequence) was replaced",
      help: "find out who wrote it and restore it from a copy; nothing was changed")
  }

  static func missing(_ digest: Digest, in place: String) -> JournalError {
    JournalError(
      .notFound, "no blob \(digest.short) in \(place)", help: "restore the journal from a copy; nothing was changed")
  }

  static func spoilt(_ digest: Digest, in place: String) -> JournalError {
    JournalError(
      .corrupt, "blob \(digest.short) in \(place) is not what its name says", help: "restore it from a copy")
  }
}
