import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What a template says otherwise` {
  @Test func `an alarm that measures something else is shown at the file's word`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "InvocationModelErrors", "Invocation5XXErrors")
      ])
    #expect(
      files.textOfWords == """
        error[R0374]: the template's alarm 'ModelErrorsAlarm' says otherwise
         --> Alarms/errors.yaml:2:9
          |
        2 | metric: Invocation5XXErrors
          |         ^^^^^^^^^^^^^^^^^^^ there it is InvocationModelErrors
          = help: change this, or write Invocation5XXErrors in production.yaml

        """)
  }

  @Test func `an alarm with another statistic is shown at the file's word`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "statistic: Sum", "statistic: SampleCount")
      ])
    #expect(
      files.textOfWords == """
        error[R0374]: the template's alarm 'ModelErrorsAlarm' says otherwise
         --> Alarms/errors.yaml:3:12
          |
        3 | statistic: SampleCount
          |            ^^^^^^^^^^^ there it is Sum
          = help: change this, or write SampleCount in production.yaml

        """)
  }

  @Test func `an alarm that compares otherwise is shown at the file's word`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "> 5", ">= 5")
      ])
    #expect(
      files.textOfWords == """
        error[R0374]: the template's alarm 'ModelErrorsAlarm' says otherwise
         --> Alarms/errors.yaml:5:12
          |
        5 | threshold: ">= 5"
          |            ^^^^^^ there it is GreaterThanThreshold
          = help: change this, or write GreaterThanOrEqualToThreshold in production.yaml

        """)
  }

  @Test func `an alarm for which no data means something else is shown at the file`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "missingData: notBreaching", "missingData: breaching")
      ])
    #expect(
      files.textOfWords == """
        error[R0374]: the template's alarm 'ModelErrorsAlarm' says otherwise
         --> Alarms/errors.yaml:6:14
          |
        6 | missingData: breaching
          |              ^^^^^^^^^ there it is notBreaching
          = help: change this, or write breaching in production.yaml

        """)
  }

  @Test func `an alarm that nobody watches is shown`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.template,
          "              - AlarmName: !Ref ModelErrorsAlarm\n              - AlarmName: !Ref NewModelErrorsAlarm\n", ""
        )
      ])
    #expect(
      files.textOfWords == """
        error[R0374]: SageMaker would not watch alarm 'model-errors'
         --> Alarms/errors.yaml:1:1
          |
        1 | alarm: model-errors
          | ^^^^^ the endpoint's 'AutoRollbackConfiguration' does not name it
          = help: name ModelErrorsAlarm there, or give the alarm 'rollback: false'

        """)
  }

  @Test func `an alarm that is watched and should not be is a warning`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "missingData: notBreaching", "missingData: notBreaching\nrollback: false")
      ])
    #expect(
      files.textOfWords == """
        warning[R0374]: SageMaker would go back for alarm 'model-errors'
         --> Alarms/errors.yaml:7:11
          |
        7 | rollback: false
          |           ^^^^^ the endpoint's 'AutoRollbackConfiguration' names it
          = help: take ModelErrorsAlarm from it, or give the alarm 'rollback: true'

        """)
  }

  @Test func `a threshold that no alarm compares with is shown where the alarm is listed`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.template, "      Threshold: !Ref ModelErrorsThreshold", "      Threshold: 5")
      ])
    #expect(
      files.textOfWords == """
        error[R0361]: production.yaml has no alarm that compares with 'ModelErrorsThreshold'
          --> Environments/production.yaml:13:10
           |
        13 | alarms: [../Alarms/errors.yaml]
           |          ^^^^^^^^^^^^^^^^^^^^^ nothing would watch it
           = help: let an alarm's 'Threshold' be '!Ref ModelErrorsThreshold'

        """)
  }

  @Test func `traffic that moves otherwise is shown at the strategy`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.template, "              Type: !Ref Routing", "              Type: ALL_AT_ONCE")
      ])
    #expect(
      files.textOfWords == """
        error[R0375]: production.yaml would not move traffic as 'canary' says
          --> Environments/production.yaml:10:3
           |
        10 |   canary:
           |   ^^^^^^ it would do this: all at once, then 100% for 10m, at most 50m
           = help: let the endpoint's 'DeploymentConfig' use the parameters Routing, TrafficPercent, WaitSeconds and TerminationWaitSeconds

        """)
  }

  @Test func `a bake that the template fixes is shown at the strategy`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.template, "            TerminationWaitInSeconds: !Ref TerminationWaitSeconds",
          "            TerminationWaitInSeconds: 60"
        )
      ])
    #expect(
      files.textOfWords == """
        error[R0375]: production.yaml would not move traffic as 'canary' says
          --> Environments/production.yaml:10:3
           |
        10 |   canary:
           |   ^^^^^^ it would do this: canary 25% for 10m, then 100% for 1m, at most 50m
           = help: let the endpoint's 'DeploymentConfig' use the parameters Routing, TrafficPercent, WaitSeconds and TerminationWaitSeconds

        """)
  }

  @Test func `a type of instance that SageMaker has not brings the nearest`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "ml.m5.xlarge", "ml.m5.xlrge")
      ])
    #expect(
      files.textOfWords == """
        error[R0326]: SageMaker has no instance type 'ml.m5.xlrge'
         --> Environments/production.yaml:7:48
          |
        7 | endpoint: {name: fox-prod, instances: 4, type: ml.m5.xlrge}
          |                                                ^^^^^^^^^^^
          = help: did you mean 'ml.m5.xlarge'?

        """)
  }

  @Test func `a fleet that scaling may leave with one instance is a warning`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "2...7", "1...7")
      ])
    #expect(
      files.textOfWords == """
        warning[R0355]: scaling may leave one instance, which has no share to give
          --> Environments/production.yaml:14:26
           |
        11 |     steps: [{weight: 25%, bake: 10m}]
           |                      --- 25% of one instance
        14 | autoscaling: {instances: 1...7, invocationsPerInstance: 70}
           |                          ^^^^^ in a quiet hour there is one
           = help: keep 2 instances at least

        """)
  }
}
