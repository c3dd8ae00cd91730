import Testing

/// What people do beside the product: to the endpoint, to the registry, to a plan.
@Suite struct CloudHandTests {
  @Test func `a plan is stale once somebody has changed the endpoint by hand`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.here.expect(0, "plan", "--out", "plan.json")
      try await changeByHand(bench)
      let before = try await bench.cloud.state
      let changes = try await bench.changes {
        let apply = try await bench.here.rollout("apply", "plan.json")
        #expect(apply.status == 6, "\(apply)")
        #expect(apply.errors.contains("eye-catcher-prod serves something else now"), "\(apply)")
      }
      #expect(changes.isEmpty, "\(changes)")
      #expect(try await bench.cloud.state == before)
    }
  }

  @Test func `a deployment does not begin over what was put there by hand, and says so`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await changeByHand(bench)
      let apply = try await bench.here.rollout("apply", "--format", "json")
      #expect(apply.status != 0, "\(apply)")
      #expect("\(apply)".contains("by-hand"), "\(apply)")
      #expect(try await bench.cloud.state.production?.config == "by-hand")
    }
  }

  private func changeByHand(_ bench: AWSBench) async throws {
    let model = try #require(try await bench.cloud.state.models.first)
    try await bench.here.boto(
      "sagemaker", "create_endpoint_config",
      #"""
      {"EndpointConfigName": "by-hand", "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "\#(model)",
        "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 4}]}
      """#)
    try await bench.here.boto(
      "sagemaker", "update_endpoint", #"{"EndpointName": "eye-catcher-prod", "EndpointConfigName": "by-hand"}"#)
    try await bench.until("the change by hand") {
      $0.production?.config == "by-hand" && $0.production?.status == "InService"
    }
  }

  @Test func `a version that is rejected while people are asked never reaches production`() async throws {
    try await AWSBench.run { bench in
      try await bench.deploy()
      try await bench.seed()
      try await bench.here.expect(3, "apply")
      try await bench.here.expect(0, "models", "reject", "2", "--comment", "biased")
      let plan = try await bench.here.expect(0, "plan")
      #expect(plan.output.contains("version 2 was rejected by ci: biased"), "\(plan)")
      _ = try await bench.here.rollout("approve", as: "release")
      let apply = try await bench.here.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.output.contains("is Rejected in the registry"), "\(apply)")
      let log = try await bench.cloud.log
      #expect(log.filter { $0.executes(on: "eye-catcher-production") }.count == 1)
      #expect(try await bench.cloud.state.production?.version == 1)
      // What was proven in staging stays there until the next rollout.
      try await bench.here.expect(0, "apply")
      #expect(try await bench.cloud.state.staging?.version == 1)
      try await bench.here.expect(0, "plan", "--detailed-exitcode")
    }
  }
}
