import CSpawn
import Glibc

/// A process that outlives the one that started it: a session of its own, no terminal, what it prints in a file.
struct DetachedProcess {
  let pid: Int32
  private let log: ServerLog
  private let offset: Int

  static func start(_ executable: String, _ arguments: [String], log: ServerLog) throws(RuntimeError) -> DetachedProcess
  {
    let (output, offset) = try log.open()
    defer { close(output) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    // Not every library marks its sockets; a daemon must not keep its starter's open.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    // A caller that ignores a signal, as `nohup` does, must not make the daemon ignore it too.
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSID) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: Int32 = 0
    let failure = posix_spawnp(&pid, executable, &actions, &attributes, &words, environ)
    guard failure == 0 else {
      throw RuntimeError(
        .startFailed, "the runtime's program \(executable) cannot be started: \(FileSystem.text(of: failure))",
        help: "check that it is there and may be executed")
    }
    return DetachedProcess(pid: pid, log: log, offset: offset)
  }

  /// How it ended, if it has: `exited with code 1`.
  func ending() -> String? {
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7F
    return signal == 0 ? "exited with code \((status >> 8) & 0xFF)" : "was killed by signal \(signal)"
  }

  var lastLines: String { log.lastLines(since: offset) }
}
