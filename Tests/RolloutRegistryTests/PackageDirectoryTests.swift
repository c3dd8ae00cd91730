import Foundation
import Glibc
import RolloutCore
import RolloutDigest
import RolloutEngine
import Testing

@testable import RolloutRegistry

struct PackageDirectoryTests {
  private let fixture: RegistryFixture

  init() throws { fixture = try RegistryFixture() }

  @Test func `the directory holds exactly what was registered`() async throws {
    let package = try await fixture.register()
    let directory = try await fixture.registry.directory(for: package.deployed())
    #expect(try FileTree(of: directory) == FileTree(of: fixture.model))
    let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/weights.bin")
    #expect(attributes[.posixPermissions] as? Int == 0o444)
    #expect(try await fixture.registry.directory(for: package.deployed("quantised")) == directory)
  }

  @Test func `what a server left or lost there is put right`() async throws {
    let package = try await fixture.register()
    let directory = try await fixture.registry.directory(for: package.deployed())
    try FileManager.default.createDirectory(atPath: directory + "/__pycache__", withIntermediateDirectories: true)
    try "x".write(toFile: directory + "/__pycache__/serve.pyc", atomically: true, encoding: .utf8)
    try "evil".write(toFile: directory + "/small/numpy.py", atomically: true, encoding: .utf8)
    #expect(unlink(directory + "/serve") == 0)
    #expect(unlink(directory + "/current") == 0)
    #expect(symlink("/etc/passwd", directory + "/current") == 0)
    #expect(unlink(directory + "/weights.bin") == 0)
    try "other".write(toFile: directory + "/weights.bin", atomically: true, encoding: .utf8)
    #expect(try await fixture.registry.directory(for: package.deployed()) == directory)
    #expect(try FileTree(of: directory) == FileTree(of: fixture.model))
    #expect(!FileManager.default.fileExists(atPath: directory + "/__pycache__"))
  }

  @Test func `a directory that disappeared is made again`() async throws {
    let package = try await fixture.register()
    let directory = try await fixture.registry.directory(for: package.deployed())
    try FileManager.default.removeItem(atPath: directory)
    #expect(try await fixture.registry.directory(for: package.deployed()) == directory)
    #expect(try FileTree(of: directory) == FileTree(of: fixture.model))
  }

  @Test func `many servers may start from it at once`() async throws {
    let package = try await fixture.register()
    let directories = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 1...8 {
        group.addTask { try await LocalRegistry(path: fixture.registry.path).directory(for: package.deployed()) }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(directories.count == 1)
    #expect(try FileTree(of: directories.first ?? "") == FileTree(of: fixture.model))
  }

  @Test func `a damaged file is named with what was expected and found`() async throws {
    let package = try await fixture.register()
    _ = try await fixture.registry.directory(for: package.deployed())
    let blob = fixture.blob(of: "weights")
    try fixture.damage(blob, "weightS")
    let error = await #expect(throws: RegistryError.self) {
      try await fixture.registry.directory(for: package.deployed())
    }
    #expect(error?.code == .digestMismatch)
    #expect(
      error?.message
        == "weights.bin of eye-catcher version 1 is damaged: expected \(Digest(of: "weights")), "
        + "found \(Digest(of: "weightS")) in \(blob)")
    #expect(error?.help?.hasSuffix("do not serve it") == true)
    await #expect(throws: RegistryError.self) { try await fixture.registry.verify(package) }
  }

  @Test func `a file changed through the directory a server ran in is found`() async throws {
    let package = try await fixture.register()
    let directory = try await fixture.registry.directory(for: package.deployed())
    chmod(directory + "/serve", 0o755)
    let file = try #require(FileHandle(forWritingAtPath: directory + "/serve"))
    try file.write(contentsOf: Data("#!/bin/ev".utf8))
    try file.close()
    let error = await #expect(throws: RegistryError.self) {
      try await fixture.registry.directory(for: package.deployed())
    }
    #expect(error?.code == .digestMismatch)
  }

  @Test func `a missing file is named, and registering it again brings it back`() async throws {
    let package = try await fixture.register()
    let blob = fixture.blob(of: "weights")
    #expect(unlink(blob) == 0)
    let error = await #expect(throws: RegistryError.self) {
      try await fixture.registry.directory(for: package.deployed())
    }
    #expect(error?.code == .digestMismatch)
    #expect(error?.message == "weights.bin of eye-catcher version 1 is gone: \(blob) does not exist")
    try await fixture.register(fixture.registration(accuracy: 0.7))
    _ = try await fixture.registry.directory(for: package.deployed())
  }

  @Test func `a registry that disappeared says that the version is unknown`() async throws {
    let package = try await fixture.register()
    try FileManager.default.removeItem(atPath: fixture.registry.path)
    let error = await #expect(throws: RegistryError.self) {
      try await fixture.registry.directory(for: package.deployed())
    }
    #expect(error?.code == .notFound)
  }

  @Test func `a record that was changed or cut short is not believed`() async throws {
    let package = try await fixture.register()
    let path = fixture.registry.path + "/groups/eye-catcher/000001/package.json"
    let text = try fixture.read(path)
    try fixture.damage(path, text.replacingOccurrences(of: "./serve", with: "./other"))
    let changed = await #expect(throws: RegistryError.self) { try await fixture.registry.packages(in: "eye-catcher") }
    #expect(changed?.code == .digestMismatch)
    #expect(changed?.message.hasPrefix("\(path) was changed after registration") == true)
    try fixture.damage(path, String(text.prefix(100)))
    let cut = await #expect(throws: RegistryError.self) {
      try await fixture.registry.directory(for: package.deployed())
    }
    #expect(cut?.code == .invalidPackage)
    #expect(cut?.message == "\(path) is damaged: it is not the JSON that was written")
  }

  @Test func `another package under the same number is not the one that was meant`() async throws {
    let package = try await fixture.register()
    var meant = package.deployed()
    meant.digest = Digest(of: "another")
    let error = await #expect(throws: RegistryError.self) { try await fixture.registry.directory(for: meant) }
    #expect(error?.code == .digestMismatch)
    #expect(error?.message.contains("expected \(Digest(of: "another")), found \(package.digest)") == true)
  }
}
