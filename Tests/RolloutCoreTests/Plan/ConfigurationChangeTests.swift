import Testing

@testable import RolloutCore

@Suite struct `A change of how SageMaker serves` {
  private let spec = SageMakerSpec(
    region: "us-east-1", role: "arn:aws:iam::123456789012:role/fox", stack: "fox-production",
    template: StackTemplate(name: "production.yaml", text: "a\nb\nc\n", parameters: []),
    parameters: ["Subnet": "subnet-1"], instanceType: "ml.m5.large",
    guardrails: Guardrails(
      routing: .canary(Percent(10) ?? .none, wait: .minutes(10)), bakeAfter: .minutes(5), timeout: .minutes(45)))

  private func changes(_ change: (inout SageMakerSpec) -> Void) throws -> [ConfigurationChange] {
    var new = spec
    change(&new)
    return ConfigurationChange.between(try content(spec), try content(new))
  }

  private func content(_ spec: SageMakerSpec?) throws -> Revision.Content {
    var fixture = PlanFixture()
    if let spec { fixture.production.target = .sageMaker(spec) }
    return try #require(try fixture.plan().program.stages.last).revision.content
  }

  @Test func `is nothing when nothing changed`() throws {
    #expect(try changes { _ in } == [])
  }

  @Test func `names the place, the role and the type of instance by the words of the files`() throws {
    let found = try changes {
      $0.region = "eu-west-1"
      $0.role = "arn:aws:iam::123456789012:role/cub"
      $0.stack = "cub"
      $0.instanceType = "ml.m5.xlarge"
    }
    #expect(
      found == [
        ConfigurationChange(name: "target.region", from: "us-east-1", to: "eu-west-1"),
        ConfigurationChange(
          name: "target.role", from: "arn:aws:iam::123456789012:role/fox", to: "arn:aws:iam::123456789012:role/cub"),
        ConfigurationChange(name: "target.stack", from: "fox-production", to: "cub"),
        ConfigurationChange(name: "endpoint.type", from: "ml.m5.large", to: "ml.m5.xlarge"),
      ])
  }

  @Test func `says in words how traffic would move`() throws {
    let found = try changes {
      $0.guardrails = Guardrails(
        routing: .linear(Percent(20) ?? .none, wait: .minutes(5)), timeout: .hours(1))
    }
    #expect(
      found == [
        ConfigurationChange(
          name: "strategy", from: "canary 10% for 10m, then 100% for 5m, at most 45m",
          to: "linear steps of 20%, 5m each, at most 1h")
      ])
  }

  @Test func `shows parameters one by one, also those that are new or gone`() throws {
    let found = try changes { $0.parameters = ["Key": "k"] }
    #expect(
      found == [
        ConfigurationChange(name: "target.parameters.Key", from: nil, to: "k"),
        ConfigurationChange(name: "target.parameters.Subnet", from: "subnet-1", to: nil),
      ])
  }

  @Test func `counts the lines of a template that changed`() throws {
    let found = try changes { $0.template.text = "a\nB\nc\nd\n" }
    #expect(
      found == [
        ConfigurationChange(
          name: "target.template", from: "production.yaml", to: "production.yaml, 2 lines added and 1 removed")
      ])
  }

  @Test func `from one machine to SageMaker shows all of it`() throws {
    let found = ConfigurationChange.between(try content(nil), try content(spec))
    #expect(
      found.map(\.name) == [
        "target.provider", "target.region", "target.role", "target.stack", "endpoint.type", "strategy",
        "target.parameters.Subnet", "target.template",
      ])
    #expect(found.first == ConfigurationChange(name: "target.provider", from: "local", to: "sagemaker"))
  }
}
