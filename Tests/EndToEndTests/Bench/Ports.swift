import Glibc
import Synchronization

/// Ports for runtimes: free ones, below those that the system hands out by itself.
enum Ports {
  private static let last = Atomic<Int>(20_000 + Int(getpid()) % 100 * 100)

  static func next() -> Int {
    while true {
      let port = last.add(1, ordering: .relaxed).newValue
      precondition(port < 32_768, "every port of this machine is taken")
      if isFree(port) { return port }
    }
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return descriptor.bind(port)
  }
}
