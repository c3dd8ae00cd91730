import Glibc
import Testing

/// The job that drives dies, as CI jobs do, and somebody else goes on: another folder, the same bucket.
@Suite struct TakeoverTests {
  /// A moment of a deployment: the request whose answer never reaches whoever sent it, or what users see.
  enum Moment: String, CaseIterable, Sendable {
    case firstOrder, changeSetMade, executed, provisioning, baking, everybodyIsOnIt, smokeTests, promoting

    /// Held back after it has had its effect.
    var fault: String? {
      switch self {
      case .changeSetMade: "CreateChangeSet"
      case .executed: "ExecuteChangeSet"
      default: nil
      }
    }

    /// Seen in AWS, so that time must not pass it by.
    var isHeld: Bool { [.provisioning, .baking, .everybodyIsOnIt].contains(self) }
  }

  private func kill(_ apply: Command, at moment: Moment, _ bench: AWSBench) async throws {
    switch moment {
    case .firstOrder: try await apply.event("the order") { $0.starts("deploy") }
    case .changeSetMade, .executed: try await bench.untilAsked("what is held back") { $0.fault == "delay" }
    case .provisioning: try await bench.hold(at: "a new fleet") { $0.production?.pendingConfig != nil }
    case .baking: try await bench.hold(at: "the canary") { ($0.production?.newShare ?? 0) > 0 }
    case .everybodyIsOnIt: try await bench.hold(at: "the last bake") { $0.production?.newShare == 1 }
    case .smokeTests: try await apply.event("the smoke tests") { $0.starts("smoke") }
    case .promoting: try await apply.event("the promotion") { $0.starts("promote") }
    }
    apply.signal(SIGKILL)
    #expect(await apply.ended().status == 128 + SIGKILL)
  }

  @Test(arguments: Moment.allCases) func `what a killed apply began is finished from another machine, once`(
    moment: Moment
  ) async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      let asked = try await bench.cloud.log.count
      if let operation = moment.fault {
        // The plan makes a change set first.
        let after = operation == "CreateChangeSet" ? 1 : 0
        try await bench.cloud.tell(
          "faults", #"{"kind": "delay", "operation": "\#(operation)", "after": \#(after), "seconds": 30}"#)
      }
      if moment.isHeld { try await bench.hold() }
      let apply = try bench.here.start("apply", "--format", "json")
      try await kill(apply, at: moment, bench)
      try await bench.cloud.tell("faults", "{}", method: "DELETE")

      let elsewhere = try bench.here.another()
      let status = try await elsewhere.status()
      #expect(status.rollout?.rollout == "r2", "\(status)")
      #expect(status["production"]?.live?.model.version == 1)
      try await bench.run()
      let again = try await elsewhere.rollout("apply", "--format", "json")
      #expect(again.status == 0, "\(again)")

      let after = try await bench.cloud.state
      #expect(after.production?.version == 2)
      let log = try await bench.cloud.log[asked...]
      #expect(log.filter { $0.executes(on: "eye-catcher-production") }.count == 1)
      #expect(log.filter { $0.operation == "UpdateEndpoint" }.count == 1)
      #expect(try await bench.here.status().rollout == nil)
      try await bench.here.expect(0, "plan", "--detailed-exitcode")
      try await bench.here.expect(0, "verify")
    }
  }

  @Test func `SageMaker takes a bad version back though nobody drives, and the next apply says so`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin(serving: 300)
      try await bench.model(2, #"{"errorRate": 0.5}"#)
      try await bench.hold()
      let apply = try bench.here.start("apply", "--format", "json")
      try await bench.hold(at: "the canary") { ($0.production?.newShare ?? 0) > 0 }
      apply.signal(SIGKILL)
      _ = await apply.ended()
      try await bench.run()
      try await bench.until("the way back") { $0.production?.version == 1 && $0.production?.pendingConfig == nil }
      let again = try await bench.here.another().rollout("apply", "--format", "json")
      #expect(again.status == 4, "\(again)")
      try await bench.until("the alarms to be OK") { $0.isQuiet }
      try await bench.checkNextVersionGoesOut()
    }
  }

  @Test func `on another host, a driver counts as dead once it renews its lease no more`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.hold()
      let apply = try bench.here.start("apply", "--format", "json")
      try await bench.hold(at: "the canary") { ($0.production?.newShare ?? 0) > 0 }
      let elsewhere = try bench.here.another()
      let other = try await elsewhere.rolloutOnAnotherHost("apply")
      #expect(other.status == 5, "\(other)")
      #expect(other.errors.contains("leads this rollout"), "\(other)")
      apply.signal(SIGKILL)
      _ = await apply.ended()
      try await bench.run()
      let again = try await elsewhere.rolloutOnAnotherHost("apply", "--format", "json")
      #expect(again.status == 0, "\(again)")
      #expect(try await bench.cloud.state.production?.version == 2)
      let log = try await bench.cloud.log
      #expect(log.filter { $0.operation == "UpdateEndpoint" }.count == 1)
    }
  }

  @Test func `an abort needs nobody who drives`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.hold()
      let apply = try bench.here.start("apply", "--format", "json")
      try await bench.hold(at: "the canary") { ($0.production?.newShare ?? 0) > 0 }
      apply.signal(SIGKILL)
      _ = await apply.ended()
      let abort = try bench.here.another().start("abort", as: "maria")
      try await bench.untilAsked("the abort") { $0.operation == "PutMetricData" }
      try await bench.run()
      let ended = await abort.ended()
      #expect(ended.status == 0, "\(ended)")
      #expect(try await bench.cloud.state.production?.version == 1)
      try await bench.checkNextVersionGoesOut()
    }
  }
}
