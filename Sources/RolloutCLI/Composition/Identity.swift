import Glibc
import RolloutCore

/// This program's version, written into every journal entry.
package let programVersion = "0.1.0"

extension Actor {
  /// Whoever runs this process: `ROLLOUT_ACTOR` where CI or a shared account has to say it, else the login name.
  static func current(_ environment: [String: String], kind: Kind = .command) -> Actor {
    let claimed = [environment["ROLLOUT_ACTOR"], environment["USER"], loginName()].compactMap { $0 }
      .first { !$0.isEmpty }
    return Actor(
      name: claimed ?? "uid-\(getuid())", kind: kind, host: hostName(), pid: getpid(), version: programVersion)
  }

  private static func loginName() -> String? {
    guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return nil }
    return String(cString: name)
  }

  private static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Wall time as it was when this began, counted on steadily: a clock that is set meanwhile makes no step late and no lease
/// look fresh.
struct SteadyTime: Sendable {
  private let start = wallTime()
  private let began = ContinuousClock.now

  func now() -> Timestamp {
    start + .milliseconds(Int64(began.duration(to: .now) / .milliseconds(1)))
  }
}

/// Wall time now, for the journal's advisory times and for people.
func wallTime() -> Timestamp {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
}
