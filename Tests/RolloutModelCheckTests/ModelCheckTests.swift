import RolloutModelCheck
import Testing

/// Every state of the small worlds; `make check-model ARGS=--large` visits the large ones.
@Suite struct ModelCheckTests {
  @Test(arguments: Configuration.small) func `no state is wrong and each can be recovered from`(world: Configuration) {
    let report = Check(world).run()
    #expect(report.isComplete)
    #expect(report.states > 500)
    #expect(report.violation.map { "\($0.text) after \($0.trace)" } == nil)
  }

  @Test(arguments: Control.allCases) func `a mistake in the world is found`(control: Control) throws {
    let violation = try #require(Check(.forControls(control), control: control).run().violation)
    #expect(!violation.trace.isEmpty)
  }

  @Test func `the same world has the same states every time`() {
    #expect(Check(Configuration.small[1]).run().states == Check(Configuration.small[1]).run().states)
  }
}
