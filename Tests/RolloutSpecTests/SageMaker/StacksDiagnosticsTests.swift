import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What a stack does not take` {
  @Test func `a name that leaves no room for its configurations is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "fox-prod", "a-fox-that-is-known-by-a-name-of-more-than-53-characters")
      ])
    #expect(
      files.textOfWords == """
        error[R0358]: the name leaves no room for those of its configurations, 'a-fox-that-is-known-by-a-name-of-more-than-53-characters-17'
         --> Environments/production.yaml:7:18
          |
        7 | endpoint: {name: a-fox-that-is-known-by-a-name-of-more-than-53-characters, instances: 4, type: m...
          |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 56 characters
          = help: SageMaker's names have 63 characters at most: write one of up to 53

        """)
  }

  @Test func `a template that does not take the deployment is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.template, "  EndpointConfigName:\n    Type", "  ConfigName:\n    Type"),
        (SageMakerFiles.template, "  ModelPackageArn:\n    Type", "  PackageArn:\n    Type"),
      ])
    #expect(
      files.textOfWords == """
        error[R0359]: production.yaml does not take 'EndpointConfigName', 'ModelPackageArn'
         --> Environments/production.yaml:6:13
          |
        6 |   template: ../Templates/production.yaml
          |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its parameters are read from it
          = help: declare them under 'Parameters', and use them in the model, the configuration and the endpoint

        """)
  }

  @Test func `a canary that the template does not take is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.template, "  Routing:\n    Type", "  Way:\n    Type"),
        (SageMakerFiles.template, "  TrafficPercent:\n    Type", "  Share:\n    Type"),
      ])
    #expect(
      files.textOfWords == """
        error[R0360]: production.yaml does not take what 'canary' says
          --> Environments/production.yaml:10:3
           |
        10 |   canary:
           |   ^^^^^^ it lacks the parameters 'Routing', 'TrafficPercent'
           = help: declare them in the template, or leave 'canary' to the template

        """)
  }

  @Test func `a bound that the template does not take has no effect`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.template, "  MaxCapacity:\n    Type", "  Most:\n    Type")
      ])
    #expect(
      files.textOfWords == """
        warning[R0360]: production.yaml does not take what 'autoscaling' says
          --> Environments/production.yaml:14:14
           |
        14 | autoscaling: {instances: 2...7, invocationsPerInstance: 70}
           |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it lacks the parameter 'MaxCapacity'
           = help: declare it in the template, or leave 'autoscaling' to the template

        """)
  }

  @Test func `an alarm that the template has not is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "alarm: model-errors", "alarm: errors")
      ])
    #expect(
      files.textOfWords == """
        error[R0361]: production.yaml has no alarm 'errors'
          --> Environments/production.yaml:13:10
           |
        6  |   template: ../Templates/production.yaml
           |             ---------------------------- it takes no 'ErrorsThreshold'
        13 | alarms: [../Alarms/errors.yaml]
           |          ^^^^^^^^^^^^^^^^^^^^^ nothing would create it or watch it
           = help: add the alarm to the template, with the parameters ErrorsThreshold, ErrorsPeriod, ErrorsDatapoints, ErrorsPeriods

        """)
  }

  @Test func `an alarm's period that the template does not take has no effect`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.template, "  ModelErrorsPeriod:\n    Type", "  ErrorsPeriod:\n    Type")
      ])
    #expect(
      files.textOfWords == """
        warning[R0360]: production.yaml does not take what 'period' says
         --> Alarms/errors.yaml:4:9
          |
        4 | period: 5m
          |         ^^ it lacks the parameter 'ModelErrorsPeriod'
          = help: declare it in the template, or leave 'period' to the template

        """)
  }

  @Test func `a parameter that the template has not brings the one that was meant`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production, "provider: sagemaker",
          "provider: sagemaker\n  parameters: {LatencyTreshold: 900000}"
        )
      ])
    #expect(
      files.textOfWords == """
        error[R0368]: production.yaml has no parameter 'LatencyTreshold'
         --> Environments/production.yaml:4:16
          |
        4 |   parameters: {LatencyTreshold: 900000}
          |                ^^^^^^^^^^^^^^^
          = help: did you mean 'LatencyThreshold'?

        """)
  }

  @Test func `a parameter that rollout fills in is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production, "provider: sagemaker",
          "provider: sagemaker\n  parameters: {InstanceType: ml.m5.large}"
        )
      ])
    #expect(
      files.textOfWords == """
        error[R0369]: rollout fills in 'InstanceType' itself
         --> Environments/production.yaml:4:16
          |
        4 |   parameters: {InstanceType: ml.m5.large}
          |                ^^^^^^^^^^^^
          = help: remove it: the value comes from the environment's other words, or from the deployment

        """)
  }

  @Test func `a stack cannot be called after a service that begins with a digit`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.pipeline, "service: fox", "service: 2d-fox")
      ])
    #expect(
      files.textOfWords == """
        error[R0372]: the stack would be called '2d-fox-production', and a stack's name begins with a letter
         --> Environments/production.yaml:2:1
          |
        2 | target:
          | ^^^^^^
          = help: name it: 'stack: …'

        """)
  }
}
