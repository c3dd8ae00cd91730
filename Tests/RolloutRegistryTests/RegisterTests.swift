import Foundation
import Glibc
import RolloutCore
import RolloutEngine
import Testing

@testable import RolloutRegistry

struct RegisterTests {
  private let fixture: RegistryFixture

  init() throws { fixture = try RegistryFixture() }

  @Test func `a registered version can be read back as it was given`() async throws {
    let package = try await fixture.register(at: 1_000)
    #expect(package.version == 1)
    #expect(package.metrics == ["accuracy": 0.61])
    #expect(package.approval == ModelApproval(status: .pending, at: Timestamp(milliseconds: 1_000), by: "ana"))
    #expect(try await fixture.registry.packages(in: "eye-catcher") == [package])
    #expect(try await fixture.registry.package(1, in: "eye-catcher") == package)
    #expect(try await fixture.registry.groups() == ["eye-catcher"])
    try await fixture.registry.verify(package)
  }

  @Test func `a variant has the size of its own files and the full model that of the rest`() async throws {
    let package = try await fixture.register()
    #expect(package.sizeBytes == 17)
    #expect(package.variants["quantised"]?.sizeBytes == 4)
    #expect(package.variants["quantised"]?.environment == ["MODEL": "int8.bin"])
  }

  @Test func `a variant without files of its own is as large as the full model`() async throws {
    var registration = fixture.registration()
    registration.variants["threaded"] = .init(environment: ["THREADS": "4"])
    #expect(try await fixture.register(registration).variants["threaded"]?.sizeBytes == 17)
  }

  @Test func `a group that nobody registered anything in is empty`() async throws {
    #expect(try await fixture.registry.packages(in: "nothing") == [])
    let error = await #expect(throws: RegistryError.self) { try await fixture.registry.package(3, in: "nothing") }
    #expect(error?.code == .notFound)
    #expect(error?.message == "nothing has no version 3")
    #expect(error?.help == "see which there are: rollout models list --group nothing")
  }

  @Test func `the same model again is refused and the version it has is named`() async throws {
    try await fixture.register()
    let error = await #expect(throws: RegistryError.self) { try await fixture.register() }
    #expect(error?.code == .conflict)
    #expect(
      error?.message == "eye-catcher has this model already: it is version 1, PendingManualApproval")
    #expect(try await fixture.registry.packages(in: "eye-catcher").count == 1)
  }

  @Test func `the same model with other metrics is a new version of the same digest`() async throws {
    let first = try await fixture.register()
    let second = try await fixture.register(fixture.registration(accuracy: 0.7))
    #expect(second.version == 2)
    #expect(second.digest == first.digest)
  }

  @Test func `other contents, another command and another variant are each another model`() async throws {
    var digests = [try await fixture.register().digest]
    var registration = fixture.registration()
    registration.serve.environment["THREADS"] = "2"
    digests.append(try await fixture.register(registration).digest)
    registration = fixture.registration()
    registration.variants = [:]
    digests.append(try await fixture.register(registration).digest)
    try fixture.write("Weights", to: "weights.bin")
    digests.append(try await fixture.register().digest)
    #expect(Set(digests).count == 4)
    #expect(try await fixture.registry.packages(in: "eye-catcher").map(\.version) == [1, 2, 3, 4])
  }

  @Test func `what cannot be registered is all said at once and changes nothing`() async throws {
    var registration = fixture.registration()
    registration.group = "../eye"
    registration.by = ""
    registration.metrics = ["accuracy": .nan, "sizeMB": 3]
    registration.variants = ["full": .init(files: [])]
    registration.serve = ServeSpec(
      command: [], environment: ["1A": "x"], portVariable: "A=B", healthPath: "ping", cores: 0, concurrencyMax: 0)
    let error = await #expect(throws: RegistryError.self) { try await fixture.register(registration) }
    #expect(error?.code == .invalidPackage)
    #expect(
      error?.message == """
        '../eye' cannot be the name of the group: use 1 to 63 letters, digits and hyphens, no hyphen first or last
        it must be known who registers a model
        metric accuracy of the model is not a finite number
        sizeMB is measured, it cannot be given
        a variant cannot be called full: that is the model itself
        '1A' cannot be the name of an environment variable
        the command that serves the model is empty
        'A=B' cannot be the name of the port variable
        the health path 'ping' must begin with /
        cores must be a number above 0
        an instance must handle at least one request at a time
        """)
    #expect(!FileManager.default.fileExists(atPath: fixture.registry.path))
  }

  @Test(arguments: [
    ("./nothing", "the command runs nothing, which is not in the directory"),
    ("./weights.bin", "the command runs weights.bin, which is not executable"),
  ])
  func `a command that cannot run is refused`(program: String, message: String) async throws {
    var registration = fixture.registration()
    registration.serve.command = [program]
    let error = await #expect(throws: RegistryError.self) { try await fixture.register(registration) }
    #expect(error?.message == message)
  }

  @Test func `a variant must name files of the directory`() async throws {
    var registration = fixture.registration()
    registration.variants = ["quantised": .init(files: ["small", "tiny"])]
    let error = await #expect(throws: RegistryError.self) { try await fixture.register(registration) }
    #expect(error?.message == "variant quantised names tiny, which is not in \(fixture.model)")
  }

  @Test func `a directory that is missing, empty or leads elsewhere is refused`() async throws {
    var registration = fixture.registration()
    registration.directory = fixture.path + "/nothing"
    let missing = await #expect(throws: RegistryError.self) { try await fixture.register(registration) }
    #expect(missing?.message == "cannot read \(fixture.path)/nothing: No such file or directory")
    #expect(missing?.help == "name a directory that exists and can be read")
    registration.directory = fixture.path + "/empty"
    try FileManager.default.createDirectory(atPath: registration.directory, withIntermediateDirectories: true)
    let empty = await #expect(throws: RegistryError.self) { try await fixture.register(registration) }
    #expect(empty?.message == "\(fixture.path)/empty holds no files")
    #expect(symlink("/etc/passwd", fixture.model + "/passwd") == 0)
    let leads = await #expect(throws: RegistryError.self) { try await fixture.register() }
    #expect(leads?.code == .invalidPackage)
    #expect(
      leads?.message
        == "\(fixture.model) cannot be registered: passwd is a link to the absolute path /etc/passwd")
  }

  @Test func `registrations at once get different versions`() async throws {
    let registrations = (1...8).map { fixture.registration(accuracy: Double($0) / 10) }
    let versions = try await withThrowingTaskGroup(of: Int.self) { group in
      for registration in registrations {
        // A registry of its own each, as processes of their own would have.
        group.addTask {
          try await LocalRegistry(path: fixture.registry.path).register(registration, at: Timestamp(milliseconds: 0))
            .version
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(versions.sorted() == Array(1...8))
    let packages = try await fixture.registry.packages(in: "eye-catcher")
    #expect(packages.map(\.version) == Array(1...8))
    #expect(Set(packages.compactMap { $0.metrics["accuracy"] }).count == 8)
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.registry.path + "/staging") == ["lock"])
  }
}
