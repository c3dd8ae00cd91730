import Foundation
import Testing

extension Bench {
  /// Every process that works in the bench's folder or was told of it: commands, the runtime, model servers.
  var processes: [Int32] { Processes.about(folder) }

  func killProcesses() { Processes.kill(about: folder) }
}

enum Processes {
  /// Every process that works in a folder or was told of it.
  static func about(_ folder: URL) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap(Int32.init).filter { pid in
      let words = (try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline"))) ?? Data()
      let place = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
      return pid != getpid() && (String(decoding: words, as: UTF8.self) + place).contains(folder.path)
    }.sorted()
  }

  static func kill(about folder: URL) {
    for pid in about(folder) { Foundation.kill(pid, SIGKILL) }
  }
}

/// Ends what a test started when the test does not come to an end, so that what it waits for comes to an end too.
struct Watchdog {
  static let patience = Duration.seconds(180)

  private let task: Task<Void, Never>

  init(_ folder: URL, _ patience: Duration) {
    task = Task {
      guard (try? await ContinuousClock().sleep(for: patience)) != nil else { return }
      Issue.record("the test did not end within \(patience); its processes are killed")
      Processes.kill(about: folder)
    }
  }

  func end() { task.cancel() }
}
