import Foundation

/// Runs what computes for seconds on a thread of its own: the pool that all tests share has two, and the others await
/// answers from processes and sockets meanwhile.
func elsewhere<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
  await withCheckedContinuation { done in
    let thread = Thread { done.resume(returning: work()) }
    thread.stackSize = 8 << 20
    thread.start()
  }
}
