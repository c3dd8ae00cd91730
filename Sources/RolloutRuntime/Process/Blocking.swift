import NIOPosix

/// Work on files that may block for as long as a disk likes, on a thread that nothing else needs.
enum Blocking {
  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
  }
}
