package import RolloutCore
import RolloutDigest
package import RolloutEngine

/// An append is a race for one name that one writer wins.
extension ObjectJournal {
  package func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let known = try await upToDate()
    guard known.end == sequence else { throw .lost(after: sequence) }
    guard !events.isEmpty else { return [] }
    var (fold, written) = (known.fold, [Fold.Written]())
    for event in events {
      written.append(try fold.write(event, by: actor, epoch: epoch, nonce: nonce, at: now))
    }
    let entries = try await write(EntryBatch(written, after: known.head), nonce, written.map(\.entry))
    var history = known
    // Written by an earlier try of the same, at another moment, it is read as it stands.
    if entries == written.map(\.entry) {
      history.add(written, leadingTo: fold)
      histories.advance(to: history)
    } else {
      history = try await upToDate()
    }
    await finish(entries, history)
    return entries
  }

  /// What is done after an append is worth some patience, and no more: who appends has other things to do in time.
  private func finish(_ entries: [Entry], _ history: ObjectHistory) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await keepLease(after: entries)
        await keepUp(with: history)
      }
      group.addTask { [patience] in try? await Task.sleep(for: patience.duration) }
      await group.next()
      group.cancelAll()
    }
  }

  /// Makes the object unless there is one, and returns the entries that stand in it: ours.
  private func write(
    _ batch: EntryBatch, _ nonce: UInt64, _ entries: [Entry]
  ) async throws(JournalError) -> [Entry] {
    let key = ObjectName.entry(batch.header.sequence)
    do {
      if case .stored = try await store.put(batch.bytes, as: key, if: .absent) { return entries }
    } catch {
      guard error.mayHaveHappened else { throw JournalError(error, .write, place + key) }
    }
    // In the way, or perhaps there: after an answer that was lost it may be our own.
    let found: StoredObject?
    do { found = try await object(key) } catch { throw unknown(key) }
    guard let found else { throw unknown(key) }
    if found.bytes == batch.bytes { return entries }
    guard let theirs = try? EntryBatch.read(found.bytes).first, theirs.header.prev == batch.header.prev else {
      throw .lost(after: batch.header.sequence - 1)
    }
    let earlier = theirs.bodies.compactMap { try? CanonicalJSON.ownValue(Entry.self, from: $0) }
    guard earlier.first?.nonce == nonce, earlier.map(\.event) == entries.map(\.event) else {
      throw .lost(after: batch.header.sequence - 1)
    }
    return earlier
  }

  private func unknown(_ key: String) -> JournalError {
    JournalError(
      .unknown, "\(place)\(key) may or may not have been written: the answer was lost",
      help: "look whether it is there: rollout status; then run the command again")
  }
}

extension ObjectError {
  var mayHaveHappened: Bool {
    switch self {
    case .noAnswer, .damaged: true
    case .unreachable, .refused: false
    }
  }
}
