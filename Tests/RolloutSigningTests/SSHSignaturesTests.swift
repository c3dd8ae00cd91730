import Foundation
import RolloutCore
import RolloutEngine
import RolloutSigning
import Testing

/// Real keys, made for one test.
@Suite struct SSHSignaturesTests {
  private let signatures = SSHSignatures()
  private let statement = Array("plan and evidence".utf8)

  @Test func `a signature counts for its signer, its statement and nothing else`() async throws {
    try await Keys.with("maria", "omar") { keys in
      let signature = try await signatures.sign(statement, key: keys.path("maria"))
      let both = try keys.signers("maria", "omar")
      #expect(try await signatures.objection(to: signature, over: statement, by: "maria", among: both) == nil)
      #expect(try await signatures.objection(to: signature, over: statement, by: "omar", among: both) != nil)
      let other = Array("another plan".utf8)
      #expect(try await signatures.objection(to: signature, over: other, by: "maria", among: both) != nil)
    }
  }

  @Test func `a key that was removed no longer counts`() async throws {
    try await Keys.with("maria", "omar") { keys in
      let signature = try await signatures.sign(statement, key: keys.path("maria"))
      let rest = try keys.signers("omar")
      #expect(try await signatures.objection(to: signature, over: statement, by: "maria", among: rest) != nil)
      #expect(try await signatures.objection(to: signature, over: statement, by: "maria", among: "") != nil)
    }
  }

  @Test func `a key that has expired since counts for what it signed while it was valid`() async throws {
    try await Keys.with("maria") { keys in
      let signature = try await signatures.sign(statement, key: keys.path("maria"))
      let until2020 = try keys.signers("maria").replacing("maria ", with: "maria valid-before=\"20200101\" ")
      func objection(at year: Int64) async throws -> String? {
        let moment = Timestamp(milliseconds: (year - 1970) * 31_557_600_000)
        return try await signatures.objection(
          to: signature, over: statement, by: "maria", among: until2020, at: moment)
      }
      #expect(try await objection(at: 2019) == nil)
      #expect(try await objection(at: 2021) != nil)
      #expect(try await signatures.objection(to: signature, over: statement, by: "maria", among: until2020) != nil)
    }
  }

  @Test func `a signature made for git is no approval`() async throws {
    try await Keys.with("maria") { keys in
      let signature = try await keys.sign(statement, as: "maria", namespace: "git")
      let objection = try await signatures.objection(
        to: signature, over: statement, by: "maria", among: try keys.signers("maria"))
      #expect(objection?.contains("namespace") == true)
    }
  }

  @Test func `rubbish is no signature`() async throws {
    try await Keys.with("maria") { keys in
      for rubbish in ["", "yes", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"] {
        let objection = try await signatures.objection(
          to: rubbish, over: statement, by: "maria", among: try keys.signers("maria"))
        #expect(objection != nil)
      }
    }
  }

  @Test func `a key that is not there is said so`() async throws {
    let error = try #require(
      await #expect(throws: SignatureError.self) {
        try await signatures.sign(statement, key: "/nowhere/id_ed25519")
      })
    #expect(error.code == .notSigned)
    #expect(error.message.contains("/nowhere/id_ed25519"))
  }
}

private struct Keys {
  let folder: URL

  static func with(_ names: String..., work: (Keys) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let keys = Keys(folder: folder)
    for name in names {
      try await keys.run(["-t", "ed25519", "-q", "-N", "", "-C", name, "-f", keys.path(name)])
    }
    try await work(keys)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func signers(_ names: String...) throws -> String {
    try names.map { "\($0) \(try String(contentsOfFile: path($0) + ".pub", encoding: .utf8))" }.joined()
  }

  func sign(_ statement: [UInt8], as name: String, namespace: String) async throws -> String {
    let file = folder.appendingPathComponent("statement")
    try Data(statement).write(to: file)
    try await run(["-Y", "sign", "-q", "-n", namespace, "-f", path(name), file.path])
    return try String(contentsOfFile: file.path + ".sig", encoding: .utf8)
  }

  private func run(_ arguments: [String]) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/ssh-keygen")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch { done.resume(throwing: error) }
    }
    #expect(process.terminationStatus == 0)
  }
}
