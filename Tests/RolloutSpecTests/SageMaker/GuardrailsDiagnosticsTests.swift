import RolloutDiagnostics
import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What SageMaker's guardrails cannot do` {
  @Test func `a ladder that SageMaker cannot climb brings the ways that it can`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production, "[{weight: 25%, bake: 10m}]",
          "[{weight: 25%, bake: 10m}, {weight: 50%, bake: 10m}]"
        )
      ])
    #expect(
      files.textOfWords == """
        error[R0350]: SageMaker cannot shift traffic by these steps
          --> Environments/production.yaml:11:12
           |
        11 |     steps: [{weight: 25%, bake: 10m}, {weight: 50%, bake: 10m}]
           |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it knows one share before everything, or equal steps up to everything
           = help: keep one step and 'bakeAfter', or write 'linear: {step: 25%, bake: 10m}'

        """)
  }

  @Test func `a template that does not fit into a request needs a bucket`() throws {
    let padding = String(repeating: "# " + String(repeating: "x", count: 98) + "\n", count: 500)
    let large = (SageMakerFiles.template, "AWSTemplateFormatVersion", padding + "AWSTemplateFormatVersion")
    let local = (
      SageMakerFiles.pipeline, "{backend: s3, bucket: fox-rollout, prefix: fox, region: us-east-1}",
      "{backend: sqlite, path: ../state.db}"
    )
    let bytes = try SageMakerFiles.productTemplate.utf8.count + padding.utf8.count
    #expect(try !SpecFixture.onSageMaker([local]).load().diagnostics.contains { $0.severity == .error })
    #expect(try !SpecFixture.onSageMaker([large]).load().diagnostics.contains { $0.severity == .error })
    let text = DiagnosticText().render(try SpecFixture.onSageMaker([large, local]).load().diagnostics)
    #expect(
      text.contains("error[R0309]: the template does not fit into a request, and there is no bucket for it"), "\(text)")
    #expect(text.contains("^ it has \(bytes) bytes"), "\(text)")
    #expect(text.contains("- on this machine"), "\(text)")
  }

  @Test func `a canary of more than half the instances is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "weight: 25%", "weight: 75%")
      ])
    #expect(
      files.textOfWords == """
        error[R0351]: SageMaker's canary is 1% to 50%, in whole per cent
          --> Environments/production.yaml:11:22
           |
        11 |     steps: [{weight: 75%, bake: 10m}]
           |                      ^^^ this is more
           = help: write 50%

        """)
  }

  @Test func `a linear step below a tenth is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production, "  canary:\n    steps: [{weight: 25%, bake: 10m}]\n    bakeAfter: 10m",
          "  linear: {step: 5%, bake: 10m}"
        ),
        (SageMakerFiles.production, "instances: 4", "instances: 20"),
        (SageMakerFiles.production, "2...7", "2...20"),
      ])
    #expect(
      files.textOfWords == """
        error[R0351]: SageMaker's linear step is 10% to 50%, in whole per cent
          --> Environments/production.yaml:10:18
           |
        10 |   linear: {step: 5%, bake: 10m}
           |                  ^^ this is less
           = help: write 10%

        """)
  }

  @Test func `a share that is no whole number of per cent is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "weight: 25%", "weight: 25.5%")
      ])
    #expect(
      files.textOfWords == """
        error[R0351]: SageMaker's canary is 1% to 50%, in whole per cent
          --> Environments/production.yaml:11:22
           |
        11 |     steps: [{weight: 25.5%, bake: 10m}]
           |                      ^^^^^ 25.5% is no whole number
           = help: write 26%

        """)
  }

  @Test func `a bake of more than an hour is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "bake: 10m}", "bake: 2h}")
      ])
    #expect(
      files.textOfWords == """
        error[R0352]: SageMaker watches a step for whole seconds, an hour at most
          --> Environments/production.yaml:11:33
           |
        11 |     steps: [{weight: 25%, bake: 2h}]
           |                                 ^^ this is 2h
           = help: write 1h, and give more of the time to other steps or to staging

        """)
  }

  @Test func `a bake at 100 per cent of more than an hour is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "bakeAfter: 10m", "bakeAfter: 61m")
      ])
    #expect(
      files.textOfWords == """
        error[R0352]: SageMaker watches a step for whole seconds, an hour at most
          --> Environments/production.yaml:12:16
           |
        12 |     bakeAfter: 61m
           |                ^^^ this is 1h1m
           = help: write 1h, and give more of the time to other steps or to staging

        """)
  }

  @Test func `a bake with a fraction of a second is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "bake: 10m}", "bake: 600.5s}")
      ])
    #expect(
      files.textOfWords == """
        error[R0375]: production.yaml would not move traffic as 'canary' says
          --> Environments/production.yaml:10:3
           |
        10 |   canary:
           |   ^^^^^^ it would do this: canary 25% for 10m, then 100% for 10m, at most 50m
           = help: let the endpoint's 'DeploymentConfig' use the parameters Routing, TrafficPercent, WaitSeconds and TerminationWaitSeconds

        error[R0352]: SageMaker watches a step for whole seconds, an hour at most
          --> Environments/production.yaml:11:33
           |
        11 |     steps: [{weight: 25%, bake: 600.5s}]
           |                                 ^^^^^^ 10m500ms has a fraction
           = help: round it to a second

        """)
  }

  @Test func `a timeout that the waits use up is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "provider: sagemaker", "provider: sagemaker\n  timeout: 20m")
      ])
    #expect(
      files.textOfWords == """
        error[R0353]: the deployment would time out while it is watched
          --> Environments/production.yaml:4:12
           |
        4  |   timeout: 20m
           |            ^^^ 20m is not more than the waits together
        11 |   canary:
           |   ------ they add up to 20m
           = help: leave it out: it is then the waits and 30 minutes, which servers need to start

        """)
  }

  @Test func `a timeout beyond eight hours is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "provider: sagemaker", "provider: sagemaker\n  timeout: 9h")
      ])
    #expect(
      files.textOfWords == """
        error[R0353]: a deployment on SageMaker lasts 10m to 8h
         --> Environments/production.yaml:4:12
          |
        4 |   timeout: 9h
          |            ^^ this is longer
          = help: leave it out: it is then the waits and 30 minutes

        """)
  }

  @Test func `waits that add up to more than eight hours are refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production, "  canary:\n    steps: [{weight: 25%, bake: 10m}]\n    bakeAfter: 10m",
          "  linear: {step: 10%, bake: 1h}"
        ),
        (SageMakerFiles.production, "instances: 4", "instances: 10"),
        (SageMakerFiles.production, "2...7", "2...10"),
      ])
    #expect(
      files.textOfWords == """
        error[R0353]: SageMaker ends a deployment after 8h
          --> Environments/production.yaml:10:29
           |
        10 |   linear: {step: 10%, bake: 1h}
           |                             ^^ the waits add up to 10h
           = help: shorten the bakes, or take larger steps

        """)
  }

  @Test func `warmth beyond the last bake is not kept`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "bakeAfter: 10m", "bakeAfter: 10m\n    keepWarm: 2h")
      ])
    #expect(
      files.textOfWords == """
        warning[R0354]: SageMaker keeps the old fleet for 'bakeAfter' and no longer
          --> Environments/production.yaml:13:15
           |
        13 |     keepWarm: 2h
           |               ^^ nothing is kept after that
           = help: remove it, and write 'bakeAfter: 1h' to keep the old fleet that long

        """)
  }

  @Test func `one instance has no share to give`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "instances: 4", "instances: 1"),
        (SageMakerFiles.production, "2...7", "1...7"),
      ])
    #expect(
      files.textOfWords == """
        error[R0355]: one instance has no share to give: the first step would be everything
          --> Environments/production.yaml:11:22
           |
        7  | endpoint: {name: fox-prod, instances: 1, type: ml.m5.xlarge}
           |                                       - it starts with 1
        11 |     steps: [{weight: 25%, bake: 10m}]
           |                      ^^^ 25% of one instance
           = help: start with 2 instances at least, or write 'allAtOnce: {bakeAfter: …}'

        """)
  }

  @Test func `a share is rounded up to whole instances`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "weight: 25%", "weight: 10%")
      ])
    #expect(
      files.textOfWords == """
        warning[R0356]: 10% of 4 instances is 1 of them: 25%
          --> Environments/production.yaml:11:22
           |
        7  | endpoint: {name: fox-prod, instances: 4, type: ml.m5.xlarge}
           |                                       - of these
        11 |     steps: [{weight: 10%, bake: 10m}]
           |                      ^^^ SageMaker shifts whole instances
           = help: write 25%, or start with more instances

        """)
  }
}
