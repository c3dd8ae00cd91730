import FoundationEssentials
import RolloutDiagnostics
import RolloutSpec
import Testing

/// A working set of files in a directory of its own, in which a test spoils something.
final class SpecFixture {
  let directory: String

  /// `files`: path → text, over the working set. `nil` removes a file.
  init(_ files: [String: String?] = [:]) throws {
    directory = FileManager.default.temporaryDirectory.path + "/rollout-spec-" + UUID().uuidString
    for (path, text) in SpecFixture.working.mapValues({ Optional($0) }).merging(files, uniquingKeysWith: { $1 }) {
      guard let text else { continue }
      try write(path, Array(text.utf8))
    }
  }

  /// The working set with one text replaced in one file.
  convenience init(_ path: String, _ old: String, becomes new: String) throws {
    let text = try #require(SpecFixture.working[path])
    try #require(text.contains(old), "there is something to replace")
    try self.init([path: text.replacing(old, with: new)])
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func path(_ name: String) -> String { directory + "/" + name }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let parent = URL(filePath: path(name)).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path(name)))
  }

  func load(_ environments: String = "Environments", environment: [String: String] = [:]) -> LoadedSpecs {
    SpecLoader(environment: environment, workingDirectory: directory).load(directory: environments)
  }

  /// What a person would see.
  func text(environment: [String: String] = [:]) -> String {
    DiagnosticText().render(load(environment: environment).diagnostics)
  }

  func codes(environment: [String: String] = [:]) -> [String] {
    load(environment: environment).diagnostics.map(\.code.rawValue)
  }
}

extension SpecFixture {
  static let pipeline = "Environments/pipeline.yaml"
  static let production = "Environments/production.yaml"
  static let smoke = "Environments/smoke.yaml"
  static let alarm = "Alarms/errors.yaml"
  static let template = "Templates/endpoint.yaml"

  static let working: [String: String] = [
    pipeline: """
    service: fox
    registry: {provider: local, path: ../registry, group: fox}
    state: {backend: sqlite, path: ../rollout.db}
    stages: [production]
    """,
    production: """
    environment: production
    target: {provider: local, template: ../Templates/endpoint.yaml}
    endpoint: {name: fox-prod}
    model: {select: latest-approved}
    smoke: [smoke.yaml]
    strategy:
      canary:
        steps:
          - {weight: 10%, bake: 10m}
          - {weight: 50%, bake: 10m}
        bakeAfter: 10m
    alarms: [../Alarms/errors.yaml]
    autoscaling: {instances: 1...4, invocationsPerInstance: 70}
    """,
    smoke: """
    suite: answers
    cases:
      - name: it answers
        request: {json: {a: 1}}
    """,
    alarm: """
    alarm: errors
    metric: InvocationModelErrors
    statistic: Sum
    period: 5m
    threshold: "> 5"
    """,
    template: "drain: 30s\n",
  ]
}
