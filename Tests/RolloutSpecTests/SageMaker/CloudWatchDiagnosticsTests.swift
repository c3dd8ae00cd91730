import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What CloudWatch cannot judge` {
  @Test func `a period that CloudWatch has not is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "period: 5m", "period: 45s")
      ])
    #expect(
      files.textOfWords == """
        error[R0363]: CloudWatch has no such period
         --> Alarms/errors.yaml:4:9
          |
        4 | period: 45s
          |         ^^^ it takes 10s, 30s or whole minutes
          = help: write 1m

        """)
  }

  @Test func `an alarm that looks back more than a day is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.alarm, "period: 5m", "period: 5m\ndatapoints: 1 of 289")
      ])
    #expect(
      files.textOfWords == """
        error[R0364]: CloudWatch does not look back that far
         --> Alarms/errors.yaml:4:9
          |
        4 | period: 5m
          |         ^^ 289 datapoints of 5m are 24h5m
          = help: it judges 24h at most: take fewer datapoints, or a shorter period

        """)
  }

  @Test func `an alarm needs the time in which its data are published as well`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "10m", "6m")
      ])
    #expect(
      files.textOfWords == """
        error[R0211]: alarm 'model-errors' can never take a revision back
          --> Alarms/errors.yaml:4:9
           |
        4  | period: 5m
           |         ^^ it needs 5m of data, and CloudWatch shows them up to 2m late
          ::: Environments/production.yaml:11:33
           |
        11 |     steps: [{weight: 25%, bake: 6m}]
           |                                 -- the longest bake is 6m
           = help: bake for 7m at least, shorten the alarm's period, or give it 'rollback: false'

        """)
  }

  @Test func `a bake too short for late data is a warning at that bake`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "bakeAfter: 10m", "bakeAfter: 6m")
      ])
    #expect(
      files.textOfWords == """
        warning[R0212]: alarm 'model-errors' cannot fire within this bake
          --> Environments/production.yaml:12:16
           |
        12 |     bakeAfter: 6m
           |                ^^ 6m at 100%
          ::: Alarms/errors.yaml:4:9
           |
        4  | period: 5m
           |         -- it needs 5m of data, and CloudWatch shows them up to 2m late
           = help: bake for 7m at least, or shorten the alarm's period

        """)
  }

  @Test func `a scaling period other than a minute is refused`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "invocationsPerInstance: 70", "invocationsPerInstance: 70, period: 10s")
      ])
    #expect(
      files.textOfWords == """
        error[R0365]: AWS scales by datapoints of one minute
          --> Environments/production.yaml:14:69
           |
        14 | autoscaling: {instances: 2...7, invocationsPerInstance: 70, period: 10s}
           |                                                                     ^^^ this is 10s
           = help: remove it

        """)
  }
}
