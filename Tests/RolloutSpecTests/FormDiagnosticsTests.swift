import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What the reader finds` {
  @Test func `a misspelt key is named, and is not missed as well`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "metric:", becomes: "metrc:")
    #expect(
      files.text() == """
        error[R0101]: unknown key 'metrc'
         --> Alarms/errors.yaml:2:1
          |
        2 | metrc: InvocationModelErrors
          | ^^^^^
          = help: did you mean 'metric'?

        """)
  }

  @Test func `keys that are missing are listed together`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "metric: InvocationModelErrors\nstatistic: Sum\n", becomes: "")
    #expect(
      files.text() == """
        error[R0102]: the file lacks 'metric', 'statistic'
         --> Alarms/errors.yaml:1:1
          |
        1 | alarm: errors
          | ^^^^^ they belong beside this
          = help: add them; 'rollout schema' describes each key

        """)
  }

  @Test func `a word that is none of the choices brings the nearest one`() throws {
    let files = try SpecFixture(
      SpecFixture.alarm, "statistic: Sum", becomes: "statistic: Sum\nmissingData: notbreeching")
    #expect(
      files.text() == """
        error[R0106]: 'missingData' cannot be 'notbreeching'
         --> Alarms/errors.yaml:4:14
          |
        4 | missingData: notbreeching
          |              ^^^^^^^^^^^^
          = help: did you mean 'notBreaching'?

        """)
  }

  @Test func `a threshold must have the unit of its metric`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "> 5", becomes: "> 800ms")
    #expect(
      files.text() == """
        error[R0104]: the Sum of InvocationModelErrors is not measured in this unit
         --> Alarms/errors.yaml:5:12
          |
        5 | threshold: "> 800ms"
          |            ^^^^^^^^^
          = help: write a plain number, such as '> 5'

        """)
  }

  @Test func `a threshold that is not a number compares with nothing`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "> 5", becomes: "> NaN")
    #expect(
      files.text() == """
        error[R0110]: 'threshold' must compare with a number
         --> Alarms/errors.yaml:5:12
          |
        5 | threshold: "> NaN"
          |            ^^^^^^^
          = help: nothing is above or below 'nan'; write it like '> 5'

        """)
  }

  @Test func `a share needs its per cent sign`() throws {
    let files = try SpecFixture(SpecFixture.production, "weight: 50%", becomes: "weight: 50")
    #expect(
      files.text() == """
        error[R0104]: 'weight' must be a share from 0% to 100%
          --> Environments/production.yaml:10:18
           |
        10 |       - {weight: 50, bake: 10m}
           |                  ^^
           = help: write it like '10%'

        """)
  }

  @Test func `a duration needs a unit`() throws {
    let files = try SpecFixture(SpecFixture.production, "bakeAfter: 10m", becomes: "bakeAfter: 600")
    #expect(
      files.text() == """
        error[R0104]: 'bakeAfter' must be a duration
          --> Environments/production.yaml:11:16
           |
        11 |     bakeAfter: 600
           |                ^^^
           = help: write it like '10m'

        """)
  }

  @Test func `a list is not text`() throws {
    let files = try SpecFixture(SpecFixture.production, "{name: fox-prod}", becomes: "{name: [fox, prod]}")
    #expect(
      files.text() == """
        error[R0103]: 'name' must be a name of up to 63 letters, digits and '-'
         --> Environments/production.yaml:3:18
          |
        3 | endpoint: {name: [fox, prod]}
          |                  ^^^^^^^^^^^ this is a list
          = help: write it like 'eye-catcher'

        """)
  }

  @Test func `a value that nobody wrote is empty`() throws {
    let files = try SpecFixture(SpecFixture.production, "environment: production", becomes: "environment:")
    #expect(
      files.text() == """
        error[R0103]: 'environment' must be a name of up to 63 letters, digits and '-'
         --> Environments/production.yaml:1:13
          |
        1 | environment:
          |             ^ this is empty
          = help: write it like 'eye-catcher'

        """)
  }

  @Test func `yes is text, as YAML 1.2 says`() throws {
    let files = try SpecFixture(SpecFixture.template, "drain: 30s", becomes: "shield: yes")
    #expect(
      files.text() == """
        error[R0104]: 'shield' must be true or false
         --> Templates/endpoint.yaml:1:9
          |
        1 | shield: yes
          |         ^^^
          = help: write it like 'true'

        """)
  }

  @Test func `an instance count out of range says the range`() throws {
    let files = try SpecFixture(SpecFixture.production, "{name: fox-prod}", becomes: "{name: fox-prod, instances: 0}")
    #expect(
      files.text() == """
        error[R0105]: 'instances' must be a whole number from 1 to 1000
         --> Environments/production.yaml:3:39
          |
        3 | endpoint: {name: fox-prod, instances: 0}
          |                                       ^
          = help: write it like '1'

        """)
  }

  @Test func `two kinds of strategy exclude each other, and both are read`() throws {
    let files = try SpecFixture(
      SpecFixture.production, "strategy:", becomes: "strategy:\n  allAtOnce: {bakeAfter: soon}")
    #expect(
      files.text() == """
        error[R0104]: 'bakeAfter' must be a duration
         --> Environments/production.yaml:7:26
          |
        7 |   allAtOnce: {bakeAfter: soon}
          |                          ^^^^
          = help: write it like '10m'

        error[R0109]: 'strategy' takes only one of 'canary', 'linear', 'rolling' or 'allAtOnce'
         --> Environments/production.yaml:8:3
          |
        7 |   allAtOnce: {bakeAfter: soon}
          |   --------- this is given
        8 |   canary:
          |   ^^^^^^ this as well
          = help: keep one of them

        """)
  }

  @Test func `a version and a selection exclude each other`() throws {
    let files = try SpecFixture(
      SpecFixture.production, "{select: latest-approved}", becomes: "{select: latest-approved, version: 7}")
    #expect(
      files.text() == """
        error[R0109]: 'model' takes only one of 'select' or 'version'
         --> Environments/production.yaml:4:34
          |
        4 | model: {select: latest-approved, version: 7}
          |         ------ this is given
          |                                  ^^^^^^^ this as well
          = help: keep one of them

        """)
  }

  @Test func `a target that nobody knows brings those that there are`() throws {
    let files = try SpecFixture(
      SpecFixture.production, "provider: local, template: ../Templates/endpoint.yaml", becomes: "provider: sagemake")
    #expect(
      files.text() == """
        error[R0106]: 'provider' cannot be 'sagemake'
         --> Environments/production.yaml:2:20
          |
        2 | target: {provider: sagemake}
          |                    ^^^^^^^^
          = help: did you mean 'sagemaker'?

        """)
  }

  @Test func `an alarm that is listed and not there is shown where it is listed`() throws {
    let files = try SpecFixture(SpecFixture.production, "errors.yaml", becomes: "error.yaml")
    #expect(
      files.text() == """
        error[R0205]: there is no file 'Alarms/error.yaml'
          --> Environments/production.yaml:12:10
           |
        12 | alarms: [../Alarms/error.yaml]
           |          ^^^^^^^^^^^^^^^^^^^^ listed here
           = help: did you mean 'errors.yaml'?

        """)
  }

  @Test func `a stage without a file is shown where it is named`() throws {
    let files = try SpecFixture(SpecFixture.pipeline, "[production]", becomes: "[prodution]")
    #expect(
      files.text() == """
        error[R0001]: stage 'prodution' has no file 'Environments/prodution.yaml'
         --> Environments/pipeline.yaml:4:10
          |
        4 | stages: [prodution]
          |          ^^^^^^^^^
          = help: did you mean 'production'?

        """)
  }

  @Test func `a pipeline without stages is refused`() throws {
    let files = try SpecFixture(SpecFixture.pipeline, "[production]", becomes: "[]")
    #expect(
      files.text() == """
        error[R0203]: a pipeline has at least one stage
         --> Environments/pipeline.yaml:4:9
          |
        4 | stages: []
          |         ^^
          = help: name an environment, as in 'stages: [staging, production]'

        """)
  }

  @Test func `a stage named twice is shown at both places`() throws {
    let files = try SpecFixture(SpecFixture.pipeline, "[production]", becomes: "[production, production]")
    #expect(
      files.text() == """
        error[R0204]: 'production' is a stage twice
         --> Environments/pipeline.yaml:4:22
          |
        4 | stages: [production, production]
          |          ---------- first here
          |                      ^^^^^^^^^^ again here
          = help: a model passes through an environment once

        """)
  }

  @Test func `a stage's file that describes another environment is shown at both places`() throws {
    let files = try SpecFixture(SpecFixture.production, "environment: production", becomes: "environment: prod")
    #expect(
      files.text() == """
        error[R0201]: the file of stage 'production' describes 'prod'
         --> Environments/production.yaml:1:14
          |
        1 | environment: prod
          |              ^^^^ this is not 'production'
         ::: Environments/pipeline.yaml:4:10
          |
        4 | stages: [production]
          |          ---------- the stage is named here
          = help: write 'environment: production', or name the stage and its file 'prod'

        """)
  }

  @Test func `a smoke case lacks a body, has a wrong path and a bare bound`() throws {
    let files = try SpecFixture(
      SpecFixture.smoke, "request: {json: {a: 1}}",
      becomes: "request: {accept: text/plain}\n    expect: {json: [{path: a.b, is: 1}, {path: $.a, within: 1}]}")
    #expect(
      files.text() == """
        error[R0102]: 'request' lacks 'file', 'json' or 'text'
         --> Environments/smoke.yaml:4:14
          |
        4 |     request: {accept: text/plain}
          |              ^^^^^^^^^^^^^^^^^^^^ none is given
          = help: add one of them

        error[R0104]: 'path' must be a path into the answer
         --> Environments/smoke.yaml:5:28
          |
        5 |     expect: {json: [{path: a.b, is: 1}, {path: $.a, within: 1}]}
          |                            ^^^
          = help: write it like '$[0].label'

        error[R0104]: 'within' must be a bound or a range of numbers
         --> Environments/smoke.yaml:5:61
          |
        5 |     expect: {json: [{path: a.b, is: 1}, {path: $.a, within: 1}]}
          |                                                             ^
          = help: write it like '< 0.1'

        """)
  }

  @Test func `two smoke cases of one name are shown at both places`() throws {
    let files = try SpecFixture(
      SpecFixture.smoke, "    request: {json: {a: 1}}",
      becomes: "    request: {text: a}\n  - name: it answers\n    request: {text: b}")
    #expect(
      files.text() == """
        error[R0224]: two cases are called 'it answers'
         --> Environments/smoke.yaml:5:11
          |
        3 |   - name: it answers
          |           ---------- first here
        5 |   - name: it answers
          |           ^^^^^^^^^^ again here
          = help: name each for what it shows

        """)
  }
}
