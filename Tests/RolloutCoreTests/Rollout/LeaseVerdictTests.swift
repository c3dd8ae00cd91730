import RolloutCore
import Testing

@Suite struct LeaseVerdictTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var row = LeaseRow(
      epoch: 2, place: LeasePlace(host: "build-7", bootID: "b1", pidNamespace: 10), pid: 77, pidStart: 500,
      renewedAt: .seconds(1_000), ttl: .seconds(30))
    var sight = LeaseSight(
      place: LeasePlace(host: "build-7", bootID: "b1", pidNamespace: 10), sinceBoot: .seconds(1_010), pidStart: 500,
      unchangedFor: .zero)
    var isLive: Bool
    var left: TimeSpan
    var reach = LeaseVerdict.Reach.process
    var holderLives: Bool?

    init(
      _ description: String, isLive: Bool, left: TimeSpan, _ reach: LeaseVerdict.Reach = .process, holderLives: Bool?,
      _ change: (inout LeaseRow, inout LeaseSight) -> Void = { _, _ in }
    ) {
      testDescription = description
      (self.isLive, self.left, self.reach, self.holderLives) = (isLive, left, reach, holderLives)
      change(&row, &sight)
    }
  }

  static let table: [Case] = [
    Case("a process that renewed in time", isLive: true, left: .seconds(20), holderLives: true),
    Case("a process that hangs", isLive: false, left: .zero, holderLives: true) { $1.sinceBoot = .seconds(1_030) },
    Case("a process that is gone", isLive: false, left: .seconds(20), holderLives: false) { $1.pidStart = nil },
    Case("a number that belongs to another process by now", isLive: false, left: .seconds(20), holderLives: false) {
      $1.pidStart = 501
    },
    Case("a row of a version that named no namespace", isLive: false, left: .seconds(20), holderLives: false) {
      $0.place = LeasePlace(host: nil, bootID: "b1", pidNamespace: nil)
      $1.pidStart = nil
    },
    Case("another container of this machine", isLive: true, left: .seconds(20), .clock, holderLives: nil) {
      $0.place.pidNamespace = 11
      $1.pidStart = nil
    },
    Case("another container that has the same number", isLive: true, left: .seconds(20), .clock, holderLives: nil) {
      $0.place.pidNamespace = 11
      $1.pidStart = 501
    },
    Case("another container, silent for too long", isLive: false, left: .zero, .clock, holderLives: nil) {
      $0.place.pidNamespace = 11
      $1.sinceBoot = .seconds(1_031)
    },
    Case("another container with a name of its own", isLive: true, left: .seconds(20), .clock, holderLives: nil) {
      row, _ in
      row.place.host = "c0ffee"
      row.place.pidNamespace = 11
    },
    Case("this machine before it was booted", isLive: false, left: .zero, holderLives: false) { row, _ in
      row.place.bootID = "b0"
    },
    Case("another machine, just seen", isLive: true, left: .seconds(30), .renewals, holderLives: nil) {
      row, _ in
      row.place = LeasePlace(host: "build-8", bootID: "b2", pidNamespace: 10)
    },
    // Its clock says nothing here, however late or early it is.
    Case("another machine, up for longer", isLive: true, left: .seconds(30), .renewals, holderLives: nil) {
      row, _ in
      row.place = LeasePlace(host: "build-8", bootID: "b2", pidNamespace: 10)
      row.renewedAt = .seconds(1)
    },
    Case("another machine, silent for a while", isLive: true, left: .seconds(1), .renewals, holderLives: nil) {
      $0.place = LeasePlace(host: "build-8", bootID: "b2", pidNamespace: 10)
      $1.unchangedFor = .seconds(29)
    },
    Case("another machine, silent for too long", isLive: false, left: .zero, .renewals, holderLives: nil) {
      $0.place = LeasePlace(host: "build-8", bootID: "b2", pidNamespace: 10)
      $1.unchangedFor = .seconds(30)
    },
    Case("a row of a version that named no host", isLive: true, left: .seconds(30), .renewals, holderLives: nil) {
      row, _ in
      row.place = LeasePlace(host: nil, bootID: "b2", pidNamespace: nil)
    },
  ]

  @Test(arguments: table) func `a lease is judged by what can be seen of its holder`(_ expected: Case) {
    let verdict = LeaseVerdict(expected.row, seen: expected.sight)
    #expect(verdict.isLive == expected.isLive)
    #expect(verdict.left == expected.left)
    #expect(verdict.reach == expected.reach)
    #expect(verdict.holderLives == expected.holderLives)
  }
}
