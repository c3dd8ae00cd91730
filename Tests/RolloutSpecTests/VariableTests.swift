import RolloutCore
import RolloutSpec
import Testing

/// `${NAME}`: where it is filled in, and where it is refused.
struct VariableTests {
  @Test func `a variable that is not set is named`() throws {
    let files = try SpecFixture(
      SpecFixture.pipeline, "stages:", becomes: "runtime:\n  path: ${RUN}/fox\nstages:")
    #expect(
      files.text() == """
        error[R0107]: the environment has no variable 'RUN'
         --> Environments/pipeline.yaml:5:9
          |
        5 |   path: ${RUN}/fox
          |         ^^^^^^^^^^
          = help: export RUN=…

        """)
  }

  @Test func `a variable whose value a plan would keep is refused`() throws {
    let files = try SpecFixture(SpecFixture.smoke, "{json: {a: 1}}", becomes: "{json: {token: \"${TOKEN}\"}}")
    #expect(
      files.text(environment: ["TOKEN": "hunter2"]) == """
        error[R0111]: 'json' takes no variable, and this names 'TOKEN'
         --> Environments/smoke.yaml:4:29
          |
        4 |     request: {json: {token: "${TOKEN}"}}
          |                             ^^^^^^^^^^
          = help: write the value itself: plans and the journal keep it, and a variable may hold a secret

        """)
  }

  @Test(arguments: [
    (SpecFixture.smoke, "{json: {a: 1}}", "{text: \"${V}\"}"),
    (SpecFixture.smoke, "it answers", "${V}"),
    (SpecFixture.alarm, "5m", "${V}"),
    (SpecFixture.alarm, "\"> 5\"", "${V}"),
    (SpecFixture.production, "fox-prod", "\"${V}\""),
    (SpecFixture.production, "10%, bake: 10m", "\"${V}\", bake: 10m"),
    (SpecFixture.template, "30s", "${V}"),
  ])
  func `nothing that a plan keeps takes a variable`(file: String, old: String, new: String) throws {
    let files = try SpecFixture(file, old, becomes: new)
    #expect(Set(files.codes(environment: ["V": "10m"])) == ["R0111"])
  }

  @Test func `the characters of a variable can be sent`() throws {
    let files = try SpecFixture(SpecFixture.smoke, "{json: {a: 1}}", becomes: "{text: \"a $${B}\"}")
    let specs = try #require(files.load().specs)
    #expect(specs.environments[0].smoke[0].cases[0].body == Array("a ${B}".utf8))
  }

  @Test func `a variable without an end is no variable`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "5m", becomes: "${PERIOD")
    #expect(
      files.text() == """
        error[R0107]: '${PERIOD' names no variable
         --> Alarms/errors.yaml:4:9
          |
        4 | period: ${PERIOD
          |         ^^^^^^^^
          = help: write '${NAME}' with letters, digits and '_', or '$${' for the characters themselves

        """)
  }

  @Test func `a secret in a variable never reaches a message`() throws {
    let files = try SpecFixture(
      SpecFixture.pipeline, "stages:", becomes: "runtime: {port: \"${SECRET}\"}\nstages:")
    let text = files.text(environment: ["SECRET": "hunter2"])
    #expect(text.contains("'port' must be a whole number"))
    #expect(!text.contains("hunter2"))
  }
}
