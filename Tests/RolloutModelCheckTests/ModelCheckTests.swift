import RolloutModelCheck
import Testing

/// Every state of the small worlds; `make check-model ARGS=--large` visits the large ones.
@Suite(.serialized) struct ModelCheckTests {
  @Test(arguments: Configuration.small) func `no state is wrong and each can be recovered from`(world: Configuration)
    async
  {
    let report = await elsewhere { Check(world).run() }
    #expect(report.isComplete)
    #expect(report.states > 500)
    #expect(report.violation.map { "\($0.text) after \($0.trace)" } == nil)
  }

  @Test(arguments: Control.allCases) func `a mistake in the world is found`(control: Control) async throws {
    let report = await elsewhere { Check(.forControls(control), control: control).run() }
    let violation = try #require(report.violation)
    #expect(!violation.trace.isEmpty)
  }

  @Test func `the same world has the same states every time`() async {
    let counts = await elsewhere { (0..<2).map { _ in Check(Configuration.small[1]).run().states } }
    #expect(counts[0] == counts[1])
  }
}
