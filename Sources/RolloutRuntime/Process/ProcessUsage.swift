import Glibc

/// What the kernel says a process group has used so far.
struct ProcessUsage: Hashable, Sendable {
  var cpuSeconds = 0.0
  var residentBytes: Int64 = 0

  /// The usage of every process group of this machine that is asked for, by one pass over `/proc`. Groups without a
  /// process are missing.
  static func ofGroups(_ groups: Set<Int32>) -> [Int32: ProcessUsage] {
    guard !groups.isEmpty else { return [:] }
    var result: [Int32: ProcessUsage] = [:]
    for pid in FileSystem.names(in: "/proc").compactMap({ Int32($0) }) {
      guard let stat = ProcessStat(pid: pid), groups.contains(stat.group) else { continue }
      result[stat.group, default: ProcessUsage()].cpuSeconds += stat.cpuSeconds
      result[stat.group, default: ProcessUsage()].residentBytes += stat.residentBytes
    }
    return result
  }

  static let machineBytes = Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE)))
}

/// The fields of `/proc/PID/stat` that matter here; proc(5) numbers them.
struct ProcessStat: Hashable, Sendable {
  var group: Int32
  /// User and system time of the process and of the children it has waited for.
  var cpuSeconds: Double
  var residentBytes: Int64

  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
  private static let pageBytes = Int64(sysconf(Int32(_SC_PAGESIZE)))

  init?(pid: Int32) {
    let descriptor = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1_024)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    self.init(String(decoding: buffer.prefix(count), as: UTF8.self))
  }

  init?(_ text: String) {
    // The name in parentheses may hold anything, spaces and parentheses included.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    // Field 3, the state, is the first one here.
    func field(_ number: Int) -> Int64? { number - 3 < fields.count ? Int64(fields[number - 3]) : nil }
    guard let group = field(5), let user = field(14), let system = field(15), let childUser = field(16),
      let childSystem = field(17), let pages = field(24)
    else { return nil }
    self.group = Int32(truncatingIfNeeded: group)
    cpuSeconds = Double(user + system + childUser + childSystem) / Self.ticksPerSecond
    residentBytes = pages * Self.pageBytes
  }
}
