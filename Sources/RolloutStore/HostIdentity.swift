import FoundationEssentials
import Glibc
import RolloutCore

/// Which process this is, and where its numbers and times mean something.
struct HostIdentity: Sendable {
  let place: LeasePlace
  let pid: Int32
  let pidStart: Int64

  static var current: HostIdentity {
    let pid = getpid()
    return HostIdentity(
      place: LeasePlace(
        host: hostName(), bootID: text(of: "/proc/sys/kernel/random/boot_id") ?? "unknown",
        pidNamespace: fileNumber("/proc/self/ns/pid")),
      pid: pid, pidStart: startTime(of: pid) ?? 0)
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
  static func sinceBoot() -> TimeSpan {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return .milliseconds(Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  private static func hostName() -> String? {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What names a namespace: the number of the file that stands for it.
  private static func fileNumber(_ path: String) -> UInt64? {
    var info = stat()
    return stat(path, &info) == 0 ? UInt64(info.st_ino) : nil
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
