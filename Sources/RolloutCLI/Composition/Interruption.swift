import Dispatch
import Glibc

/// Ctrl-C and `kill`, turned into the end of a task.
enum Interruption {
  /// Runs `work`; on SIGINT or SIGTERM cancels it and fails with `message`.
  static func ending<T: Sendable>(
    _ work: @escaping @Sendable () async throws -> T, with message: String
  ) async throws -> T {
    let (signals, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield() }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    return try await withThrowingTaskGroup(of: T?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        for await _ in signals { return nil }
        throw CancellationError()
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let result = first else {
        throw CommandFailure(.failed, "interrupted", help: message)
      }
      return result
    }
  }
}
