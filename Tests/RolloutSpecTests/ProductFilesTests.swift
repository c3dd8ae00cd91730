import FoundationEssentials
import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

/// The repository's root, three levels above this file.
let repositoryRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

@Suite struct `The product's own files` {
  let specs: Specs
  let staging: EnvironmentSpec
  let production: EnvironmentSpec

  init() throws {
    let loaded = SpecLoader(environment: [:], workingDirectory: repositoryRoot).load()
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
    specs = try #require(loaded.specs)
    staging = try #require(specs.environment("staging"))
    production = try #require(specs.environment("production"))
  }

  @Test func `name the service, its registry, its state and its stages`() {
    let pipeline = specs.pipeline
    #expect(pipeline.service == "eye-catcher")
    #expect(pipeline.registry == .local(path: repositoryRoot + "/.rollout/registry", group: "eye-catcher"))
    #expect(pipeline.state == .sqlite(path: repositoryRoot + "/.rollout/rollout.db"))
    #expect(pipeline.runtime == RuntimeSpec(path: repositoryRoot + "/.rollout/runtime", port: 8080))
    #expect(pipeline.stages == ["staging", "production"])
    #expect(specs.environments.map(\.name) == pipeline.stages)
    #expect(
      pipeline.notify == [
        NotifySpec(webhook: "${ROLLOUT_DISCORD_WEBHOOK}", occasions: [.approvalNeeded, .rolledBack, .succeeded])
      ])
  }

  @Test func `take a model from 60 per cent accuracy, and its quantised build at most 5 per cent below it`() throws {
    for environment in specs.environments {
      #expect(environment.model.selection == .latestApproved)
      #expect(
        environment.model.requirements == [
          Requirement(metric: "accuracy", comparison: Comparison(.greaterOrEqual, 0.6)),
          Requirement(metric: "sizeMB", comparison: Comparison(.lessOrEqual, 400)),
        ])
      #expect(environment.model.variants == VariantRule(prefer: "quantised", accuracyDropMax: try #require(Percent(5))))
    }
  }

  @Test func `alarm on more than 5 model errors in 5 minutes and on more than 70 per cent CPU, in both stages`() {
    let errors = AlarmRule(
      name: "model-errors", metric: .modelErrors, statistic: .sum, period: .minutes(5), datapointsToAlarm: 1,
      evaluationPeriods: 1, threshold: Comparison(.greater, 5), missingData: .notBreaching, rollback: true)
    let cpu = AlarmRule(
      name: "cpu", metric: .cpu, statistic: .average, period: .minutes(5), datapointsToAlarm: 1, evaluationPeriods: 1,
      threshold: Comparison(.greater, 70), missingData: .missing, rollback: true)
    #expect(staging.alarms == [errors, cpu])
    #expect(Array(production.alarms.prefix(2)) == [errors, cpu])
    #expect(production.alarms.last?.threshold == Comparison(.greater, 800_000), "microseconds")
  }

  @Test func `scale on 70 requests a minute, out after 5 minutes and in after 10, in both stages`() {
    for environment in specs.environments {
      #expect(
        environment.autoscaling
          == ScalingPolicy(
            minimum: 1, maximum: 4, invocationsPerInstance: 70, scaleOutCooldown: .minutes(5),
            scaleInCooldown: .minutes(10), period: .minutes(1)))
    }
  }

  @Test func `ask a person, then give production to the new version in shares`() throws {
    #expect(staging.approval == nil)
    #expect(
      production.approval
        == ApprovalPolicy(approvers: ["release"], minimum: 1, selfApproval: false, expires: .hours(72)))
    #expect(
      production.strategy
        == Strategy(
          steps: [
            .init(weight: try #require(Percent(10)), bake: .minutes(10)),
            .init(weight: try #require(Percent(50)), bake: .minutes(10)),
          ], bakeAfter: .minutes(10), keepWarm: .hours(1)))
    #expect(staging.strategy == Strategy(bakeAfter: .minutes(5)))
  }

  @Test func `run endpoints by the limits of the SageMaker container contract`() {
    for environment in specs.environments { #expect(environment.target == .local(EndpointTemplate())) }
  }

  @Test func `prove a version with a picture whose bytes are in the suite`() throws {
    let suite = try #require(staging.smoke.first)
    let first = try #require(suite.cases.first)
    #expect(suite.name == "images")
    #expect(first.contentType == "image/png")
    #expect(first.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(first.latencyMax == .seconds(2))
    #expect(
      first.assertions.first
        == SmokeAssertion(path: "$[0].label", condition: .equals(.string("safe")), source: "images.yaml:9"))
    #expect(
      first.assertions[1].condition == .within([Comparison(.greaterOrEqual, 0.5), Comparison(.lessOrEqual, 1)]))
    #expect(suite.cases.last?.repetitions == 20)
    #expect(suite.cases.last?.concurrency == 4)
  }
}
