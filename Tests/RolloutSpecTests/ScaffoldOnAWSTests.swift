import FoundationEssentials
import RolloutCore
import Testing

@testable import RolloutDiagnostics
@testable import RolloutSpec

@Suite struct `A scaffold on AWS` {
  static let place = AWSPlace(region: "eu-west-1", account: "210987654321", bucket: "cubs")
  let files = Scaffold.filesOnAWS(service: "fox", at: place)

  private func text(_ path: String) throws -> String { try #require(files.first { $0.path == path }).text }

  @Test func `is a working set without a single problem`() throws {
    let empty = SpecFixture.working.mapValues { _ in String?.none }
    let written = Dictionary(uniqueKeysWithValues: files.map { ($0.path, Optional($0.text)) })
    let loaded = try SpecFixture(empty.merging(written) { $1 }).load()
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
    let specs = try #require(loaded.specs)
    #expect(specs.pipeline.service == "fox")
    #expect(specs.pipeline.registry == .sageMaker(region: "eu-west-1", group: "fox"))
    #expect(specs.pipeline.state == .s3(S3Place(region: "eu-west-1", bucket: "cubs", prefix: "fox/")))
    #expect(specs.environments.map(\.endpoint.name) == ["fox-staging", "fox-prod"])
    #expect(specs.environments.map(\.target.sageMaker?.stack) == ["fox-staging", "fox-production"])
    #expect(specs.environments[1].target.sageMaker?.role == "arn:aws:iam::210987654321:role/fox-endpoint")
  }

  @Test func `keeps nothing of EyeCatcher, and of no other account`() {
    for file in files {
      for word in ["eye-catcher", "EyeCatcher", "us-east-1", "123456789012", "images.yaml"] {
        #expect(!file.text.contains(word) || file.path.contains("schema"), "\(file.path) says \(word)")
      }
    }
  }

  @Test func `works for the longest name that it takes, and in another partition`() throws {
    let name = String(repeating: "f", count: 44)
    #expect(Scaffold.isServiceNameOnAWS(name))
    #expect(!Scaffold.isServiceNameOnAWS(name + "x"))
    let place = AWSPlace(region: "us-gov-west-1", account: "210987654321", bucket: "cubs")
    let files = Scaffold.filesOnAWS(service: name, at: place).map { ($0.path, Optional($0.text)) }
    let empty = SpecFixture.working.mapValues { _ in String?.none }
    let loaded = try SpecFixture(empty.merging(files) { $1 }).load()
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
    #expect(loaded.specs?.environments[0].target.sageMaker?.role.hasPrefix("arn:aws-us-gov:iam::") == true)
  }

  @Test(arguments: ["", "2d-fox", "fox-", "fox cub"])
  func `refuses names that stacks and endpoints could not have`(name: String) {
    #expect(!Scaffold.isServiceNameOnAWS(name))
  }

  // MARK: - What may be done

  private func statements(_ path: String) throws -> [JSONValue] {
    let policy = try JSONDecoder().decode(JSONValue.self, from: Data(try text(path).utf8))
    return try #require(policy["Statement"]?.items)
  }

  private func actions(_ statements: [JSONValue]) -> Set<String> {
    Set(statements.flatMap { $0["Action"]?.items ?? [] }.compactMap(\.text))
  }

  /// Operations are written as plain words where they are sent.
  @Test func `allows every operation that the client knows`() throws {
    let allowed = Set(
      actions(try statements("Access/rollout-policy.json")).compactMap { $0.split(separator: ":").last })
    let folder = repositoryRoot + "/Sources/RolloutAWS/Services"
    let sources = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
    var sent: Set<Substring> = []
    for source in sources {
      let text = try String(contentsOfFile: folder + "/" + source, encoding: .utf8)
      sent.formUnion(
        text.matches(of: /"((?:Create|Delete|Describe|Execute|Get|List|Put|Update|Invoke)[A-Z][A-Za-z]+)"/).map(\.1))
    }
    // The name of an answer; anybody may ask who they are; and what no command asks for.
    sent.subtract(["ListBucketResult", "GetCallerIdentity", "GetTemplate", "DescribeScalingActivities"])
    #expect(sources.contains("S3Bucket.swift"))
    #expect(sent.subtracting(allowed) == [])
  }

  @Test func `allows what a deployment needs by CloudFormation's hand`() throws {
    let allowed = actions(try statements("Access/rollout-policy.json"))
    for action in [
      "sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint",
      "sagemaker:UpdateEndpoint", "sagemaker:InvokeEndpoint", "cloudwatch:PutMetricAlarm",
      "application-autoscaling:RegisterScalableTarget", "application-autoscaling:PutScalingPolicy",
      "s3:GetObject", "s3:PutObject", "iam:PassRole",
    ] {
      #expect(allowed.contains(action), "\(action)")
    }
    #expect(!allowed.contains { $0.contains("*") }, "each action is named")
  }

  @Test func `allows it with the service's own resources`() throws {
    // IAM narrows none of these further.
    let wide: Set<String> = ["ListPackages", "Metrics", "ReadScaling", "ReadQuotas", "Abort"]
    for statement in try statements("Access/rollout-policy.json") + statements("Access/plan-policy.json") {
      let name = try #require(statement["Sid"]?.text)
      for resource in try #require(statement["Resource"]?.items).compactMap(\.text) {
        if resource == "*" {
          #expect(wide.contains(name), "\(name)")
        } else {
          #expect(
            resource.contains("/fox") || resource.contains(":fox") || resource.contains("cubs")
              || resource.contains("scalable-target") || resource.contains("aws-service-role"), "\(resource)")
        }
      }
    }
  }

  @Test func `hands the endpoint's role to SageMaker and to nobody else`() throws {
    let passing = try statements("Access/rollout-policy.json").filter { actions([$0]).contains("iam:PassRole") }
    #expect(passing.count == 1)
    #expect(passing.first?["Resource"] == .array([.string("arn:aws:iam::210987654321:role/fox-endpoint")]))
    #expect(
      passing.first?["Condition"]?["StringEquals"]?["iam:PassedToService"]
        == .array([.string("sagemaker.amazonaws.com")]))
  }

  @Test func `trusts jobs of one repository, and one that nobody reviewed only to plan`() throws {
    let issuer = "token.actions.githubusercontent.com"
    for (name, subject) in [("rollout", "ref:refs/heads/main"), ("plan", "pull_request")] {
      let trust = try #require(try statements("Access/\(name)-trust.json").first)
      #expect(trust["Principal"] == ["Federated": .string("arn:aws:iam::210987654321:oidc-provider/\(issuer)")])
      let conditions = try #require(trust["Condition"]?["StringEquals"])
      #expect(conditions["\(issuer):aud"] == ["sts.amazonaws.com"])
      #expect(conditions["\(issuer):sub"] == [.string("repo:OWNER/REPOSITORY:\(subject)")])
    }
    let planned = actions(try statements("Access/plan-policy.json"))
    #expect(planned.subtracting(actions(try statements("Access/rollout-policy.json"))) == [])
    let writes = planned.filter { !$0.contains(/:(Describe|List|Get)/) }
    #expect(
      writes == ["cloudformation:CreateChangeSet", "cloudformation:TagResource", "cloudformation:DeleteChangeSet"])
  }

  @Test func `lets the endpoint's role read its alarms, its model and its container`() throws {
    let allowed = actions(try statements("Access/endpoint-policy.json"))
    for action in ["cloudwatch:DescribeAlarms", "s3:GetObject", "ecr:BatchGetImage", "logs:PutLogEvents"] {
      #expect(allowed.contains(action), "\(action)")
    }
  }

  // MARK: - The CI job

  @Test func `plans on pull requests and applies on main, without a key that lasts`() throws {
    let workflow = try text(".github/workflows/rollout.yml")
    var diagnostics = Diagnostics()
    let file = SourceFile(path: "rollout.yml", text: workflow)
    let root = YAMLComposer.compose(Array(workflow.utf8), file: file, into: &diagnostics)
    #expect(diagnostics.sorted == [])
    let jobs = try #require(root?["jobs"])
    for job in ["plan", "apply"] {
      let permissions = try #require(jobs[job]?["permissions"])
      guard case .scalar(let token)? = permissions["id-token"]?.content else {
        Issue.record("\(job) gets no token")
        continue
      }
      #expect(token.text == "write")
    }
    #expect(workflow.contains("rollout plan --format markdown --detailed-exitcode"))
    #expect(workflow.contains("github.ref == 'refs/heads/main'"))
    #expect(!workflow.contains("secrets."), "there is none")
    #expect(!workflow.lowercased().contains("access-key"))
  }
}
