import RolloutCore
import RolloutDigest

/// The lease as its object holds it: who took it, where from, and when it was last renewed. Never deleted: a lease that was
/// given back says so.
struct LeaseCell: Codable, Hashable {
  var epoch: UInt64
  var host: String
  var boot: String
  var pidNamespace: UInt64
  var pid: Int32
  var pidStart: Int64
  /// Milliseconds since the holder's machine was booted; one more within the same millisecond, so that every renewal is
  /// other bytes.
  var renewed: Int64
  /// In milliseconds.
  var ttl: Int64
  var isGivenBack: Bool

  init(epoch: UInt64, by host: HostIdentity, ttl: TimeSpan, isGivenBack: Bool = false) {
    self.epoch = epoch
    self.host = host.place.host ?? ""
    boot = host.place.bootID
    pidNamespace = host.place.pidNamespace ?? 0
    pid = host.pid
    pidStart = host.pidStart
    renewed = HostIdentity.sinceBoot().milliseconds
    self.ttl = ttl.milliseconds
    self.isGivenBack = isGivenBack
  }

  init?(_ bytes: [UInt8]) {
    guard let cell = try? CanonicalJSON.ownValue(LeaseCell.self, from: bytes) else { return nil }
    self = cell
  }

  var bytes: [UInt8] {
    guard let bytes = try? CanonicalJSON.bytes(self) else { preconditionFailure("names and numbers are JSON") }
    return bytes
  }

  func renewed(by host: HostIdentity) -> LeaseCell {
    var cell = LeaseCell(epoch: epoch, by: host, ttl: .milliseconds(ttl))
    if cell.renewed == renewed { cell.renewed += 1 }
    return cell
  }

  /// Numbers that no holder writes are taken for the nearest one that may be.
  var row: LeaseRow {
    let times = 0...TimeSpan.longest.milliseconds
    func span(_ number: Int64) -> TimeSpan { .milliseconds(min(max(number, times.lowerBound), times.upperBound)) }
    return LeaseRow(
      epoch: epoch,
      place: LeasePlace(host: host, bootID: boot, pidNamespace: pidNamespace == 0 ? nil : pidNamespace), pid: pid,
      pidStart: pidStart, renewedAt: span(renewed), ttl: span(ttl))
  }
}
