package import RolloutCore
import RolloutDigest
package import RolloutStore
import Synchronization

/// A store in memory to which everything happens that happens to requests on a network. Lists are never stale: S3's are
/// not either.
package final class FakeObjects: ObjectStore {
  package enum Request: Hashable, Sendable {
    case read(String)
    case put(String)
    case list(String)
    case delete(String)

    package var key: String {
      switch self {
      case .read(let key), .put(let key), .list(let key), .delete(let key): key
      }
    }
    package var isPut: Bool { if case .put = self { true } else { false } }
  }

  package enum Fault: Hashable, Sendable {
    case unreachable
    /// `AccessDenied`, or `SlowDown` where it was too much at once.
    case refused(code: String)
    /// It never arrives.
    case lostBefore
    /// It happens, and nobody hears of it.
    case lostAfter
    /// The writer is left without an answer, and it happens once so many other requests were answered.
    case late(after: Int)
    /// There is no end to it until whoever waits gives up.
    case hangs
    /// It happens whether the condition holds or not, as in a store that knows none.
    case unconditional
  }

  private struct State {
    var objects: [String: StoredObject] = [:]
    var requests: [Request] = []
    var underWay = 0
    var atOnceMax = 0
    var late: [(due: Int, key: String, bytes: [UInt8], condition: PutCondition)] = []
  }

  private let state = Mutex(State())
  private let faults: Mutex<@Sendable (Request, Int) -> Fault?>

  /// `faults` is asked for each request with its number, from 1.
  package init(_ faults: @escaping @Sendable (Request, Int) -> Fault? = { _, _ in nil }) {
    self.faults = Mutex(faults)
  }

  /// From now on.
  package func happen(_ faults: @escaping @Sendable (Request, Int) -> Fault?) { self.faults.withLock { $0 = faults } }

  /// Once, to the first request that `concerns` it.
  package func happenOnce(_ fault: Fault, to concerns: @escaping @Sendable (Request) -> Bool) {
    let left = Mutex(1)
    happen { request, _ in
      guard concerns(request) else { return nil }
      return left.withLock { left in
        defer { left = 0 }
        return left == 1 ? fault : nil
      }
    }
  }

  package func object(_ key: String) async throws(ObjectError) -> StoredObject? {
    try await answer(.read(key)) { state, _ in state.objects[key] }
  }

  package func put(
    _ bytes: [UInt8], as key: String, if condition: PutCondition
  ) async throws(ObjectError) -> PutResult {
    try await answer(.put(key), late: (bytes, condition)) { state, isConditional in
      Self.store(bytes, key, isConditional ? condition : nil, &state)
    }
  }

  package func keys(under prefix: String, after: String?) async throws(ObjectError) -> [String] {
    try await answer(.list(prefix)) { state, _ in
      state.objects.keys.filter { key in
        key.hasPrefix(prefix) && (after.map { $0.utf8.lexicographicallyPrecedes(key.utf8) } ?? true)
      }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  package func delete(_ key: String) async throws(ObjectError) {
    try await answer(.delete(key)) { state, _ in state.objects[key] = nil }
  }

  private func answer<Answer: Sendable>(
    _ request: Request, late: ([UInt8], PutCondition)? = nil, _ effect: (inout State, _ isConditional: Bool) -> Answer
  ) async throws(ObjectError) -> Answer {
    let number = state.withLock { state in
      state.underWay += 1
      state.atOnceMax = max(state.atOnceMax, state.underWay)
      state.requests.append(request)
      Self.land(&state)
      return state.requests.count
    }
    // Others get their turn between any two requests, as on a network.
    await Task.yield()
    let fault = faults.withLock { $0 }(request, number)
    if fault == .hangs {
      let (silence, end) = AsyncStream.makeStream(of: Void.self)
      for await _ in silence {}
      end.finish()
    }
    let result: Result<Answer, ObjectError> = state.withLock { state in
      switch fault {
      case nil: return .success(effect(&state, true))
      case .unconditional: return .success(effect(&state, false))
      case .unreachable: return .failure(.unreachable("no route to host", help: nil))
      case .refused(let code): return .failure(.refused(code: code, message: "no", help: nil))
      case .lostBefore, .hangs: return .failure(.noAnswer("the connection broke"))
      case .lostAfter:
        _ = effect(&state, true)
        return .failure(.noAnswer("the connection broke"))
      case .late(let count):
        guard let (bytes, condition) = late else { preconditionFailure("only writes can come late") }
        state.late.append((state.requests.count + count, request.key, bytes, condition))
        return .failure(.noAnswer("timed out"))
      }
    }
    await Task.yield()
    state.withLock { $0.underWay -= 1 }
    return try result.get()
  }

  private static func land(_ state: inout State) {
    let due = state.late.filter { $0.due < state.requests.count }
    state.late.removeAll { $0.due < state.requests.count }
    for write in due { _ = store(write.bytes, write.key, write.condition, &state) }
  }

  private static func store(
    _ bytes: [UInt8], _ key: String, _ condition: PutCondition?, _ state: inout State
  ) -> PutResult {
    let current = state.objects[key]
    switch condition {
    case nil: break
    case .absent: guard current == nil else { return .lost }
    case .unchanged(let tag): guard current?.tag == tag else { return .lost }
    }
    let object = StoredObject(bytes: bytes, tag: "\"\(Digest(of: bytes).short)\"")
    state.objects[key] = object
    return .stored(tag: object.tag)
  }
}

// MARK: - The hands of somebody who reaches the store without us

extension FakeObjects {
  package var keys: [String] { state.withLock { $0.objects.keys.sorted() } }
  /// The most requests that were under way at once.
  package var atOnceMax: Int { state.withLock { $0.atOnceMax } }
  package var requests: [Request] { state.withLock { $0.requests } }
  /// Whatever is in it, to see whether anything was changed.
  package var contents: [String: [UInt8]] { state.withLock { $0.objects.mapValues(\.bytes) } }

  package func bytes(_ key: String) -> [UInt8]? { state.withLock { $0.objects[key]?.bytes } }

  package func edit(_ key: String, _ bytes: [UInt8]?) {
    state.withLock { state in
      state.objects[key] = bytes.map { StoredObject(bytes: $0, tag: "\"\(Digest(of: $0).short)\"") }
    }
  }

  /// What the store says of an object's age until it is written again.
  package func setAge(_ age: TimeSpan?, of key: String) { state.withLock { $0.objects[key]?.age = age } }
}
