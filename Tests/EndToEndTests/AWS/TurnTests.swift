import Testing

/// Versions that people or alarms take back on SageMaker.
@Suite struct TurnTests {
  enum Moment: String, CaseIterable, Sendable {
    case provisioning, canary, everybodyIsOnIt

    func isReached(_ state: CloudState) -> Bool {
      guard let endpoint = state.production, endpoint.pendingConfig != nil else { return false }
      switch self {
      case .provisioning: return endpoint.newShare == 0
      case .canary: return endpoint.newShare > 0 && endpoint.newShare < 1
      case .everybodyIsOnIt: return endpoint.newShare == 1
      }
    }
  }

  @Test(arguments: Moment.allCases) func `an abort from another machine takes the traffic back`(
    moment: Moment
  ) async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      let before = try await bench.cloud.state
      try await bench.hold()
      let apply = try bench.here.start("apply", "--format", "json")
      let during = try await bench.hold(at: moment.rawValue) { moment.isReached($0) }
      let aborted = try #require(during.production?.pendingConfig)

      let abort = try bench.here.another().start("abort", "--reason", "wrong model card", as: "maria")
      try await bench.untilAsked("the abort") { $0.operation == "PutMetricData" }
      try await bench.run()
      let ended = await abort.ended()
      #expect(ended.status == 0, "\(ended)")
      let driver = await apply.ended()
      #expect([4, 5].contains(driver.status), "\(driver)")

      let after = try await bench.cloud.state
      #expect(after.production?.status == "InService")
      #expect(after.production?.version == 1)
      #expect(after.production?.config == before.production?.config)
      #expect(after.configurations.contains(aborted), "its name has the good version's content now")
      try await bench.checkNextVersionGoesOut()
    }
  }

  @Test func `a version that went wrong after its promotion is taken back while its alarm is in ALARM`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin(serving: 300)
      try await bench.here.expect(0, "apply")
      try await bench.model(2, #"{"errorRate": 0.5}"#)
      try await bench.until("the alarm") { $0.isTripped("model-errors") }

      let rollback = try await bench.here.another().rollout("rollback", "production", "--reason", "errors", as: "maria")
      #expect(rollback.status == 0, "\(rollback)")
      let after = try await bench.cloud.state
      #expect(after.production?.version == 1)
      #expect(after.production?.desired == 5)
      #expect(try await bench.here.status()["production"]?.live?.model.version == 1)
      try await bench.until("the alarm to be OK") { $0.isQuiet }
      try await bench.checkNextVersionGoesOut()
    }
  }

  /// CloudFormation believes that all went well, and SageMaker does not say why it went back.
  @Test(arguments: [false, true]) func `a deployment that went back without a word is no success`(
    noticed: Bool
  ) async throws {
    try await AWSBench.run { bench in
      try await bench.cloud.tell(
        "options",
        #"{"cloudFormation": {"noticesRollback": \#(noticed)}, "sageMaker": {"failureReasons": false}}"#)
      try await bench.begin(serving: 300)
      let before = try await bench.cloud.state
      try await bench.model(2, #"{"errorRate": 0.5}"#)
      let apply = try await bench.here.rollout("apply", "--format", "json")
      #expect(apply.status == 4, "\(apply)")
      let after = try await bench.cloud.state
      #expect(after.production?.version == 1)
      #expect(try await bench.here.status()["production"]?.live?.model.version == 1)
      let good = try #require(before.production?.config)
      #expect(after.configurations.contains(good), "\(after.configurations)")
      try await bench.until("the alarms to be OK") { $0.isQuiet }
      try await bench.checkNextVersionGoesOut()
    }
  }

  @Test func `a version whose servers do not start is taken back`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.model(2, #"{"failsToStart": true}"#)
      let apply = try await bench.here.rollout("apply", "--format", "json")
      #expect(apply.status == 4, "\(apply)")
      #expect(apply.output.contains("did not pass the ping health check"), "\(apply)")
      #expect(try await bench.cloud.state.production?.version == 1)
      try await bench.checkNextVersionGoesOut()
    }
  }
}

extension AWSBench {
  /// A good version after whatever was taken back.
  func checkNextVersionGoesOut() async throws {
    try await seed()
    let apply = try await here.rollout("apply", "--format", "json")
    #expect(apply.status == 0, "\(apply)")
    let state = try await cloud.state
    #expect(state.production?.version == 3)
    #expect(state.production?.status == "InService")
    try await here.expect(0, "plan", "--detailed-exitcode")
    try await here.expect(0, "verify")
  }
}
