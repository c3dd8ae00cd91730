import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

@Suite struct `A model's manifest` {
  func load(_ text: String?, files: [String: String] = [:]) throws -> LoadedModel {
    var all: [String: String?] = files.mapValues { $0 }
    all["Model/model.yaml"] = text
    let fixture = try SpecFixture(all)
    return SpecLoader(environment: [:], workingDirectory: fixture.directory).loadModel(directory: "Model")
  }

  @Test func `says how to serve the model, what it measured and which builds it has`() throws {
    let loaded = try load(
      """
      serve:
        command: [python3, server.py, --fast]
        environment: {MODEL: full.onnx, TOKEN: "${TOKEN}", THREADS: 2}
        portVariable: PORT
        health: /healthz
        cores: 0.5
        concurrency: 8
      metrics: {accuracy: 0.61, recall: 0.9}
      variants:
        quantised:
          environment: {MODEL: small.onnx}
          metrics: {accuracy: 0.6}
          files: [small.onnx, tokens.txt]
      """, files: ["Model/small.onnx": "12345", "Model/tokens.txt": "123"])
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
    let manifest = try #require(loaded.manifest)
    #expect(
      manifest.serve
        == ServeSpec(
          command: ["python3", "server.py", "--fast"],
          environment: ["MODEL": "full.onnx", "TOKEN": "${TOKEN}", "THREADS": "2"], portVariable: "PORT",
          healthPath: "/healthz", cores: 0.5, concurrencyMax: 8))
    #expect(manifest.metrics == ["accuracy": 0.61, "recall": 0.9])
    let quantised = try #require(manifest.variants["quantised"])
    #expect(quantised.environment == ["MODEL": "small.onnx"])
    #expect(quantised.metrics == ["accuracy": 0.6])
    #expect(
      quantised.files.map { $0.split(separator: "/").suffix(2).joined(separator: "/") } == [
        "Model/small.onnx", "Model/tokens.txt",
      ])
  }

  @Test func `needs no more than a command`() throws {
    let manifest = try #require(try load("serve: {command: [./server]}").manifest)
    #expect(manifest == ModelManifest(serve: ServeSpec(command: ["./server"]), metrics: [:], variants: [:]))
  }

  @Test func `is missed in a directory without one`() throws {
    let loaded = try load(nil)
    #expect(loaded.manifest == nil)
    #expect(loaded.diagnostics.map(\.code) == [.fileNotFound])
  }

  @Test func `reports a build's file that is not there, a command that is none and a metric that is no number`() throws
  {
    let loaded = try load(
      """
      serve: {command: [], cores: 0}
      metrics: {accuracy: .nan}
      variants: {quantised: {files: [none.onnx]}}
      """)
    #expect(loaded.diagnostics.map(\.code) == [.valueOutOfRange, .valueOutOfRange, .notANumber, .fileNotFound])
  }
}
