import CSpawn
import Glibc
import Testing

/// A process that says back what it is told, and ends with its input. Once made, it is running: the kernel shows the
/// environment of one that is still being started as empty.
struct IdleProcess {
  let pid: Int32
  private let end: Int32

  init(_ environment: [String]) throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    // Sockets of other tests must not stay open here once those tests have closed them.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/cat"), nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    var pid: Int32 = 0
    try #require(posix_spawn(&pid, "/bin/cat", &actions, nil, &words, &variables) == 0)
    self.pid = pid
    end = ends[0]
    var byte: UInt8 = 1
    try #require(write(end, &byte, 1) == 1 && read(end, &byte, 1) == 1)
  }

  /// Ends its input, and says how it ended: the status that `waitpid` gives.
  func ended() -> Int32 {
    close(end)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
