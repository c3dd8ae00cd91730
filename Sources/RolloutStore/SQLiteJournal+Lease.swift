import GRDB
import RolloutCore
package import RolloutEngine

/// The lease says whether its holder lives; what keeps users safe is the fence in every order, not this.
extension SQLiteJournal {
  func takeLease(epoch: UInt64, ttl: TimeSpan, in database: Database) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO lease(one, epoch, boot, pid, pid_start, renewed_ms, ttl_ms) VALUES (1, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Int64(epoch), host.bootID, host.pid, host.pidStart, HostIdentity.millisecondsSinceBoot(), ttl.milliseconds,
      ])
  }

  package func renewLease(epoch: UInt64) async throws(JournalError) -> Bool {
    try await writing { database in
      try database.execute(
        sql: "UPDATE lease SET renewed_ms = ? WHERE epoch = ?",
        arguments: [HostIdentity.millisecondsSinceBoot(), Int64(epoch)])
      return database.changesCount == 1
    }
  }

  /// A holder of this boot is alive if its process is (same start time, so that a reused number does not count) and it
  /// renewed in time by the kernel's own clock. A holder of another boot is dead: the file is local to one machine.
  package func leaseIsLive(epoch: UInt64) async throws(JournalError) -> Bool {
    let host = host
    return try await reading { database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM lease WHERE epoch = ?", arguments: [Int64(epoch)])
      else { return false }
      guard row["boot"] as String == host.bootID else { return false }
      guard HostIdentity.startTime(of: row["pid"] as Int32) == row["pid_start"] as Int64 else { return false }
      let age = HostIdentity.millisecondsSinceBoot() - (row["renewed_ms"] as Int64)
      return age < row["ttl_ms"] as Int64
    }
  }

  package func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook {
    let host = host
    return try await reading { database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM lease WHERE epoch = ?", arguments: [Int64(epoch)])
      else { return LeaseLook(isLive: false, left: .zero) }
      let holderLives =
        row["boot"] as String == host.bootID
        && HostIdentity.startTime(of: row["pid"] as Int32) == row["pid_start"] as Int64
      let age = HostIdentity.millisecondsSinceBoot() - (row["renewed_ms"] as Int64)
      let left = max(0, (row["ttl_ms"] as Int64) - age)
      return LeaseLook(isLive: holderLives && left > 0, left: .milliseconds(left), holderLives: holderLives)
    }
  }
}
