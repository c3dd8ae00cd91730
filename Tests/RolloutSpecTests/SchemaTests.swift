import FoundationEssentials
import RolloutCore
import Testing

@testable import RolloutDiagnostics
@testable import RolloutSpec

@Suite struct `The schemas` {
  @Test(arguments: SpecKind.allCases)
  func `are JSON Schema 2020-12, describe every key and allow no other`(kind: SpecKind) throws {
    #expect(kind.schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
    var objects = 0
    try check(kind.schema, at: kind.rawValue, isProperty: false, &objects)
    #expect(objects > 0)
    #expect(try JSONDecoder().decode(JSONValue.self, from: Data(kind.schemaText.utf8)) == kind.schema)
  }

  private func check(_ schema: JSONValue, at path: String, isProperty: Bool, _ objects: inout Int) throws {
    if isProperty { #expect(schema["description"] != nil, "\(path) says what it is for") }
    for keyword in ["oneOf", "anyOf"] {
      for choice in schema[keyword]?.items ?? [] { try check(choice, at: path, isProperty: false, &objects) }
    }
    if let items = schema["items"] { try check(items, at: path + "[]", isProperty: false, &objects) }
    if let pattern = schema["pattern"]?.text { _ = try Regex(pattern) }
    guard let properties = schema["properties"]?.members else { return }
    objects += 1
    #expect(schema["additionalProperties"] == false, "\(path)")
    for required in schema["required"]?.items ?? [] { #expect(properties[required.text ?? ""] != nil, "\(path)") }
    for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
      try check(property, at: path + "." + name, isProperty: true, &objects)
    }
  }

  static let files: [(kind: SpecKind, path: String)] = [
    (.pipeline, "Environments/pipeline.yaml"), (.environment, "Environments/staging.yaml"),
    (.environment, "Environments/production.yaml"), (.smoke, "Environments/smoke/images.yaml"),
    (.alarm, "Alarms/model-errors.yaml"), (.alarm, "Alarms/cpu.yaml"), (.alarm, "Alarms/latency.yaml"),
    (.template, "Templates/local-endpoint.yaml"), (.pipeline, "Environments/aws/pipeline.yaml"),
    (.environment, "Environments/aws/staging.yaml"), (.environment, "Environments/aws/production.yaml"),
  ]

  @Test(arguments: files.indices)
  func `accept what the reader accepts`(index: Int) throws {
    let (kind, path) = Self.files[index]
    let text = try String(contentsOfFile: repositoryRoot + "/" + path, encoding: .utf8)
    let value = try #require(json(text))
    #expect(SchemaValidator.problems(of: value, in: kind.schema) == [])
  }

  @Test(arguments: [
    (SpecKind.alarm, "alarm: a\nmetric: CPUUtilization\nstatistic: Mean\nperiod: 5\nthreshold: lots\ncolour: red"),
    (.template, "shield: yes\ndrain: soon\nlimits: {body: 6 MiB, time: 5s}"),
    (.environment, "environment: a b\ntarget: {provider: other}\nendpoint: {}\nmodel: {version: 0}\nstrategy: {}"),
    (.pipeline, "service: a\nregistry: {provider: local}\nstate: {backend: sqlite, path: a}\nstages: staging"),
    (.pipeline, "service: a\nregistry: {provider: sagemaker, region: here, group: a}\nstages: []"),
    (
      .environment,
      "environment: a\ntarget: {provider: sagemaker, region: us-east-1, role: me}\nendpoint: {name: a, type: big}\n"
        + "model: {version: 1}\nstrategy: {rolling: {batch: 1%, bake: 5m}}"
    ),
  ])
  func `refuse what the reader refuses`(kind: SpecKind, text: String) throws {
    let value = try #require(json(text))
    #expect(!SchemaValidator.problems(of: value, in: kind.schema).isEmpty)
    #expect(!read(kind, text).isEmpty)
  }

  private func read(_ kind: SpecKind, _ text: String) -> [Diagnostic] {
    var diagnostics = Diagnostics()
    let file = SourceFile(path: "file.yaml", text: text)
    guard let root = YAMLComposer.compose(Array(text.utf8), file: file, into: &diagnostics) else { return [] }
    var reading = Reading(variables: [:], directory: "/", workingDirectory: "/")
    switch kind {
    case .alarm: _ = Shape<AlarmRule>.alarm.read(root, &reading)
    case .template: _ = Shape<EndpointTemplate>.template.read(root, &reading)
    case .environment: _ = Shape<EnvironmentDraft>.environment.read(root, &reading)
    case .pipeline: _ = Shape<PipelineDraft>.pipeline.read(root, &reading)
    case .smoke: _ = Shape<SmokeSuite>.smoke.read(root, &reading)
    case .model: _ = Shape<ModelManifest>.modelManifest.read(root, &reading)
    }
    return reading.diagnostics.sorted
  }

  private func json(_ text: String) -> JSONValue? {
    var diagnostics = Diagnostics()
    let file = SourceFile(path: "file.yaml", text: text)
    guard let root = YAMLComposer.compose(Array(text.utf8), file: file, into: &diagnostics) else { return nil }
    var reading = Reading(
      variables: ["ROLLOUT_DISCORD_WEBHOOK": "https://example.org"], directory: "/", workingDirectory: "/")
    return Shape<JSONValue>.json.withVariables.read(root, &reading)
  }
}
