import Foundation
import Testing

/// What cannot work on SageMaker: said plainly, with what to do about it, and nothing is half-done.
@Suite struct CloudInputTests {
  @Test func `nothing is begun in another region, in a bucket of nobody's, or without a right or a key`() async throws {
    try await AWSBench.run { bench in
      let region = try bench.here.another()
      try region.edit(
        "Environments/aws/pipeline.yaml", "registry: {provider: sagemaker, region: us-east-1",
        "registry: {provider: sagemaker, region: eu-west-1")
      try await bench.expectNothing(
        1, from: "plan", on: region,
        saying: "the endpoint and the models are in different regions", "no model is registered in eye-catcher")

      let bucket = try bench.here.another()
      try bucket.edit("Environments/aws/pipeline.yaml", "bucket: eye-catcher-rollout", "bucket: nobodys-bucket")
      for command in ["apply", "status"] {
        try await bench.expectNothing(
          74, from: command, on: bucket, saying: "s3://nobodys-bucket", "make the bucket", "or name another one")
      }

      try await bench.expectNothing(
        74, from: "apply", with: bench.reader, saying: "allow s3:PutObject", "nothing was written")
      try await bench.expectNothing(
        74, from: "plan", with: ["AWS_SECRET_ACCESS_KEY": "wrong"],
        saying: "the secret key does not belong to the access key")
      try await bench.expectNothing(
        74, from: "plan", with: ["AWS_ACCESS_KEY_ID": "AKIANOBODY"], saying: "this key is not known")
      try await bench.expectNothing(
        74, from: "plan", with: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""],
        saying: "there are no AWS credentials", "aws sso login")
      try await bench.expectNothing(
        74, from: "plan", with: ["AWS_ENDPOINT_URL": "http://127.0.0.1:9"], saying: "is us-east-1 the right region")
      try await bench.here.expect(0, "plan")
    }
  }

  @Test func `a right that is missing is named, and what it stopped is as before`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.expectNothing(1, from: "plan", with: bench.reader, saying: "allow cloudformation:CreateChangeSet")
      let keys = try await bench.user(
        "deployer", #"{"Effect": "Deny", "Action": "cloudformation:ExecuteChangeSet", "Resource": "*"}"#)
      let apply = try await bench.here.rollout("apply", "--format", "json", with: keys)
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.output.contains("denies cloudformation:ExecuteChangeSet"), "\(apply)")
      #expect(try await bench.cloud.state.production?.version == 1)
      try await bench.checkNextVersionGoesOut()
    }
  }

  @Test func `a stack that is somebody else's is left alone`() async throws {
    try await AWSBench.run { bench in
      try bench.here.leaveOutStagingAndApproval()
      let resources = #"{\"Wait\": {\"Type\": \"AWS::CloudFormation::WaitConditionHandle\"}}"#
      try await bench.makeStack(resources, until: "CREATE_COMPLETE")
      for command in ["plan", "apply"] {
        try await bench.expectNothing(
          1, from: command, saying: "there is a stack eye-catcher-production already",
          "which was not made for eye-catcher-prod", "target.stack")
      }
    }
  }

  @Test func `a stack that could not be created is to be deleted first`() async throws {
    try await AWSBench.run { bench in
      try bench.here.leaveOutStagingAndApproval()
      let variant =
        #"{\"VariantName\": \"a\", \"ModelName\": \"nobody\", \"InstanceType\": \"ml.m5.xlarge\", "#
        + #"\"InitialInstanceCount\": 1, \"InitialVariantWeight\": 1}"#
      try await bench.makeStack(
        #"{\"Config\": {\"Type\": \"AWS::SageMaker::EndpointConfig\", \"Properties\": "#
          + #"{\"ProductionVariants\": [\#(variant)]}}}"#, until: "ROLLBACK_COMPLETE")
      for command in ["plan", "apply"] {
        try await bench.expectNothing(
          1, from: command, saying: "is in ROLLBACK_COMPLETE and can only be deleted",
          "aws cloudformation delete-stack --stack-name eye-catcher-production")
      }
      try await bench.here.boto("cloudformation", "delete_stack", #"{"StackName": "eye-catcher-production"}"#)
      try await bench.until("the stack to be gone") { $0.stacks["eye-catcher-production"] == nil }
      try await bench.here.expect(0, "apply")
    }
  }

  @Test func `a first version that never starts leaves no stack behind`() async throws {
    try await AWSBench.run { bench in
      try bench.here.leaveOutStagingAndApproval()
      try await bench.model(1, #"{"failsToStart": true}"#)
      let apply = try await bench.here.rollout("apply", "--format", "json")
      #expect([1, 4].contains(apply.status), "\(apply)")
      #expect(apply.output.contains("did not pass the ping health check"), "\(apply)")
      let state = try await bench.cloud.state
      #expect(state.stacks.isEmpty && state.endpoints.isEmpty, "\(state)")
      try await bench.seed()
      try await bench.here.expect(0, "apply")
      #expect(try await bench.cloud.state.production?.version == 2)
    }
  }

  @Test func `a deployment does not begin while an alarm would end it`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin(serving: 300)
      try await bench.model(1, #"{"errorRate": 0.5}"#)
      try await bench.until("the alarm") { $0.isTripped("model-errors") }
      let before = try await bench.cloud.state
      let apply = try await bench.here.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.output.contains("eye-catcher-prod-model-errors"), "\(apply)")
      let after = try await bench.cloud.state
      #expect(after.production?.config == before.production?.config)
      try await bench.model(1, #"{"errorRate": 0}"#)
      try await bench.until("the alarm to be OK") { $0.isQuiet }
      try await bench.checkNextVersionGoesOut()
    }
  }

  @Test func `a deployment does not begin while another one is under way`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      let serving = try #require(try await bench.cloud.state.production?.config)
      try await bench.here.boto(
        "sagemaker", "update_endpoint",
        #"""
        {"EndpointName": "eye-catcher-prod", "EndpointConfigName": "\#(serving)", "DeploymentConfig":
          {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": 3600, "MaximumExecutionTimeoutInSeconds": 28800}}}
        """#)
      let apply = try await bench.here.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.output.contains("another deployment is under way"), "\(apply)")
      let state = try await bench.until("the other deployment to end") { $0.production?.status == "InService" }
      #expect(state.production?.version == 1)
      try await bench.checkNextVersionGoesOut()
    }
  }

  @Test func `a package that was deleted is not deployed`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      try await bench.here.expect(0, "plan", "--out", "plan.json")
      try await bench.here.boto(
        "sagemaker", "delete_model_package",
        #"{"ModelPackageName": "arn:aws:sagemaker:us-east-1:123456789012:model-package/eye-catcher/2"}"#)
      let apply = try await bench.here.rollout("apply", "plan.json")
      #expect(apply.status == 6, "\(apply)")
      #expect(apply.errors.contains("version 2 is not in the registry any more"), "\(apply)")
      try bench.here.edit("Environments/aws/production.yaml", "select: latest-approved", "version: 2")
      try await bench.expectNothing(1, from: "plan", saying: "eye-catcher has no version 2", "rollout models list")
      #expect(try await bench.cloud.state.production?.version == 1)
    }
  }

  @Test func `a large template goes by way of the bucket, and not without one`() async throws {
    try await AWSBench.run { bench in
      try bench.here.leaveOutStagingAndApproval()
      let template = try bench.here.text(of: "Templates/production.yaml")
      let line = "# " + String(repeating: "x", count: 97) + "\n"
      try bench.here.write(template + String(repeating: line, count: 500), to: "Templates/production.yaml")
      let local = try bench.here.another()
      try local.edit(
        "Environments/aws/pipeline.yaml",
        "{backend: s3, bucket: eye-catcher-rollout, prefix: eye-catcher, region: us-east-1}",
        "{backend: sqlite, path: ../../.rollout/state.db}")
      for command in ["validate", "plan", "apply"] {
        try await bench.expectNothing(
          65, from: command, on: local, saying: "there is no bucket for it", "keep the state in S3")
      }
      try await bench.here.expect(0, "apply")
      #expect(try await bench.cloud.state.production?.version == 1)
      let changes = try await bench.cloud.log.filter { $0.operation == "CreateChangeSet" }
      #expect(!changes.isEmpty && changes.allSatisfy { $0.parameters["TemplateURL"] != nil }, "\(changes)")
    }
  }
}

extension AWSBench {
  /// Somebody who may look at everything.
  fileprivate var reader: [String: String] {
    [
      "AWS_ACCESS_KEY_ID": cloud.keys.readOnlyAccessKeyId, "AWS_SECRET_ACCESS_KEY": cloud.keys.readOnlySecretAccessKey,
    ]
  }

  /// Keys of somebody who may do everything but what `statement` says.
  fileprivate func user(_ name: String, _ statement: String) async throws -> [String: String] {
    struct Keys: Decodable {
      var accessKeyId: String
      var secretAccessKey: String
    }
    let answer = try await cloud.tell(
      "users",
      #"""
      {"name": "\#(name)",
       "policy": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, \#(statement)]}}
      """#)
    let keys = try JSONDecoder().decode(Keys.self, from: answer)
    return ["AWS_ACCESS_KEY_ID": keys.accessKeyId, "AWS_SECRET_ACCESS_KEY": keys.secretAccessKey]
  }

  /// Somebody's stack of production's name; `resources` as they stand within a JSON string.
  fileprivate func makeStack(_ resources: String, until status: String) async throws {
    try await here.boto(
      "cloudformation", "create_stack",
      #"{"StackName": "eye-catcher-production", "TemplateBody": "{\"Resources\": \#(resources)}"}"#)
    try await until("the stack in \(status)") { $0.stacks["eye-catcher-production"] == status }
  }

  /// Runs a command that must end so and say these words, and changes nothing in AWS.
  fileprivate func expectNothing(
    _ status: Int32, from command: String, on machine: Machine? = nil, with variables: [String: String] = [:],
    saying words: String...
  ) async throws {
    let changes = try await changes {
      let ended = try await (machine ?? here).rollout(command, with: variables)
      #expect(ended.status == status, "\(ended)")
      // `validate` prints what it found; everybody else complains of it.
      let said = ended.errors + (command == "validate" ? ended.output : "")
      for word in words { #expect(said.contains(word), "'\(word)' is missing: \(ended)") }
      #expect(ended.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }.count <= 1, "\(ended)")
    }
    // A journal may have been begun, with nothing in it.
    #expect(changes.filter { $0.service != "s3" && $0.error == nil }.isEmpty, "\(changes)")
  }
}
