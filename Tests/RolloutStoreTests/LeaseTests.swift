import Foundation
import GRDB
import RolloutCore
import RolloutEngine
import RolloutStore
import Testing

/// What is read of a lease's row; `LeaseVerdictTests` has what is made of it.
@Suite struct LeaseTests {
  private let file = JournalFile()

  private func take(ttl: TimeSpan = .hours(1)) async throws -> SQLiteJournal {
    let journal = try await file.open()
    _ = try await journal.append(
      [.leaseAcquired(ttl: ttl, why: .free)], expecting: 1, by: JournalFile.maria, epoch: nil, at: JournalFile.now)
    return journal
  }

  private func moveElsewhere() async throws {
    try await file.edit("UPDATE lease SET host = 'build-8', boot = 'another', pid = 99999999")
  }

  @Test func `a row says on which host, boot and process numbers its holder is`() async throws {
    _ = try await take()
    let raw = try DatabaseQueue(path: file.path)
    let found = try raw.read { try Row.fetchOne($0, sql: "SELECT * FROM lease") }
    let row = try #require(found)
    #expect(row["host"] as String == ProcessInfo.processInfo.hostName)
    #expect(row["pid"] as Int32 == getpid())
    let namespace = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    #expect(namespace == "pid:[\(row["pid_namespace"] as Int64)]")
  }

  @Test func `a dead process of this machine has lost its lease`() async throws {
    let journal = try await take()
    // No process has this number: the kernel's largest is 2^22.
    try await file.edit("UPDATE lease SET pid = 99999999")
    let look = try await journal.lookAtLease(epoch: 2)
    #expect(!look.isLive && look.holderLives == false && look.reach == .process)
  }

  @Test func `a process of another container is not dead for not being seen`() async throws {
    let journal = try await take()
    try await file.edit("UPDATE lease SET pid = 99999999, pid_namespace = pid_namespace + 1")
    let look = try await journal.lookAtLease(epoch: 2)
    #expect(look.isLive && look.holderLives == nil && look.reach == .clock)
    // Shortened rather than renewed an hour earlier: a machine that was just booted knows no such time.
    try await file.edit("UPDATE lease SET ttl_ms = 0")
    #expect(try await !journal.lookAtLease(epoch: 2).isLive)
  }

  @Test func `another host's lease is live until it was not renewed for as long as it lasts`() async throws {
    let journal = try await take(ttl: .milliseconds(60))
    try await moveElsewhere()
    let first = try await journal.lookAtLease(epoch: 2)
    #expect(first.isLive && first.holderLives == nil && first.reach == .renewals)
    #expect(first.left == .milliseconds(60))
    // Whoever comes later has seen nothing yet.
    var look = first
    while look.isLive { look = try await journal.lookAtLease(epoch: 2) }
    #expect(try await file.look().lookAtLease(epoch: 2).isLive)
    // Renewed, by whatever clock, it lives again.
    try await file.edit("UPDATE lease SET renewed_ms = 17")
    #expect(try await journal.lookAtLease(epoch: 2).left == .milliseconds(60))
  }

  @Test func `a row with impossible numbers says nothing and stops nobody`() async throws {
    let journal = try await take()
    try await file.edit(
      "UPDATE lease SET pid = 9223372036854775807, renewed_ms = -9223372036854775808, ttl_ms = 9223372036854775807")
    #expect(try await !journal.lookAtLease(epoch: 2).isLive)
    try await moveElsewhere()
    #expect(try await journal.lookAtLease(epoch: 2).isLive)
  }
}
