import FoundationEssentials
import RolloutCore
import RolloutEngine
import RolloutRuntime

/// The pipeline's local runtime, as commands use it.
struct LocalRuntimeControl: Sendable {
  let process: RuntimeProcess
  /// Asks, and starts nothing.
  let observer: LocalTarget
  private let common: CommonOptions

  init(_ session: Session) {
    process = RuntimeProcess(path: session.pipeline.runtime.path)
    observer = LocalTarget(path: session.pipeline.runtime.path)
    common = session.common
  }

  /// The target, with a runtime started behind it whenever none answers: after `kill -9` as well as the first time.
  /// It gives its orders in the name of the journal with this lineage.
  func target(for lineage: String?) -> any Target {
    RestartingTarget(target: observer.commanded(by: lineage), control: self)
  }

  @discardableResult
  func ensureRunning() async throws(RuntimeError) -> RuntimeStatus {
    try await process.startIfNeeded(Self.executable, foreground)
  }

  func start() async throws(RuntimeError) -> RuntimeStatus { try await process.start(Self.executable, foreground) }

  /// Where users reach the endpoints; `nil` when the runtime is not running.
  func frontAddress() async -> String? { await process.status()?.address }

  private var foreground: [String] {
    let folder = URL(fileURLWithPath: common.environments).standardizedFileURL.path
    return ["runtime", "start", "--foreground", "--environments", folder]
  }

  /// This very program, whatever it was called by.
  private static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}

/// A local target that does not stay away.
private struct RestartingTarget: Target {
  let target: LocalTarget
  let control: LocalRuntimeControl

  func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    try await again { () async throws(TargetError) in try await target.observe(endpoint, fence: fence) }
  }

  func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    try await again { () async throws(TargetError) in try await target.perform(order, on: endpoint, fence: fence) }
  }

  func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool {
    try await again { () async throws(TargetError) in try await target.renew(endpoint, fence: fence) }
  }

  func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
    try await again { () async throws(TargetError) in
      try await target.unseal(endpoint, emergency: id, fence: fence)
    }
  }

  /// Asks once more after starting a runtime that is not there. Anything else is the runtime's own word.
  private func again<T: Sendable>(_ ask: () async throws(TargetError) -> T) async throws(TargetError) -> T {
    do {
      return try await ask()
    } catch {
      guard error.code == .failed, await !control.process.isRunning else { throw error }
    }
    do {
      try await control.ensureRunning()
    } catch {
      throw TargetError(.failed, error.description)
    }
    return try await ask()
  }
}
