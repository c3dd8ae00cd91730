import Foundation
import RolloutHTTP
import Synchronization

/// A process that stands in for AWS; the docstring of Tests/AWSEmulator/emulator.py says what can be asked of it.
final class Emulator: Sendable {
  struct Keys: Decodable, Sendable {
    var url: String
    var accessKeyId: String
    var secretAccessKey: String
    var readOnlyAccessKeyId: String
    var readOnlySecretAccessKey: String
  }

  /// What it has printed so far.
  private final class Told: Sendable {
    private struct Text {
      var output = Data()
      var errors = Data()
    }
    private let text = Mutex(Text())

    func note(_ chunk: SpawnedProcess.Chunk) {
      text.withLock { text in
        switch chunk {
        case .output(let data): text.output.append(data)
        case .errors(let data): text.errors.append(data)
        }
      }
    }

    var firstLine: Data? {
      text.withLock { text in text.output.firstIndex(of: UInt8(ascii: "\n")).map { text.output[..<$0] } }
    }
    var errors: String { text.withLock { String(decoding: $0.errors, as: UTF8.self) } }
  }

  let keys: Keys
  private let told: Told
  private let client = HTTPClient(transfersMax: 4)

  private init(_ line: Data, _ told: Told) throws {
    keys = try JSONDecoder().decode(Keys.self, from: line)
    self.told = told
  }

  static func start() async throws -> Emulator {
    let told = Told()
    let line = try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Data, any Error>) in
      // It dies with the thread that started it, so that thread stays.
      Thread.detachNewThread { live(told, ready) }
    }
    return try Emulator(line, told)
  }

  private static func live(_ told: Told, _ ready: CheckedContinuation<Data, any Error>) {
    let child: SpawnedProcess
    do {
      child = try SpawnedProcess(
        Bench.checkout.appending(path: ".venv/bin/python3").path,
        [Bench.checkout.appending(path: "Tests/AWSEmulator/emulator.py").path],
        environment: ProcessInfo.processInfo.environment, in: Bench.checkout.path)
    } catch { return ready.resume(throwing: error) }
    var waiting: CheckedContinuation<Data, any Error>? = ready
    child.follow { chunk in
      told.note(chunk)
      guard let line = told.firstLine else { return }
      waiting?.resume(returning: line)
      waiting = nil
    }
    let status = child.wait()
    waiting?.resume(throwing: Command.Unmet(description: "the emulator ended with \(status): \(told.errors)"))
  }

  var errors: String { told.errors }
}

// MARK: - Control

extension Emulator {
  /// Tells it something; `body` is JSON.
  @discardableResult
  func tell(_ name: String, _ body: String, method: String = "POST") async throws -> Data {
    try await send(HTTPRequest(method: method, url: "\(keys.url)/emulator/\(name)", body: Array(body.utf8)))
  }

  func ask<Answer: Decodable>(_ name: String) async throws -> Answer {
    let answer = try await send(HTTPRequest(url: "\(keys.url)/emulator/\(name)"))
    return try JSONDecoder().decode(Answer.self, from: answer)
  }

  private func send(_ request: HTTPRequest) async throws -> Data {
    let answer = try await client.send(request)
    guard answer.status == 200 else {
      throw Command.Unmet(description: "the emulator answered \(answer.status) to \(request.url): \(answer.text)")
    }
    return Data(answer.body)
  }

  var state: CloudState { get async throws { try await ask("state") } }

  var log: [CloudRequest] {
    get async throws {
      struct Log: Decodable { var requests: [CloudRequest] }
      let log: Log = try await ask("log")
      return log.requests
    }
  }

  var violations: [String] {
    get async throws {
      struct Violations: Decodable { var violations: [String] }
      let found: Violations = try await ask("violations")
      return found.violations
    }
  }
}

/// Emulators that no test has at the moment. One takes seconds to start, and no time to forget everything.
actor EmulatorPool {
  static let shared = EmulatorPool()

  private var idle: [Emulator] = []

  func take() async throws -> Emulator {
    guard let emulator = idle.popLast() else { return try await Emulator.start() }
    return emulator
  }

  func giveBack(_ emulator: Emulator) async throws {
    try await emulator.tell("reset", "{}")
    idle.append(emulator)
  }
}
