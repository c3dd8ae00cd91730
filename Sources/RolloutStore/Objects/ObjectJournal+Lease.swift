import RolloutCore
package import RolloutEngine

/// The lease says whether its holder lives; what keeps users safe is the fence in every order, not this. Who holds it is
/// what the entries say; the object says that the holder lives.
extension ObjectJournal {
  package func renewLease(epoch: UInt64) async throws(JournalError) -> Bool {
    let ours = host
    return try await changeLease { (current) async throws(JournalError) in
      if let current, current.epoch == epoch { return current.isGivenBack ? nil : current.renewed(by: ours) }
      guard current?.epoch ?? 0 < epoch, let ttl = try await ttl(of: epoch) else { return nil }
      // The holder could not write it when it took the lease.
      return LeaseCell(epoch: epoch, by: ours, ttl: ttl)
    }
  }

  package func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook {
    let object = try await object(ObjectName.lease)
    if let object, let cell = LeaseCell(object.bytes), cell.epoch == epoch {
      guard !cell.isGivenBack else { return LeaseLook(isLive: false, left: .zero) }
      return look(at: cell.row, age: object.age)
    }
    // Taken a moment ago, by somebody who has not come to write it here, or died before that.
    guard let ttl = try await ttl(of: epoch) else { return LeaseLook(isLive: false, left: .zero) }
    let nobody = LeasePlace(host: "", bootID: "", pidNamespace: nil)
    return look(
      at: LeaseRow(epoch: epoch, place: nobody, pid: 0, pidStart: 0, renewedAt: .zero, ttl: ttl), age: nil)
  }

  /// Machines that share a bucket may share a name, so that another boot says nothing: such a holder is judged by its
  /// renewals. A store that knows how old an object is has watched for longer than this process may have.
  private func look(at row: LeaseRow, age: TimeSpan?) -> LeaseLook {
    var here = host.place
    here.host = nil
    let unchanged = max(sightings.unchanged(row), age ?? .zero)
    return LeaseLook(
      LeaseVerdict(
        row,
        seen: LeaseSight(
          place: here, sinceBoot: HostIdentity.sinceBoot(), pidStart: HostIdentity.startTime(of: row.pid),
          unchangedFor: unchanged)))
  }

  /// For how long the lease of this epoch is taken; `nil` when it is not held now.
  private func ttl(of epoch: UInt64) async throws(JournalError) -> TimeSpan? {
    guard let lease = try await upToDate().fold.state.lease, lease.epoch == epoch else { return nil }
    return lease.ttl
  }

  /// Writes down what an append did to the lease. The entries are what counts: a holder that cannot write here renews
  /// later, and whoever looks meanwhile gives it time.
  func keepLease(after entries: [Entry]) async {
    let ours = host
    for entry in entries.reversed() {
      switch entry.event {
      case .leaseAcquired(let ttl, _):
        _ = try? await changeLease { (current) async throws(JournalError) in
          current?.epoch ?? 0 < entry.sequence ? LeaseCell(epoch: entry.sequence, by: ours, ttl: ttl) : nil
        }
        return
      case .leaseReleased:
        guard let epoch = entry.epoch else { return }
        _ = try? await changeLease { (current) async throws(JournalError) in
          guard current?.epoch ?? 0 <= epoch, current?.epoch != epoch || current?.isGivenBack == false else {
            return nil
          }
          return LeaseCell(epoch: epoch, by: ours, ttl: .zero, isGivenBack: true)
        }
        return
      default: continue
      }
    }
  }

  /// Replaces what the lease's object holds by what `change` makes of it; `nil` leaves it, and is answered by `false`. An
  /// answer that was lost is looked up.
  private func changeLease(
    _ change: (LeaseCell?) async throws(JournalError) -> LeaseCell?
  ) async throws(JournalError) -> Bool {
    var refusal: JournalError?
    var ours: [UInt8]?
    for _ in 0..<Self.triesMax {
      let object = try await object(ObjectName.lease)
      if let object, object.bytes == ours { return true }
      // What cannot be read is nobody's lease.
      guard let cell = try await change(object.flatMap { LeaseCell($0.bytes) }) else { return false }
      ours = cell.bytes
      do {
        let condition = object.map { PutCondition.unchanged(tag: $0.tag) } ?? .absent
        if case .stored = try await store.put(cell.bytes, as: ObjectName.lease, if: condition) { return true }
      } catch {
        refusal = JournalError(error, .write, place + ObjectName.lease)
        guard error.mayHaveHappened else { break }
      }
    }
    throw refusal
      ?? JournalError(
        .storageUnavailable, "\(place)\(ObjectName.lease) changes faster than it can be written",
        help: "run the command again")
  }
}
