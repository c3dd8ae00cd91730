import Foundation
import Glibc

/// Runs what computes for seconds on a thread of its own: the pool that all tests share has two, and the others await
/// answers from processes and sockets meanwhile.
func elsewhere<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
  await withCheckedContinuation { done in
    let thread = Thread {
      // Of this thread alone: tests that measure time run beside it.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
      done.resume(returning: work())
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
}
