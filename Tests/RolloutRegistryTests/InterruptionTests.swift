import Foundation
import Glibc
import RolloutCore
import RolloutEngine
import Synchronization
import Testing

@testable import RolloutRegistry

/// Stops the world, or the disk, at every single change that a registration makes.
struct InterruptionTests {
  /// How many changes were asked for, and what to do at one of them.
  private final class Changes: Sendable {
    private let count = Mutex(0)
    let failing: Int?
    let number: Int32
    let at: @Sendable (Int) -> Void

    init(failing: Int? = nil, with number: Int32 = ENOSPC, at: @escaping @Sendable (Int) -> Void = { _ in }) {
      self.failing = failing
      self.number = number
      self.at = at
    }

    var total: Int { count.withLock { $0 } }

    func next() -> Int32? {
      let index = count.withLock { count in
        count += 1
        return count
      }
      at(index)
      return index == failing ? number : nil
    }

    var files: DurableFiles { DurableFiles(fault: { [self] _, _ in next() }) }
  }

  private func changesOfOneRegistration() async throws -> Int {
    let changes = Changes()
    let fixture = try RegistryFixture(files: changes.files)
    defer { withExtendedLifetime(fixture) {} }
    try await fixture.register()
    return changes.total
  }

  @Test func `killed at any change, a registration is invisible and the next one is whole`() async throws {
    let total = try await changesOfOneRegistration()
    #expect(total > 20)
    for index in 1...total {
      // What lies on disk at this moment is what kill -9 would leave.
      let copied = Mutex<String?>(nil)
      let place = NSTemporaryDirectory() + "rollout-killed-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: place) }
      let root = Mutex("")
      let changes = Changes { current in
        guard current == index else { return }
        let registry = root.withLock { $0 }
        guard FileManager.default.fileExists(atPath: registry) else { return }
        do {
          try FileManager.default.copyItem(atPath: registry, toPath: place)
          copied.withLock { $0 = place }
        } catch {
          Issue.record(error)
        }
      }
      let fixture = try RegistryFixture(files: changes.files)
      defer { withExtendedLifetime(fixture) {} }
      root.withLock { $0 = fixture.registry.path }
      let package = try await fixture.register()
      guard let path = copied.withLock({ $0 }) else { continue }
      let survivor = LocalRegistry(path: path)
      let seen = try await survivor.packages(in: "eye-catcher")
      #expect(seen == [] || seen == [package], "killed at change \(index)")
      let next = try await survivor.register(fixture.registration(accuracy: 0.7), at: Timestamp(milliseconds: 1))
      #expect(next.version == seen.count + 1)
      _ = try await survivor.directory(for: next.deployed())
      #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/staging") == ["lock"])
    }
  }

  @Test func `a disk that fills at any change leaves nothing registered and says what to do`() async throws {
    let total = try await changesOfOneRegistration()
    for index in 1...total {
      let fixture = try RegistryFixture(files: Changes(failing: index).files)
      defer { withExtendedLifetime(fixture) {} }
      let error = await #expect(throws: RegistryError.self, "failed at change \(index)") {
        try await fixture.register()
      }
      #expect(error?.code == .storageUnavailable)
      #expect(error?.message.hasSuffix("No space left on device") == true)
      #expect(error?.help == "free some space on that disk and try again; nothing was changed")
      let healthy = LocalRegistry(path: fixture.registry.path)
      let seen = try await healthy.packages(in: "eye-catcher")
      // Only after its last change is a version there, and then it is whole.
      #expect(seen.isEmpty || index == total)
      let next = try await healthy.register(fixture.registration(accuracy: 0.7), at: Timestamp(milliseconds: 1))
      #expect(next.version == seen.count + 1)
      try await healthy.verify(next)
    }
  }

  @Test func `a decision that cannot be written leaves the one before`() async throws {
    let fixture = try RegistryFixture()
    defer { withExtendedLifetime(fixture) {} }
    let package = try await fixture.register()
    for index in 1...4 {
      let failing = LocalRegistry(path: fixture.registry.path, files: Changes(failing: index, with: EACCES).files)
      let error = await #expect(throws: RegistryError.self) {
        try await failing.decide(
          .approved, version: 1, in: "eye-catcher", by: "ben", comment: nil, at: Timestamp(milliseconds: 5))
      }
      #expect(error?.code == .storageUnavailable)
      #expect(error?.help == "give the user that runs rollout the right to do that; nothing was changed")
      #expect(try await fixture.registry.package(1, in: "eye-catcher") == package)
    }
  }

  @Test func `a file in the place of the registry is said to be in the way`() async throws {
    let fixture = try RegistryFixture()
    defer { withExtendedLifetime(fixture) {} }
    try "x".write(toFile: fixture.registry.path, atomically: true, encoding: .utf8)
    let error = await #expect(throws: RegistryError.self) { try await fixture.register() }
    #expect(error?.code == .storageUnavailable)
    #expect(
      error?.help == "a file is in the way; name another path for the registry or move the file; nothing was changed")
  }
}
