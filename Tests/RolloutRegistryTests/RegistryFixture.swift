import Foundation
import Glibc
import RolloutCore
import RolloutDigest
import Testing

@testable import RolloutRegistry

/// A scratch directory with a model in it and a registry beside it; gone when the fixture is.
final class RegistryFixture: Sendable {
  let path: String
  let registry: LocalRegistry

  var model: String { path + "/model" }

  init(files: DurableFiles = DurableFiles()) throws {
    path = NSTemporaryDirectory() + "rollout-registry-" + UUID().uuidString
    registry = LocalRegistry(path: path + "/registry", files: files)
    try write("weights", to: "weights.bin")
    try write("int8", to: "small/int8.bin")
    try write("#!/bin/sh\n", to: "serve", executable: true)
    #expect(symlink("weights.bin", model + "/current") == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to file: String, executable: Bool = false) throws {
    let place = model + "/" + file
    let folder = (place as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: place))
    if executable { chmod(place, 0o755) }
  }

  func registration(accuracy: Double = 0.61) -> Registration {
    Registration(
      directory: model, group: "eye-catcher", serve: ServeSpec(command: ["./serve"]),
      variants: ["quantised": .init(environment: ["MODEL": "int8.bin"], metrics: ["accuracy": 0.6], files: ["small"])],
      metrics: ["accuracy": accuracy], by: "ana")
  }

  @discardableResult
  func register(_ registration: Registration? = nil, at time: Int64 = 0) async throws -> ModelPackage {
    try await registry.register(registration ?? self.registration(), at: Timestamp(milliseconds: time))
  }

  /// The stored contents of a file.
  func blob(of text: String, executable: Bool = false) -> String {
    RegistryLayout(root: registry.path).blob(Digest(of: text), isExecutable: executable)
  }

  /// Changes a stored file as a failing disk would.
  func damage(_ path: String, _ text: String) throws {
    chmod(path, 0o644)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: [])
  }

  func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

extension ModelPackage {
  func deployed(_ variant: String = "full") -> DeployedModel {
    DeployedModel(
      group: group, version: version, digest: digest, variant: variant, metrics: metrics, sizeBytes: sizeBytes,
      registryPath: "")
  }
}
