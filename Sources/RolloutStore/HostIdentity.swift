import FoundationEssentials
import Glibc

/// Which process of which boot of this machine this is.
struct HostIdentity: Sendable {
  let bootID: String
  let pid: Int32
  let pidStart: Int64

  static var current: HostIdentity {
    let pid = getpid()
    return HostIdentity(
      bootID: text(of: "/proc/sys/kernel/random/boot_id") ?? "unknown", pid: pid, pidStart: startTime(of: pid) ?? 0)
  }

  /// When a process started, in clock ticks since boot (field 22 of `/proc/PID/stat`); `nil` when there is none.
  static func startTime(of pid: Int32) -> Int64? {
    guard let stat = text(of: "/proc/\(pid)/stat"), let close = stat.lastIndex(of: ")") else { return nil }
    // The name before the parenthesis may hold anything; fields 3 and on follow it.
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return Int64(fields[19])
  }

  /// By the clock that no administrator sets and that goes on while the machine sleeps.
  static func millisecondsSinceBoot() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  private static func text(of path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingSuffix { $0.isWhitespace }
  }
}

extension String {
  fileprivate func trimmingSuffix(while holds: (Character) -> Bool) -> String {
    var text = Substring(self)
    while let last = text.last, holds(last) { text.removeLast() }
    return String(text)
  }
}
