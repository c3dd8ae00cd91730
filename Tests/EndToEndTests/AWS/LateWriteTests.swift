import Testing

/// Requests of a version that was taken back, which arrive when all is over. What they find is good content.
@Suite struct LateWriteTests {
  /// A request of the bad version's deployment that arrives once more, or only then, an hour later.
  enum Late: String, CaseIterable, Sendable {
    case configurationAgain, updateAgain, executionAgain, changeSetAgain

    var faults: String {
      switch self {
      case .configurationAgain: Self.again("CreateEndpointConfig", by: #", "by": "cloudformation""#)
      case .updateAgain: Self.again("UpdateEndpoint", by: #", "by": "cloudformation""#)
      case .executionAgain: Self.again("ExecuteChangeSet")
      case .changeSetAgain: Self.again("CreateChangeSet", after: 1)
      }
    }

    private static func again(_ operation: String, by: String = "", after: Int = 0) -> String {
      #"{"kind": "duplicateLater", "operation": "\#(operation)", "after": \#(after), "seconds": 7200\#(by)}"#
    }
  }

  private func checkGoodStays(_ bench: AWSBench, _ late: Late) async throws {
    try await bench.hold()
    try await bench.advance(7_200)
    // What was begun by it comes to its end.
    try await bench.advance(3_600)
    let arrived = try await bench.cloud.log.filter { $0.late == true }
    #expect(arrived.count == 1, "\(arrived)")
    if late == .updateAgain { #expect(arrived.first?.status == 200, "\(arrived)") }
    let state = try await bench.cloud.state
    #expect(state.production?.status == "InService")
    #expect(state.production?.version == 1, "\(arrived)")
    try await bench.run()
    #expect(try await bench.here.status()["production"]?.live?.model.version == 1)
    // The endpoint is on a configuration that nobody deployed to it.
    if late == .updateAgain { try await bench.checkNextVersionGoesOut() }
  }

  @Test(arguments: Late.allCases) func `nothing that arrives after an abort brings the bad version back`(
    late: Late
  ) async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.cloud.tell("faults", late.faults)
      try await bench.hold()
      let apply = try bench.here.start("apply", "--format", "json")
      try await bench.hold(at: "the canary") { ($0.production?.newShare ?? 0) > 0 }
      let abort = try bench.here.another().start("abort", as: "maria")
      try await bench.untilAsked("the abort") { $0.operation == "PutMetricData" }
      try await bench.run()
      let ended = await abort.ended()
      #expect(ended.status == 0, "\(ended)")
      _ = await apply.ended()
      try await checkGoodStays(bench, late)
    }
  }

  @Test(arguments: Late.allCases) func `nothing that arrives after a rollback brings the bad version back`(
    late: Late
  ) async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.cloud.tell("faults", late.faults)
      try await bench.here.expect(0, "apply")
      try await bench.here.expect(0, "rollback", "production", as: "maria")
      try await checkGoodStays(bench, late)
    }
  }

  @Test func `a deployment that was only on its way when it was aborted never begins`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      // The first arrives much later, and nobody else's before.
      try await bench.cloud.tell(
        "faults",
        #"""
        [{"kind": "effectLater", "operation": "ExecuteChangeSet", "seconds": 7200},
         {"kind": "dropBefore", "operation": "ExecuteChangeSet", "count": 0}]
        """#)
      let apply = try bench.here.start("apply", "--format", "json")
      try await bench.untilAsked("the execution") { $0.fault == "effectLater" }
      let abort = try await bench.here.another().rollout("abort", as: "maria")
      #expect(abort.status == 0, "\(abort)")
      let driver = await apply.ended()
      #expect([4, 5].contains(driver.status), "\(driver)")
      try await bench.cloud.tell("faults", "{}", method: "DELETE")
      try await bench.hold()
      try await bench.advance(9_000)
      let arrived = try await bench.cloud.log.filter { $0.late == true }
      #expect(arrived.map(\.error) == ["ChangeSetNotFound"], "\(arrived)")
      #expect(try await bench.cloud.state.production?.version == 1)
      try await bench.run()
      try await bench.checkNextVersionGoesOut()
    }
  }
}
