import Foundation
import GRDB
import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore

/// What the journal costs: an append beside a bare insert, the fold of a long history, and `rollout status` on it.
/// Give it the release binary to measure; `make bench-journal` does.
guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: journal-benchmark ROLLOUT\n".utf8))
  exit(64)
}
let folder = try Workplace()
defer { folder.remove() }
print("\(ProcessInfo.processInfo.activeProcessorCount) cores, state in \(folder.path)")
try await Appends(folder).run()
let history = try await History(folder, entries: 10_000)
try history.measureFold()
try await history.measureOpening()
try await history.measureStatus(of: CommandLine.arguments[1])
