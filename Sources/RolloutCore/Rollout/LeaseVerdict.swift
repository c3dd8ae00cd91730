/// A lease as whoever holds it wrote it down.
package struct LeaseRow: Hashable, Sendable {
  /// Sequence number of the entry that acquired it.
  package var epoch: UInt64
  package var place: LeasePlace
  package var pid: Int32
  /// In clock ticks since boot: tells a process from a later one with its number.
  package var pidStart: Int64
  /// When it was last renewed, by the holder's kernel, since that was booted.
  package var renewedAt: TimeSpan
  package var ttl: TimeSpan

  package init(epoch: UInt64, place: LeasePlace, pid: Int32, pidStart: Int64, renewedAt: TimeSpan, ttl: TimeSpan) {
    self.epoch = epoch
    self.place = place
    self.pid = pid
    self.pidStart = pidStart
    self.renewedAt = renewedAt
    self.ttl = ttl
  }
}

/// Where a process runs, as far as leases care: which clock and which process numbers it means.
package struct LeasePlace: Hashable, Sendable {
  /// `nil`: written by a version that did not say.
  package var host: String?
  /// Drawn by the kernel when it is booted; all its containers share it.
  package var bootID: String
  /// Process numbers mean nothing outside their namespace. `nil`: written by a version that did not say.
  package var pidNamespace: UInt64?

  package init(host: String?, bootID: String, pidNamespace: UInt64?) {
    self.host = host
    self.bootID = bootID
    self.pidNamespace = pidNamespace
  }
}

/// What whoever looks at a lease can see from where it is.
package struct LeaseSight: Hashable, Sendable {
  package var place: LeasePlace
  /// By the observer's kernel.
  package var sinceBoot: TimeSpan
  /// Start of the process that has the holder's number here; `nil` when none has.
  package var pidStart: Int64?
  /// How long this observer has seen the row as it is, by its own clock that nobody sets.
  package var unchangedFor: TimeSpan

  package init(place: LeasePlace, sinceBoot: TimeSpan, pidStart: Int64?, unchangedFor: TimeSpan) {
    self.place = place
    self.sinceBoot = sinceBoot
    self.pidStart = pidStart
    self.unchangedFor = unchangedFor
  }
}

/// Whether a lease's holder lives, judged without comparing clocks of two kernels. Wrong, it costs a takeover and never
/// safety: fences see to that.
package struct LeaseVerdict: Hashable, Sendable {
  package enum Reach: Hashable, Sendable {
    /// The holder's process can be seen.
    case process
    /// Its clock can be compared, its process cannot be seen: another container of this machine.
    case clock
    /// Only whether it goes on renewing: another machine.
    case renewals
  }

  package var isLive: Bool
  /// Until it lapses unless it is renewed; zero once it has.
  package var left: TimeSpan
  package var reach: Reach
  /// Whether the process that took it still runs; `nil` when that cannot be seen.
  package var holderLives: Bool?

  package init(_ row: LeaseRow, seen sight: LeaseSight) {
    if row.place.bootID == sight.place.bootID {
      left = row.ttl.less(sight.sinceBoot - row.renewedAt)
      let sharesNumbers = row.place.pidNamespace == nil || row.place.pidNamespace == sight.place.pidNamespace
      reach = sharesNumbers ? .process : .clock
      holderLives = sharesNumbers ? sight.pidStart == row.pidStart : nil
    } else if row.place.host == sight.place.host {
      // This machine was booted since: nothing of before lives.
      (left, reach, holderLives) = (.zero, .process, false)
    } else {
      left = row.ttl.less(sight.unchangedFor)
      reach = .renewals
      holderLives = nil
    }
    isLive = left > .zero && holderLives != false
  }
}

extension TimeSpan {
  fileprivate func less(_ used: TimeSpan) -> TimeSpan { max(.zero, self - used) }
}
