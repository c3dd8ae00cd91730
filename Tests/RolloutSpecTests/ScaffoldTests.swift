import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

@Test func `a scaffold is a working set without a single problem`() throws {
  let files = Scaffold.files(service: "fox").map { ($0.path, Optional($0.text)) }
  let empty = SpecFixture.working.mapValues { _ in String?.none }
  let fixture = try SpecFixture(empty.merging(files) { $1 })
  let loaded = fixture.load()
  #expect(DiagnosticText().render(loaded.diagnostics) == "")
  let specs = try #require(loaded.specs)
  #expect(specs.pipeline.service == "fox")
  #expect(specs.environments.map(\.endpoint.name) == ["fox-staging", "fox-prod"])
}

@Test(arguments: [
  Scaffold.files(service: "fox"), Scaffold.filesOnAWS(service: "fox", at: .example),
])
func `every schema that a scaffold's files name is written beside them`(files: [Scaffold.File]) {
  let schemas = Set(files.map(\.path).filter { $0.hasSuffix(".json") })
  // CloudFormation's templates have a schema of their own.
  for file in files where file.path.hasSuffix(".yaml") && !file.text.contains("AWSTemplateFormatVersion") {
    let named = file.text.prefix { $0 != "\n" }.split(separator: "=").last.map(String.init) ?? ""
    var directory = file.path.split(separator: "/").dropLast()
    var steps = named.split(separator: "/")[...]
    while steps.first == ".." {
      _ = directory.popLast()
      steps = steps.dropFirst()
    }
    #expect(schemas.contains((directory + steps).joined(separator: "/")), "\(file.path)")
  }
}

@Test(arguments: ["", "-fox", "fox-", "fox/cub", "fox cub", "füchse"])
func `a scaffold refuses names that endpoints could not have`(name: String) {
  #expect(!Scaffold.isServiceName(name))
}
