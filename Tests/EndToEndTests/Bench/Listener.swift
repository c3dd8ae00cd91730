import Glibc

/// Somebody else who has taken a port of this machine.
struct Listener {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor.bind(port), listen(descriptor, 1) == 0 else {
      close()
      throw Command.Unmet(description: "cannot listen on port \(port)")
    }
  }

  func close() { _ = Glibc.close(descriptor) }
}

extension Int32 {
  /// Binds this socket to a port of this machine; whether it was free.
  func bind(_ port: Int) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(self, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
