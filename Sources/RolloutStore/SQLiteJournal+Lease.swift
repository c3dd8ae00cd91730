import GRDB
import RolloutCore
package import RolloutEngine

/// The lease says whether its holder lives; what keeps users safe is the fence in every order, not this.
extension SQLiteJournal {
  func takeLease(epoch: UInt64, ttl: TimeSpan, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO lease(one, epoch, host, boot, pid_namespace, pid, pid_start, renewed_ms, ttl_ms)
        VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(
      arguments: [
        Int64(epoch), host.place.host ?? "", host.place.bootID, Int64(host.place.pidNamespace ?? 0), host.pid,
        host.pidStart, HostIdentity.sinceBoot().milliseconds, ttl.milliseconds,
      ])
  }

  package func renewLease(epoch: UInt64) async throws(JournalError) -> Bool {
    try await writing { database in
      let statement = try database.cachedStatement(sql: "UPDATE lease SET renewed_ms = ? WHERE epoch = ?")
      try statement.execute(arguments: [HostIdentity.sinceBoot().milliseconds, Int64(epoch)])
      return database.changesCount == 1
    }
  }

  package func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook {
    let row = try await reading { database in
      try Row.fetchOne(database, sql: "SELECT * FROM lease WHERE epoch = ?", arguments: [Int64(epoch)])
        .map { try LeaseRow($0, epoch: epoch) }
    }
    guard let row else { return LeaseLook(isLive: false, left: .zero) }
    let sight = LeaseSight(
      place: host.place, sinceBoot: HostIdentity.sinceBoot(), pidStart: HostIdentity.startTime(of: row.pid),
      unchangedFor: sightings.unchanged(row))
    return LeaseLook(LeaseVerdict(row, seen: sight))
  }
}

extension LeaseRow {
  /// Numbers that no holder writes are from a file that somebody changed: they are taken for the nearest one that may be.
  fileprivate init(_ row: Row, epoch: UInt64) throws(JournalError) {
    // A table of an older version has neither.
    let host = row.hasColumn("host") ? try row.text("host") : ""
    let namespace: Int64 = row.hasColumn("pid_namespace") ? try row.number("pid_namespace") : 0
    let times = 0...TimeSpan.longest.milliseconds
    self.init(
      epoch: epoch,
      place: LeasePlace(
        host: host.isEmpty ? nil : host, bootID: try row.text("boot"),
        pidNamespace: namespace == 0 ? nil : UInt64(bitPattern: namespace)),
      pid: Int32(clamping: try row.number("pid") as Int64), pidStart: try row.number("pid_start"),
      renewedAt: .milliseconds(times.clamp(try row.number("renewed_ms"))),
      ttl: .milliseconds(times.clamp(try row.number("ttl_ms"))))
  }
}

extension ClosedRange<Int64> {
  fileprivate func clamp(_ number: Int64) -> Int64 { Swift.min(Swift.max(number, lowerBound), upperBound) }
}
