import Foundation
import Testing

/// What networks and services do to requests: a deployment ends as it would have without, and nothing happens twice.
@Suite struct WireFaultTests {
  /// Faults from the start of a deployment on.
  enum Fault: String, CaseIterable, Sendable {
    case everythingIsThrottledAtTimes, everythingBreaksAtTimes, changeSetUnanswered, executionUnanswered
    case executionLost, journalUnanswered, tokensRepeated, stacksRepeatOldAnswers, endpointsRepeatOldAnswers

    var faults: String {
      switch self {
      // More in a row than one call is tried.
      case .everythingIsThrottledAtTimes:
        Self.list(
          ["DescribeStacks", "DescribeEndpoint", "CreateChangeSet", "ExecuteChangeSet", "DescribeAlarms", "PutObject"]
            .map { #"{"kind": "throttle", "operation": "\#($0)", "count": 4}"# })
      case .everythingBreaksAtTimes:
        Self.list(
          ["DescribeStacks", "DescribeEndpoint", "DescribeChangeSet", "ExecuteChangeSet", "GetObject", "PutObject"]
            .map { #"{"kind": "html500", "operation": "\#($0)", "count": 4, "after": 1}"# })
      // The first one belongs to the plan.
      case .changeSetUnanswered: #"{"kind": "timeoutAfterEffect", "operation": "CreateChangeSet", "after": 1}"#
      case .executionUnanswered: #"{"kind": "timeoutAfterEffect", "operation": "ExecuteChangeSet"}"#
      case .executionLost: #"{"kind": "dropBefore", "operation": "ExecuteChangeSet"}"#
      case .journalUnanswered: #"{"kind": "timeoutAfterEffect", "operation": "PutObject", "count": 6, "after": 2}"#
      case .tokensRepeated: #"{"kind": "repeatToken", "operation": "List*", "count": 3}"#
      case .stacksRepeatOldAnswers: #"{"kind": "stale", "operation": "DescribeStacks", "count": 12, "after": 3}"#
      case .endpointsRepeatOldAnswers: #"{"kind": "stale", "operation": "DescribeEndpoint", "count": 12, "after": 3}"#
      }
    }

    /// A plan that AWS gives no answers for is none; a rollout goes on until there are some.
    var isForPlansToo: Bool { self != .everythingIsThrottledAtTimes && self != .everythingBreaksAtTimes }

    private static func list(_ faults: [String]) -> String { "[\(faults.joined(separator: ","))]" }
  }

  @Test(arguments: Fault.allCases) func `a deployment goes out once, whatever happens to its requests`(
    fault: Fault
  ) async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      let asked = try await bench.cloud.log.count
      if fault.isForPlansToo { try await bench.cloud.tell("faults", fault.faults) }
      let command = try bench.here.start("apply", "--format", "json")
      if !fault.isForPlansToo {
        try await command.event("the rollout") { $0.type == "leaseAcquired" }
        try await bench.cloud.tell("faults", fault.faults)
      }
      var apply = await command.ended()
      if fault == .tokensRepeated, apply.status != 0 {
        // A list without an end is no list.
        #expect(apply.errors.contains("token"), "\(apply)")
        try await bench.cloud.tell("faults", "{}", method: "DELETE")
        apply = try await bench.here.rollout("apply", "--format", "json")
      }
      #expect(apply.status == 0, "\(apply)")
      let log = try await bench.cloud.log[asked...]
      #expect(log.contains { $0.fault != nil }, "the fault was met")
      #expect(log.filter { $0.operation == "UpdateEndpoint" }.count == 1)
      #expect(try await bench.cloud.state.production?.version == 2)
      try await bench.cloud.tell("faults", "{}", method: "DELETE")
      try await bench.here.expect(0, "plan", "--detailed-exitcode")
      try await bench.here.expect(0, "verify")
    }
  }

  @Test(arguments: ["timeoutAfterEffect", "dropBefore", "throttle"]) func `an abort gets through`(
    kind: String
  ) async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.cloud.tell(
        "faults", #"{"kind": "\#(kind)", "operation": "PutMetricData", "count": 4}"#)
      try await bench.hold()
      let apply = try bench.here.start("apply", "--format", "json")
      try await bench.hold(at: "the canary") { ($0.production?.newShare ?? 0) > 0 }
      let abort = try bench.here.another().start("abort", as: "maria")
      try await bench.untilAsked("the abort") { $0.operation == "PutMetricData" && $0.status == 200 }
      try await bench.run()
      let ended = await abort.ended()
      #expect(ended.status == 0, "\(ended)")
      _ = await apply.ended()
      #expect(try await bench.cloud.state.production?.version == 1)
      // Whoever's request came last, the alarm is in nobody's way.
      try await bench.checkNextVersionGoesOut()
    }
  }

  @Test func `a session that ends in the middle of a bake is renewed`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      // Ends after twenty minutes of AWS's time, of which a deployment takes more; each run of the process starts another.
      try bench.here.write(
        """
        [profile ci]
        region = us-east-1
        credential_process = \(Bench.checkout.path)/.venv/bin/python3 \(Bench.fixtures.path)/session.py \
        \(bench.cloud.keys.url) 1200 \(bench.here.folder.path)/sessions

        """, to: "config")
      let apply = try await bench.here.rollout(
        "apply", "--format", "json",
        with: [
          "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "ci",
          "AWS_CONFIG_FILE": bench.here.folder.appending(path: "config").path,
        ])
      #expect(apply.status == 0, "\(apply)")
      #expect(try await bench.cloud.state.production?.version == 2)
      let log = try await bench.cloud.log
      #expect(log.contains { $0.error?.hasPrefix("ExpiredToken") == true }, "no session ended")
      #expect(try bench.here.text(of: "sessions").count > 1)
      #expect(log.filter { $0.operation == "UpdateEndpoint" }.count == 1)
    }
  }

  @Test(arguments: [600, -600]) func `a clock that is ten minutes off does not matter`(skew: Int) async throws {
    try await AWSBench.run { bench in
      try await bench.cloud.tell("clock", #"{"skew": \#(skew)}"#)
      try await bench.begin()
      try await bench.here.expect(0, "apply")
      #expect(try await bench.cloud.state.production?.version == 2)
      try await bench.cloud.tell("clock", #"{"skew": 0}"#)
      try await bench.here.expect(0, "plan", "--detailed-exitcode")
    }
  }
}
