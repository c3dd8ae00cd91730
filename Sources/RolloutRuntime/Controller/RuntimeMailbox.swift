import RolloutCore
import RolloutEngine
import Synchronization

/// What an order's sender has been told by its journal: how new it is, and in which journal.
struct OrderFence: Hashable, Sendable {
  var sequence: UInt64
  var lineage: String?
}

/// Everything that can happen to the runtime, in the one order in which its controller takes it.
enum RuntimeInput: Sendable {
  case tick
  case instance(endpoint: String, InstanceID, InstanceEvent)
  case observe(endpoint: String, fence: OrderFence?, Reply<EndpointObservation>)
  case perform(TargetOrder, endpoint: String, fence: OrderFence, Reply<Void>)
  case renew(endpoint: String, fence: OrderFence, Reply<Bool>)
  case revert(EmergencyRequest, endpoint: String, Reply<EmergencyAnswer>)
  case unseal(String, endpoint: String, fence: OrderFence, Reply<Void>)
  case adopt(endpoint: String, lineage: String, fence: UInt64, Reply<Void>)
  case served(endpoint: String, Reply<ControlMessages.Served>)
  case status(Reply<[EndpointStatus]>)
  case metrics(endpoint: String?, Reply<[FleetReport]>)
  /// A write of the state has ended, well or with this failure.
  case saved(number: Int, failure: String?)
  /// Stop every server, keep the state.
  case stop

  var changesSomething: Bool {
    switch self {
    case .tick, .instance, .perform, .renew, .revert, .unseal, .adopt, .saved, .stop: true
    case .observe, .served, .status, .metrics: false
    }
  }
}

/// An answer that somebody waits for. One that is never given says so when it is let go.
final class Reply<Value: Sendable>: Sendable {
  typealias Outcome = Result<Value, TargetError>
  private let continuation: Mutex<CheckedContinuation<Outcome, Never>?>

  init(_ continuation: CheckedContinuation<Outcome, Never>) { self.continuation = Mutex(continuation) }

  deinit { self(.failure(TargetError(.ambiguous, "the runtime ended before it answered"))) }

  func callAsFunction(_ outcome: Outcome) {
    continuation.withLock { continuation in
      continuation?.resume(returning: outcome)
      continuation = nil
    }
  }
}

/// The controller's one bounded stream of inputs.
final class RuntimeMailbox: Sendable {
  /// Questions and orders under way; one more is told to come again.
  static let questionsMax = 256
  /// Instances report a few things a second; a controller this far behind is a bug.
  static let inputsMax = 65_536

  let inputs: AsyncStream<RuntimeInput>
  private let continuation: AsyncStream<RuntimeInput>.Continuation
  private let questions = Mutex(0)

  init() {
    (inputs, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.inputsMax))
  }

  func send(_ input: RuntimeInput) {
    if case .dropped = continuation.yield(input) { preconditionFailure("the controller keeps up with its instances") }
  }

  func close() { continuation.finish() }

  /// Puts a question and waits for the answer.
  func ask<Value: Sendable>(
    _ question: @Sendable (Reply<Value>) -> RuntimeInput
  ) async throws(TargetError) -> Value {
    let isAdmitted = questions.withLock { count in
      guard count < Self.questionsMax else { return false }
      count += 1
      return true
    }
    guard isAdmitted else { throw TargetError(.throttled, "the runtime is busy; send it again") }
    defer { questions.withLock { $0 -= 1 } }
    return try await withCheckedContinuation { continuation in
      let reply = Reply<Value>(continuation)
      if case .terminated = self.continuation.yield(question(reply)) {
        reply(.failure(TargetError(.failed, "the runtime is stopping")))
      }
    }.get()
  }
}
