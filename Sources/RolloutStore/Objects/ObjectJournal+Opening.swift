package import RolloutCore
import RolloutDigest
package import RolloutEngine

extension ObjectJournal {
  /// Opens the journal in `store`, making it when `service` has none yet. `place` is where the store's keys begin, for
  /// people: `s3://bucket/prefix/`.
  package init(
    in store: any ObjectStore, at place: String, service: String, lineage: @autoclosure () -> String, by actor: Actor,
    at now: Timestamp
  ) async throws(JournalError) {
    self.init(store, place, service)
    var beginning = try await begun()
    if beginning == nil {
      try await begin(.laneCreated(service: service, lineage: lineage()), by: actor, at: now)
      beginning = try await begun()
    }
    guard let beginning else { throw .cut(self.place) }
    guard !beginning.isNamed else { return }
    try await requireConditions(with: beginning.bytes)
    try await repeating(.write, ObjectName.meta) { () async throws(ObjectError) in
      _ = try await store.put(beginning.card.bytes, as: ObjectName.meta, if: .absent)
    }
  }

  /// Opens an existing journal; `nil` when there is none. Writes nothing.
  package static func existing(
    in store: any ObjectStore, at place: String, service: String
  ) async throws(JournalError) -> ObjectJournal? {
    let journal = ObjectJournal(store, place, service)
    return try await journal.begun() == nil ? nil : journal
  }

  /// The first entry is what makes a journal; its name card comes after it. So a card without a first entry is a journal
  /// that was cut, and nobody takes it for a new one.
  private func begin(_ event: Event, by actor: Actor, at now: Timestamp) async throws(JournalError) {
    var fold = Fold()
    let first = try fold.write(event, by: actor, epoch: nil, nonce: nil, at: now)
    let bytes = EntryBatch([first], after: .genesis).bytes
    let key = ObjectName.entry(1)
    var tries = 1
    while true {
      do {
        // Somebody else's beginning is as good as ours.
        _ = try await store.put(bytes, as: key, if: .absent)
        return
      } catch {
        guard error.mayHaveHappened, tries < Self.triesMax else { throw JournalError(error, .write, place + key) }
      }
      if try await begun() != nil { return }
      tries += 1
    }
  }

  /// Some stores that speak S3's language do not know conditions, and overwrite. Asked for what must not be done, with the
  /// bytes that are there anyway.
  private func requireConditions(with bytes: [UInt8]) async throws(JournalError) {
    let key = ObjectName.entry(1)
    for condition in [PutCondition.absent, .unchanged(tag: "\"none\"")] {
      let result = try await repeating(.write, key) { () async throws(ObjectError) in
        try await store.put(bytes, as: key, if: condition)
      }
      guard result == .lost else {
        throw JournalError(
          .storageUnavailable,
          "the store of \(place) overwrites what it is told not to, so that writers would lose "
            + "each other's entries",
          help: "name a bucket of S3, or of a store that knows If-None-Match and If-Match, in pipeline.yaml")
      }
    }
  }

  struct Beginning {
    var card: NameCard
    /// Of the first entry's object.
    var bytes: [UInt8]
    /// Whether the card is there.
    var isNamed: Bool
  }

  /// What the journal says that it is, checked; `nil` where nothing has begun.
  func begun() async throws(JournalError) -> Beginning? {
    let objects = try await objects([ObjectName.meta, ObjectName.entry(1)])
    let card = try objects[0].map { (object) throws(JournalError) in try NameCard(object.bytes, in: place) }
    guard let first = objects[1] else {
      if card != nil { throw .cut(place) }
      return nil
    }
    var history = ObjectHistory()
    _ = try add(first, at: ObjectName.entry(1), to: &history)
    guard let found = NameCard(history.fold.state) else { throw .cut(place) }
    guard found.service == service else { throw .foreign(place, of: found.service, not: service) }
    guard card == nil || card == found else { throw .misnamed(place) }
    return Beginning(card: found, bytes: first.bytes, isNamed: card != nil)
  }
}

/// Whose journal it is, in an object that is made once.
struct NameCard: Codable, Equatable {
  static let schema = 1

  var schema: Int
  var service: String
  var lineage: String

  init?(_ state: LaneState) {
    guard let service = state.service, let lineage = state.lineage else { return nil }
    (schema, self.service, self.lineage) = (Self.schema, service, lineage)
  }

  init(_ bytes: [UInt8], in place: String) throws(JournalError) {
    struct Version: Decodable { var schema: Int }
    guard let version = try? CanonicalJSON.ownValue(Version.self, from: bytes) else { throw .misnamed(place) }
    guard version.schema <= Self.schema else { throw .newer(place) }
    guard let card = try? CanonicalJSON.ownValue(NameCard.self, from: bytes) else { throw .misnamed(place) }
    self = card
  }

  var bytes: [UInt8] {
    guard let bytes = try? CanonicalJSON.bytes(self) else { preconditionFailure("names are JSON") }
    return bytes
  }
}

extension JournalError {
  fileprivate static func misnamed(_ place: String) -> JournalError {
    JournalError(
      .corrupt, "\(place)\(ObjectName.meta) does not say what the journal's first entry says",
      help: "name another state in pipeline.yaml, or restore that object from a copy; nothing was changed")
  }
}
