import FoundationEssentials
import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

@Suite struct `The reader` {
  @Test func `takes the working set without a word`() throws {
    let specs = try #require(try SpecFixture().load().specs)
    let production = try #require(specs.environment("production"))
    #expect(production.target == .local(EndpointTemplate()))
    #expect(production.approval == nil)
    #expect(production.smoke.first?.cases.first?.body == Array(#"{"a":1}"#.utf8))
    #expect(production.smoke.first?.cases.first?.contentType == "application/json")
  }

  @Test func `gives warnings along with what it read`() throws {
    let loaded = try SpecFixture(SpecFixture.production, "weight: 10%", becomes: "weight: 0.1%").load()
    #expect(loaded.diagnostics.map(\.severity) == [.warning])
    #expect(loaded.specs != nil)
  }

  @Test func `gives nothing along with an error`() throws {
    let loaded = try SpecFixture(SpecFixture.alarm, "period: 5m", becomes: "period: 0s").load()
    #expect(loaded.specs == nil)
  }

  @Test func `reports the problems of all files at once, in order`() throws {
    let files = try SpecFixture([
      SpecFixture.alarm: "alarm: a\nmetric: Sum\nstatistic: Summ\nperiod: soon\nthreshold: many\nrolback: true",
      SpecFixture.template: "drane: 30s\nlimits: {body: big}",
      SpecFixture.smoke: "suite: s\ncases: []",
      SpecFixture.pipeline: """
      service: fox!
      registry: {provider: local, group: fox}
      state: {backend: s3, bucket: b}
      stages: [production, staging]
      """,
    ])
    let places = files.load().diagnostics.map { "\($0.code.rawValue) \($0.primary.range.description)" }
    #expect(
      places == [
        "R0106 Alarms/errors.yaml:2:9", "R0106 Alarms/errors.yaml:3:12", "R0104 Alarms/errors.yaml:4:9",
        "R0104 Alarms/errors.yaml:5:12", "R0101 Alarms/errors.yaml:6:1", "R0104 Environments/pipeline.yaml:1:10",
        "R0102 Environments/pipeline.yaml:2:12", "R0102 Environments/pipeline.yaml:3:9",
        "R0104 Environments/pipeline.yaml:3:30",
        "R0001 Environments/pipeline.yaml:4:22", "R0105 Environments/smoke.yaml:2:8",
        "R0101 Templates/endpoint.yaml:1:1", "R0104 Templates/endpoint.yaml:2:16",
      ])
  }

  @Test func `goes on with the rules where the form is wrong elsewhere`() throws {
    let files = try SpecFixture([
      SpecFixture.production: """
      environment: production
      target: {provider: local}
      endpoint: {name: fox-prod, colour: red}
      model: {select: newest}
      strategy: {canary: {steps: [{weight: 10%, bake: soon}, {weight: 5%, bake: 10m}]}}
      autoscaling: {instances: 4...1, invocationsPerInstance: many, scaleInCooldown: -1s}
      """
    ])
    #expect(files.codes() == ["R0101", "R0106", "R0207", "R0104", "R0216", "R0103", "R0218"].sortedLike(files.codes()))
  }

  @Test func `fills in variables, except where a secret must wait`() throws {
    let files = try SpecFixture(
      SpecFixture.pipeline, "state: {backend: sqlite, path: ../rollout.db}",
      becomes: """
        state: {backend: sqlite, path: "${STATE}/rollout.db"}
        runtime: {port: "${PORT}"}
        notify: [{discord: "${WEBHOOK}", on: [failed]}]
        """)
    let specs = try #require(files.load(environment: ["STATE": "/srv/state", "PORT": "81", "WEBHOOK": "secret"]).specs)
    #expect(specs.pipeline.state == .sqlite(path: "/srv/state/rollout.db"))
    #expect(specs.pipeline.runtime.port == 81)
    #expect(specs.pipeline.notify == [NotifySpec(webhook: "${WEBHOOK}", occasions: [.failed])])
  }

  @Test func `resolves paths against the file that names them`() throws {
    let specs = try #require(try SpecFixture().load().specs)
    guard case .local(let path, _) = specs.pipeline.registry else { return }
    #expect(path.hasSuffix("/registry") && path.hasPrefix("/") && !path.contains(".."))
    #expect(specs.pipeline.runtime.path.hasSuffix("/.rollout/runtime"))
  }

  @Test func `shows two environments with one endpoint at both places`() throws {
    var staging = SpecFixture.working[SpecFixture.production] ?? ""
    staging = staging.replacing("environment: production", with: "environment: staging")
    let files = try SpecFixture([
      "Environments/staging.yaml": staging,
      SpecFixture.pipeline: SpecFixture.working[SpecFixture.pipeline]?.replacing(
        "[production]", with: "[staging, production]"),
    ])
    #expect(
      files.text() == """
        error[R0202]: two environments have the endpoint 'fox-prod'
         --> Environments/production.yaml:3:18
          |
        3 | endpoint: {name: fox-prod}
          |                  ^^^^^^^^ again here
         ::: Environments/staging.yaml:3:18
          |
        3 | endpoint: {name: fox-prod}
          |                  -------- first here
          = help: give each environment an endpoint of its own, such as 'fox-prod-production'

        """)
  }

  @Test(arguments: [
    ("CPUUtilization", "Average", "> 70%", 70.0), ("ModelLatency", "p99", "> 800ms", 800_000),
    ("ModelLatency", "p99", "> 0.5ms", 500), ("ModelLatency", "Average", "> 2s", 2_000_000),
    ("Invocation5XXErrors", "Average", "> 5%", 0.05), ("InvocationModelErrors", "Sum", "> 5", 5),
    ("OverheadLatency", "Maximum", "> 250", 250),
  ])
  func `takes a threshold in people's units`(metric: String, statistic: String, text: String, bound: Double) throws {
    let files = try SpecFixture([
      SpecFixture.alarm: "alarm: a\nmetric: \(metric)\nstatistic: \(statistic)\nperiod: 5m\nthreshold: \"\(text)\""
    ])
    let specs = try #require(files.load().specs)
    #expect(specs.environments.first?.alarms.first?.threshold == Comparison(.greater, bound))
  }

  @Test func `works from another directory and through links`() throws {
    let files = try SpecFixture()
    try FileManager.default.createSymbolicLink(
      atPath: files.path("Link"), withDestinationPath: files.path("Environments"))
    let loader = SpecLoader(environment: [:], workingDirectory: files.directory)
    #expect(loader.load(directory: "Link").specs == loader.load(directory: "Environments").specs)
    #expect(loader.load(directory: files.path("Environments")).specs != nil)
  }
}

extension [String] {
  /// The same codes in the order of another list, when both hold the same ones.
  fileprivate func sortedLike(_ other: [String]) -> [String] { sorted() == other.sorted() ? other : self }
}
