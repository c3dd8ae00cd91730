import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What a rule finds` {
  @Test func `traffic that falls between steps is shown at both steps`() throws {
    let files = try SpecFixture(SpecFixture.production, "weight: 50%", becomes: "weight: 5%")
    #expect(
      files.text() == """
        error[R0207]: canary traffic may not fall between steps
          --> Environments/production.yaml:10:18
           |
        9  |       - {weight: 10%, bake: 10m}
           |                  --- 10% was reached here
        10 |       - {weight: 5%, bake: 10m}
           |                  ^^ 5% is less than 10%
           = help: raise this step, or remove it

        """)
  }

  @Test func `traffic that does not rise between steps is shown at both steps`() throws {
    let files = try SpecFixture(SpecFixture.production, "weight: 50%", becomes: "weight: 10%")
    #expect(
      files.text() == """
        error[R0208]: canary traffic must rise between steps
          --> Environments/production.yaml:10:18
           |
        9  |       - {weight: 10%, bake: 10m}
           |                  --- 10% was reached here
        10 |       - {weight: 10%, bake: 10m}
           |                  ^^^ 10% again
           = help: give the earlier step the longer bake, and remove this one

        """)
  }

  @Test func `a step with all the traffic is no canary`() throws {
    let files = try SpecFixture(SpecFixture.production, "weight: 50%", becomes: "weight: 100%")
    #expect(
      files.text() == """
        error[R0209]: a canary step is a share above 0% and below 100%
          --> Environments/production.yaml:10:18
           |
        10 |       - {weight: 100%, bake: 10m}
           |                  ^^^^ this is all of it
           = help: remove the step: all traffic moves after the last one, and 'bakeAfter' watches it

        """)
  }

  @Test func `a step without traffic is no canary`() throws {
    let files = try SpecFixture(SpecFixture.production, "weight: 10%", becomes: "weight: 0%")
    #expect(
      files.text() == """
        error[R0209]: a canary step is a share above 0% and below 100%
         --> Environments/production.yaml:9:18
          |
        9 |       - {weight: 0%, bake: 10m}
          |                  ^^ this is nothing
          = help: begin with the smallest share that can be judged, such as 1%

        """)
  }

  @Test func `a bake below zero is refused`() throws {
    let files = try SpecFixture(SpecFixture.production, "bakeAfter: 10m", becomes: "bakeAfter: -10m")
    #expect(
      files.text() == """
        error[R0210]: a bake cannot last less than no time
          --> Environments/production.yaml:11:16
           |
        11 |     bakeAfter: -10m
           |                ^^^^ -10m is below zero
           = help: remove the sign

        """)
  }

  @Test func `an alarm that needs more than the longest bake can never fire`() throws {
    let files = try SpecFixture(SpecFixture.production, "10m", becomes: "2m")
    #expect(
      files.text() == """
        error[R0211]: alarm 'errors' can never take a revision back
         --> Alarms/errors.yaml:4:9
          |
        4 | period: 5m
          |         ^^ it needs 5m of data
         ::: Environments/production.yaml:9:29
          |
        9 |       - {weight: 10%, bake: 2m}
          |                             -- the longest bake is 2m
          = help: bake for 5m at least, shorten the alarm's period, or give it 'rollback: false'

        """)
  }

  @Test func `the datapoints of an alarm add up`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: 5m\ndatapoints: 3 of 4")
    #expect(
      files.text() == """
        error[R0211]: alarm 'errors' can never take a revision back
         --> Alarms/errors.yaml:4:9
          |
        4 | period: 5m
          |         ^^ it needs 3 datapoints of 5m, which take 15m
         ::: Environments/production.yaml:9:29
          |
        9 |       - {weight: 10%, bake: 10m}
          |                             --- the longest bake is 10m
          = help: bake for 15m at least, shorten the alarm's period, or give it 'rollback: false'

        """)
  }

  @Test func `an alarm that needs more than one of the bakes is a warning at that bake`() throws {
    let files = try SpecFixture(SpecFixture.production, "weight: 10%, bake: 10m", becomes: "weight: 10%, bake: 2m")
    #expect(
      files.text() == """
        warning[R0212]: alarm 'errors' cannot fire within this bake
         --> Environments/production.yaml:9:29
          |
        9 |       - {weight: 10%, bake: 2m}
          |                             ^^ 2m at 10%
         ::: Alarms/errors.yaml:4:9
          |
        4 | period: 5m
          |         -- it needs 5m of data
          = help: bake for 5m at least, or shorten the alarm's period

        """)
  }

  @Test func `a rate of errors cannot be above one`() throws {
    let files = try SpecFixture(
      SpecFixture.alarm, "statistic: Sum\nperiod: 5m\nthreshold: \"> 5\"",
      becomes: "statistic: Average\nperiod: 5m\nthreshold: \"> 1\"")
    #expect(
      files.text() == """
        error[R0213]: alarm 'errors' can never trip
         --> Alarms/errors.yaml:5:12
          |
        5 | threshold: "> 1"
          |            ^^^^^ the Average of InvocationModelErrors lies between 0 and 1
          = help: choose a bound inside that range, or another statistic

        """)
  }

  @Test func `a share of CPU cannot be above 100 per cent`() throws {
    let files = try SpecFixture(
      SpecFixture.alarm, "metric: InvocationModelErrors\nstatistic: Sum\nperiod: 5m\nthreshold: \"> 5\"",
      becomes: "metric: CPUUtilization\nstatistic: Average\nperiod: 5m\nthreshold: \"> 100%\"")
    #expect(
      files.text() == """
        error[R0213]: alarm 'errors' can never trip
         --> Alarms/errors.yaml:5:12
          |
        5 | threshold: "> 100%"
          |            ^^^^^^^^ the Average of CPUUtilization lies between 0% and 100%
          = help: choose a bound inside that range, or another statistic

        """)
  }

  @Test func `a count is never below zero`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "> 5", becomes: "< 0")
    #expect(
      files.text() == """
        error[R0213]: alarm 'errors' can never trip
         --> Alarms/errors.yaml:5:12
          |
        5 | threshold: "< 0"
          |            ^^^^^ the Sum of InvocationModelErrors is 0 or more
          = help: choose a bound inside that range, or another statistic

        """)
  }

  @Test func `a count is always zero or more`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "> 5", becomes: ">= 0")
    #expect(
      files.text() == """
        error[R0214]: alarm 'errors' is tripped by any value
         --> Alarms/errors.yaml:5:12
          |
        5 | threshold: ">= 0"
          |            ^^^^^^ the Sum of InvocationModelErrors is 0 or more
          = help: choose a bound inside that range; 'missingData' says what no data means

        """)
  }

  @Test func `a share that brings too few requests for an alarm is shown with its arithmetic`() throws {
    let files = try SpecFixture(SpecFixture.production, "weight: 10%", becomes: "weight: 0.1%")
    #expect(
      files.text() == """
        warning[R0215]: 0.1% of the traffic cannot trip alarm 'errors'
         --> Environments/production.yaml:9:18
          |
        9 |       - {weight: 0.1%, bake: 10m}
          |                  ^^^^ of 70 a minute on each of 4 instances, at most 1.4 requests in 5m
         ::: Alarms/errors.yaml:5:12
          |
        5 | threshold: "> 5"
          |            ----- 6 must fail in 5m
          = help: raise the share, lengthen the alarm's period, or lower its threshold

        """)
  }

  @Test func `a percentile of a count says nothing`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "statistic: Sum", becomes: "statistic: p99")
    #expect(
      files.text() == """
        error[R0221]: a percentile of a count says nothing
         --> Alarms/errors.yaml:3:12
          |
        2 | metric: InvocationModelErrors
          |         --------------------- this counts
        3 | statistic: p99
          |            ^^^ each sample is 0 or 1
          = help: use Sum for a number of requests, or Average for a rate

        """)
  }

  @Test func `more datapoints than there are cannot breach`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: 5m\ndatapoints: 3 of 2")
    #expect(
      files.text() == """
        error[R0219]: alarm 'errors' asks for datapoints that there cannot be
         --> Alarms/errors.yaml:5:13
          |
        5 | datapoints: 3 of 2
          |             ^^^^^^ of 2 datapoints, 3 cannot breach
          = help: write how many of the last datapoints must breach, such as '2 of 3'

        """)
  }

  @Test func `a period must be longer than no time`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: 0s")
    #expect(
      files.text() == """
        error[R0220]: a period must be longer than no time
         --> Alarms/errors.yaml:4:9
          |
        4 | period: 0s
          |         ^^
          = help: write a duration such as '5m'

        """)
  }

  @Test func `a minimum above the maximum is refused`() throws {
    let files = try SpecFixture(SpecFixture.production, "1...4", becomes: "4...1")
    #expect(
      files.text() == """
        error[R0216]: the fewest instances are more than the most
          --> Environments/production.yaml:13:26
           |
        13 | autoscaling: {instances: 4...1, invocationsPerInstance: 70}
           |                          ^^^^^ 4 is more than 1
           = help: write '1...4'

        """)
  }

  @Test func `an endpoint may not start outside its scaling bounds`() throws {
    let files = try SpecFixture(SpecFixture.production, "{name: fox-prod}", becomes: "{name: fox-prod, instances: 6}")
    #expect(
      files.text() == """
        error[R0217]: the endpoint starts with a number of instances that scaling does not allow
          --> Environments/production.yaml:3:39
           |
        3  | endpoint: {name: fox-prod, instances: 6}
           |                                       ^ it starts with 6
        13 | autoscaling: {instances: 1...4, invocationsPerInstance: 70}
           |                          ----- this allows 1 to 4
           = help: start with 4

        """)
  }

  @Test func `an endpoint's unwritten single instance counts too`() throws {
    let files = try SpecFixture(SpecFixture.production, "1...4", becomes: "2...4")
    #expect(
      files.text() == """
        error[R0217]: the endpoint starts with a number of instances that scaling does not allow
          --> Environments/production.yaml:3:1
           |
        3  | endpoint: {name: fox-prod}
           | ^^^^^^^^ it starts with 1
        13 | autoscaling: {instances: 2...4, invocationsPerInstance: 70}
           |                          ----- this allows 2 to 4
           = help: start with 2

        """)
  }

  @Test func `a cooldown below zero is refused`() throws {
    let files = try SpecFixture(
      SpecFixture.production, "invocationsPerInstance: 70", becomes: "invocationsPerInstance: 70, scaleInCooldown: -10m"
    )
    #expect(
      files.text() == """
        error[R0218]: a cooldown cannot last less than no time
          --> Environments/production.yaml:13:78
           |
        13 | autoscaling: {instances: 1...4, invocationsPerInstance: 70, scaleInCooldown: -10m}
           |                                                                              ^^^^ -10m is below zero
           = help: remove the sign

        """)
  }

  @Test func `more people than there are cannot approve`() throws {
    let files = try SpecFixture(
      SpecFixture.production, "strategy:", becomes: "approval: {approvers: [ana, ana], minimum: 2}\nstrategy:")
    #expect(
      files.text() == """
        error[R0222]: more people must approve than there are
         --> Environments/production.yaml:6:44
          |
        6 | approval: {approvers: [ana, ana], minimum: 2}
          |                       ---------- 1 person may
          |                                            ^ 2 must approve
          = help: name more approvers, or lower 'minimum'

        """)
  }

  @Test func `a lease shorter than the driver's breath is refused`() throws {
    let files = try SpecFixture(SpecFixture.template, "drain: 30s", becomes: "lease: 1s")
    #expect(
      files.text() == """
        error[R0223]: a lease lasts from 3s to 10m
         --> Templates/endpoint.yaml:1:8
          |
        1 | lease: 1s
          |        ^^ this is shorter
          = help: a shorter one lapses whenever the driver is busy; write 3s

        """)
  }

  @Test func `a lease that outlives attention is refused`() throws {
    let files = try SpecFixture(SpecFixture.template, "drain: 30s", becomes: "lease: 1h")
    #expect(
      files.text() == """
        error[R0223]: a lease lasts from 3s to 10m
         --> Templates/endpoint.yaml:1:8
          |
        1 | lease: 1h
          |        ^^ this is longer
          = help: a longer one leaves users with a canary that nobody watches; write 30s

        """)
  }

  @Test func `a timeout of no time is refused`() throws {
    let files = try SpecFixture(SpecFixture.template, "drain: 30s", becomes: "health: {timeout: 0s}")
    #expect(
      files.text() == """
        error[R0225]: this must take some time
         --> Templates/endpoint.yaml:1:19
          |
        1 | health: {timeout: 0s}
          |                   ^^
          = help: write a duration such as '30s'

        """)
  }

  @Test func `the same alarm listed twice is shown at both places`() throws {
    let files = try SpecFixture(
      SpecFixture.production, "[../Alarms/errors.yaml]", becomes: "[../Alarms/errors.yaml, ../Alarms/errors.yaml]")
    #expect(
      files.text() == """
        error[R0206]: the environment has two alarms called 'errors'
          --> Environments/production.yaml:12:33
           |
        12 | alarms: [../Alarms/errors.yaml, ../Alarms/errors.yaml]
           |          --------------------- first here
           |                                 ^^^^^^^^^^^^^^^^^^^^^ again here
           = help: list it once, or rename one of them

        """)
  }
}
