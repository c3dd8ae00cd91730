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
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
