import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

@Suite struct `The product's files for AWS` {
  let specs: Specs
  let staging: EnvironmentSpec
  let production: EnvironmentSpec

  init() throws {
    let loaded = SpecLoader(environment: [:], workingDirectory: repositoryRoot).load(directory: "Environments/aws")
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
    specs = try #require(loaded.specs)
    staging = try #require(specs.environment("staging"))
    production = try #require(specs.environment("production"))
  }

  @Test func `take models from SageMaker's registry, and keep the journal in a bucket`() {
    #expect(specs.pipeline.registry == .sageMaker(region: "us-east-1", group: "eye-catcher"))
    #expect(
      specs.pipeline.state
        == .s3(S3Place(region: "us-east-1", bucket: "eye-catcher-rollout", prefix: "eye-catcher/")))
  }

  @Test func `deploy each stage as a stack of its own, from a template with its parameters`() throws {
    for environment in specs.environments {
      let target = try #require(environment.target.sageMaker)
      #expect(target.stack == "eye-catcher-\(environment.name)")
      #expect(target.region == "us-east-1")
      #expect(target.instanceType == "ml.m5.xlarge")
      #expect(target.template.name == "\(environment.name).yaml")
      #expect(target.template.text.hasPrefix("# EyeCatcher"))
      #expect(Set(StackParameters.needed).isSubset(of: target.template.parameters))
    }
  }

  @Test func `let one of four instances try a new version for ten minutes, and keep the old fleet for ten more`() throws
  {
    let quarter = try #require(Percent(25))
    #expect(
      production.target.sageMaker?.guardrails
        == Guardrails(
          routing: .canary(quarter, wait: .minutes(10)), bakeAfter: .minutes(10), timeout: .minutes(50)))
    #expect(
      staging.target.sageMaker?.guardrails
        == Guardrails(routing: .allAtOnce, bakeAfter: .minutes(10), timeout: .minutes(40)))
    #expect(production.strategy.keepWarm == .zero, "SageMaker keeps nothing after the last bake")
  }

  @Test func `are guarded, proved and scaled as on one machine`() throws {
    let local = try #require(SpecLoader(environment: [:], workingDirectory: repositoryRoot).load().specs)
    for environment in specs.environments {
      let other = try #require(local.environment(environment.name))
      #expect(environment.alarms == other.alarms)
      #expect(environment.smoke == other.smoke)
      #expect(environment.model == other.model)
      #expect(environment.approval == other.approval)
      var scaling = try #require(environment.autoscaling)
      scaling.minimum = other.autoscaling?.minimum ?? 0
      scaling.maximum = other.autoscaling?.maximum ?? 0
      #expect(scaling == other.autoscaling)
    }
    #expect(production.endpoint.instances == 4)
    #expect(production.autoscaling?.minimum == 2)
    #expect(production.autoscaling?.maximum == 7)
  }
}
