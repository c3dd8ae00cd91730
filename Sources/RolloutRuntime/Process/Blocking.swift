import NIOPosix

/// Work on files that may block for as long as a disk likes, on a thread that nothing else needs.
enum Blocking {
  /// Enough that some are left while others hang: the state's, the log's, and those of a few servers that start.
  static let pool = {
    let pool = NIOThreadPool(numberOfThreads: 8)
    pool.start()
    return pool
  }()

  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await pool.runIfActive(body)
  }
}
