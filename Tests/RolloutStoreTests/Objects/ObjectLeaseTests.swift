import Foundation
import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine
import Testing

@testable import RolloutStore

/// Whether a holder lives whom nobody can see.
@Suite struct ObjectLeaseTests {
  private let objects = JournalObjects()

  @discardableResult
  private func take(ttl: TimeSpan = .hours(1)) async throws -> ObjectJournal {
    let journal = try await objects.open()
    _ = try await journal.append(
      [.leaseAcquired(ttl: ttl, why: .free)], expecting: 1, by: JournalObjects.maria, epoch: nil,
      at: JournalObjects.now)
    return journal
  }

  private var cell: LeaseCell? { objects.store.bytes(ObjectName.lease).flatMap { LeaseCell($0) } }

  private func edit(_ change: (inout LeaseCell) -> Void) throws {
    var cell = try #require(cell)
    change(&cell)
    objects.store.edit(ObjectName.lease, cell.bytes)
  }

  private func moveElsewhere() throws {
    try edit { cell in (cell.host, cell.boot, cell.pid) = ("build-8", "another", 99_999_999) }
  }

  @Test func `a process of this machine is seen, and a dead one has lost its lease`() async throws {
    let journal = try await take()
    let look = try await journal.lookAtLease(epoch: 2)
    #expect(look.isLive && look.holderLives == true && look.reach == .process)
    // No process has this number: the kernel's largest is 2^22.
    try edit { $0.pid = 99_999_999 }
    #expect(try await !journal.lookAtLease(epoch: 2).isLive)
  }

  @Test func `a lease is taken over after as long a silence as it lasts`() async throws {
    let journal = try await take(ttl: .milliseconds(60))
    try moveElsewhere()
    let first = try await journal.lookAtLease(epoch: 2)
    #expect(first.isLive && first.holderLives == nil && first.reach == .renewals)
    #expect(first.left == .milliseconds(60))
    var look = first
    while look.isLive { look = try await journal.lookAtLease(epoch: 2) }
    // Whoever comes later has seen nothing yet.
    #expect(try await objects.look().lookAtLease(epoch: 2).isLive)
    // Renewed, by whatever clock, it lives again.
    try edit { $0.renewed = 17 }
    #expect(try await journal.lookAtLease(epoch: 2).left == .milliseconds(60))
    _ = try await journal.append(
      [.leaseAcquired(ttl: .seconds(30), why: .expired)], expecting: 2, by: JournalObjects.maria, epoch: nil,
      at: JournalObjects.now)
    #expect(try await !objects.look().renewLease(epoch: 2))
    #expect(try await objects.look().lookAtLease(epoch: 3).holderLives == true)
  }

  @Test func `two machines of one name are not taken for one that was booted again`() async throws {
    let journal = try await take()
    try edit { $0.boot = "another" }
    #expect(try await journal.lookAtLease(epoch: 2).reach == .renewals)
    #expect(try await journal.lookAtLease(epoch: 2).isLive)
  }

  @Test func `a store that knows an object's age tells at the first look`() async throws {
    try await take(ttl: .seconds(30))
    try moveElsewhere()
    objects.store.setAge(.seconds(29), of: ObjectName.lease)
    let journal = try await objects.look()
    let look = try await journal.lookAtLease(epoch: 2)
    #expect(look.isLive && look.left.map { $0 <= .seconds(1) } == true)
    objects.store.setAge(.seconds(31), of: ObjectName.lease)
    #expect(try await !objects.look().lookAtLease(epoch: 2).isLive)
  }

  @Test func `a lease is renewed through an answer that was lost`() async throws {
    let journal = try await take()
    let before = try #require(cell)
    objects.store.happenOnce(.lostAfter) { $0.isPut }
    #expect(try await journal.renewLease(epoch: 2))
    let after = try #require(cell)
    #expect(after != before && after.epoch == 2)
    // Nor does one that never arrived lose it, or one that comes when it was renewed again.
    objects.store.happenOnce(.lostBefore) { $0.isPut }
    #expect(try await journal.renewLease(epoch: 2))
    objects.store.happenOnce(.late(after: 1)) { $0.isPut }
    #expect(try await journal.renewLease(epoch: 2))
    #expect(try await journal.renewLease(epoch: 2))
    #expect(cell?.epoch == 2 && cell != after)
  }

  @Test func `every renewal is another object`() async throws {
    let journal = try await take()
    var seen: Set<LeaseCell> = []
    for _ in 0..<20 {
      let before = cell
      #expect(try await journal.renewLease(epoch: 2))
      let now = try #require(cell)
      #expect(now != before)
      seen.insert(now)
    }
    #expect(seen.count > 2)
  }

  @Test func `a lease that could not be written down lives as long as it lasts, and its holder can renew it`()
    async throws
  {
    objects.store.happen { request, _ in
      request.isPut && request.key == ObjectName.lease ? .refused(code: "SlowDown") : nil
    }
    try await take(ttl: .milliseconds(60))
    #expect(objects.store.bytes(ObjectName.lease) == nil)
    let observer = try await objects.look()
    var look = try await observer.lookAtLease(epoch: 2)
    #expect(look.isLive && look.reach == .renewals && look.left == .milliseconds(60))
    while look.isLive { look = try await observer.lookAtLease(epoch: 2) }
    objects.store.happen { _, _ in nil }
    #expect(try await objects.look().renewLease(epoch: 2))
    #expect(cell?.epoch == 2)
    #expect(try await !observer.renewLease(epoch: 1))
  }

  @Test func `who lost the lease cannot renew it, whatever its object says`() async throws {
    let journal = try await take()
    objects.store.happen { request, _ in
      request.isPut && request.key == ObjectName.lease ? .unreachable : nil
    }
    _ = try await journal.append(
      [.leaseAcquired(ttl: .seconds(30), why: .expired)], expecting: 2, by: JournalObjects.maria, epoch: nil,
      at: JournalObjects.now)
    objects.store.happen { _, _ in nil }
    // Until the new holder renews, its object names the old one; entries and fences count.
    #expect(try await objects.look().renewLease(epoch: 3))
    #expect(try await !journal.renewLease(epoch: 2))
  }

  @Test func `an object that is no lease is nobody's`() async throws {
    let journal = try await take()
    objects.store.edit(ObjectName.lease, Array("rubbish".utf8))
    #expect(try await journal.lookAtLease(epoch: 2).reach == .renewals)
    #expect(try await journal.renewLease(epoch: 2))
    #expect(cell?.epoch == 2)
    try edit { cell in (cell.pid, cell.renewed, cell.ttl) = (.max, .min, .max) }
    #expect(try await !journal.lookAtLease(epoch: 2).isLive)
  }

  @Test func `a lease that cannot be reached is storage that is away, as drivers expect`() async throws {
    let journal = try await take()
    for fault in [FakeObjects.Fault.unreachable, .lostBefore, .refused(code: "AccessDenied")] {
      objects.store.happen { request, _ in request.isPut ? fault : nil }
      let error = try await JournalError.of { _ = try await journal.renewLease(epoch: 2) }
      #expect(error?.code == .storageUnavailable && error?.message.contains("state/lease") == true)
    }
  }
}
