import Testing

@testable import RolloutCore

/// Where a way back may lead.
struct ServedRevisionsTests {
  private var good: Revision { .sample(1) }

  private func versions(_ served: ServedRevisions, of all: ClosedRange<Int>) -> [Int] {
    all.filter { served.contains(Revision.sample($0).digest) }
  }

  @Test func `a version that everything failing is taken back to is never forgotten`() {
    var served = ServedRevisions()
    served.promote(good)
    for version in 2...3 * ServedRevisions.countMax {
      served.promote(.sample(version))
      #expect(served.before(Revision.sample(version).digest) == good)
      served.goBack(to: good)
      #expect(served.contains(good.digest) && served.before(good.digest) == nil)
    }
  }

  @Test func `without failures the newest are kept`() {
    var served = ServedRevisions()
    for version in 1...20 { served.promote(.sample(version)) }
    #expect(versions(served, of: 1...20) == Array(5...20))
    #expect(served.before(Revision.sample(20).digest) == .sample(19))
  }

  @Test func `what was taken back goes before what stands, the oldest first`() {
    var served = ServedRevisions()
    for version in 1...ServedRevisions.countMax { served.promote(.sample(version)) }
    served.goBack(to: .sample(13))
    for version in 17...18 { served.promote(.sample(version)) }
    #expect(versions(served, of: 1...18) == Array(1...13) + [16, 17, 18])
  }
}
