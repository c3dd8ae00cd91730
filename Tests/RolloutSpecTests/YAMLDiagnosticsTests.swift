import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What is not YAML` {
  @Test func `a duplicate key is shown at both places`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: 5m\nperiod: 6m")
    #expect(
      files.text() == """
        error[R0010]: 'period' is given twice
         --> Alarms/errors.yaml:5:1
          |
        4 | period: 5m
          | ------ first given here
        5 | period: 6m
          | ^^^^^^ again here
          = help: keep one of them

        """)
  }

  @Test func `an alias inside the value that it names is refused`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: &p [5m, *p]")
    #expect(
      files.text() == """
        error[R0012]: '*p' stands inside the value that it names
         --> Alarms/errors.yaml:4:17
          |
        4 | period: &p [5m, *p]
          |         -- '&p' begins here
          |                 ^^ this would go round for ever
          = help: write the inner value out

        """)
  }

  @Test func `an alias without an anchor is refused`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: *five")
    #expect(
      files.text() == """
        error[R0011]: '*five' names nothing
         --> Alarms/errors.yaml:4:9
          |
        4 | period: *five
          |         ^^^^^
          = help: name a value '&five' above, or quote the text if it should begin with '*'

        """)
  }

  @Test func `a tab is shown as what it is`() throws {
    let files = try SpecFixture(SpecFixture.production, "  canary:", becomes: "\tcanary:")
    #expect(
      files.text() == """
        error[R0007]: YAML is indented with spaces, not tabs
         --> Environments/production.yaml:7:1
          |
        7 |     canary:
          | ^^^^ a tab
          = help: replace each tab by two spaces

        """)
  }

  @Test func `a bracket that is never closed shows where it was opened`() throws {
    let files = try SpecFixture(SpecFixture.production, "{name: fox-prod}", becomes: "{name: fox-prod")
    #expect(
      files.text() == """
        error[R0006]: the file is not valid YAML
         --> Environments/production.yaml:4:6
          |
        3 | endpoint: {name: fox-prod
          |           - while parsing a flow mapping
        4 | model: {select: latest-approved}
          |      ^ did not find expected ',' or '}'
          = help: close the bracket, or put a comma between the values

        """)
  }

  @Test func `a second document belongs in a file of its own`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: 5m\n---\nalarm: cpu")
    #expect(
      files.text() == """
        error[R0008]: a file holds one document
         --> Alarms/errors.yaml:5:1
          |
        1 | alarm: errors
          | - the first one
        5 | ---
          | ^^^ a second one begins here
          = help: move it to a file of its own

        """)
  }

  @Test func `merge keys are refused`() throws {
    let files = try SpecFixture(SpecFixture.production, "autoscaling: {", becomes: "autoscaling: {<<: {},")
    #expect(
      files.text() == """
        error[R0015]: merge keys are not supported
          --> Environments/production.yaml:13:15
           |
        13 | autoscaling: {<<: {},instances: 1...4, invocationsPerInstance: 70}
           |               ^^
           = help: write the keys out where they apply

        """)
  }

  @Test func `a number is no key`() throws {
    let files = try SpecFixture(SpecFixture.smoke, "{a: 1}", becomes: "{1: a}")
    #expect(
      files.text() == """
        error[R0016]: a key must be text
         --> Environments/smoke.yaml:4:22
          |
        4 |     request: {json: {1: a}}
          |                      ^ this is a number
          = help: write "1", with the quotes

        """)
  }

  @Test func `a tag is refused`() throws {
    let files = try SpecFixture(SpecFixture.alarm, "5m", becomes: "!duration 5m")
    #expect(
      files.text() == """
        error[R0017]: the tag '!duration' means nothing here
         --> Alarms/errors.yaml:4:9
          |
        4 | period: !duration 5m
          |         ^^^^^^^^^^^^
          = help: remove it

        """)
  }

  @Test func `a file of comments says nothing`() throws {
    let files = try SpecFixture(SpecFixture.template, "drain: 30s", becomes: "# drain: 30s")
    #expect(
      files.text() == """
        error[R0009]: the file says nothing
         --> Templates/endpoint.yaml
          = help: 'rollout init' writes a working set of files

        """)
  }

  @Test func `an alarm file of comments defines no alarm`() throws {
    let files = try SpecFixture(
      SpecFixture.alarm, "alarm: errors\nmetric: InvocationModelErrors\nstatistic: Sum\nperiod: 5m\nthreshold: \"> 5\"",
      becomes: "# later")
    #expect(
      files.text() == """
        error[R0205]: 'Alarms/errors.yaml' defines no alarm
          --> Environments/production.yaml:12:10
           |
        12 | alarms: [../Alarms/errors.yaml]
           |          ^^^^^^^^^^^^^^^^^^^^^ listed here
           = help: define it, or take it from the list

        """)
  }

  @Test func `text with a colon in it must be quoted`() throws {
    let files = try SpecFixture(SpecFixture.smoke, "name: it answers", becomes: "name: it answers: yes")
    #expect(
      files.text() == """
        error[R0006]: the file is not valid YAML
         --> Environments/smoke.yaml:3:21
          |
        3 |   - name: it answers: yes
          |                     ^ mapping values are not allowed in this context
          = help: quote text that holds ': ', and check that the line above is indented as it should be

        """)
  }
}
