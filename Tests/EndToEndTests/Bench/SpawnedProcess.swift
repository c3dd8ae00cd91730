import CSpawn
import Foundation

/// A child process and what it prints. Foundation's `Process` was seen to miss the end of children that several threads
/// started in the same moment.
struct SpawnedProcess: Sendable {
  enum Chunk {
    case output(Data)
    case errors(Data)
  }

  let pid: Int32
  private let output: Int32
  private let errors: Int32

  init(_ executable: String, _ arguments: [String], environment: [String: String], in folder: String) throws {
    let (output, errors) = (try Self.pipe(), try Self.pipe())
    defer {
      close(output.writing)
      close(errors.writing)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
    // Sockets of other tests must not stay open in a daemon once those tests have closed them.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    var words: [UnsafeMutablePointer<CChar>?] =
      (["env", "-C", folder, executable] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var pid: Int32 = 0
    let failure = posix_spawn(&pid, "/usr/bin/env", &actions, nil, &words, &variables)
    guard failure == 0 else {
      close(output.reading)
      close(errors.reading)
      throw Command.Unmet(description: "\(executable) cannot be started: \(String(cString: strerror(failure)))")
    }
    self.pid = pid
    self.output = output.reading
    self.errors = errors.reading
  }

  /// Two ends of one stream. Sockets, because only they can be made without a moment in which a child that is started
  /// meanwhile would inherit them.
  private static func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Command.Unmet(description: "no more descriptors")
    }
    return (ends[0], ends[1])
  }

  /// Hands over what the process prints, until it prints no more; blocks meanwhile.
  func follow(_ take: (Chunk) -> Void) {
    var sources = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while sources.contains(where: { $0.fd >= 0 }) {
      guard poll(&sources, nfds_t(sources.count), -1) > 0 else { continue }
      for index in sources.indices where sources[index].fd >= 0 && sources[index].revents != 0 {
        let count = read(sources[index].fd, &buffer, buffer.count)
        if count > 0 {
          take(index == 0 ? .output(Data(buffer.prefix(count))) : .errors(Data(buffer.prefix(count))))
        } else {
          close(sources[index].fd)
          // `poll` passes over what is negative.
          sources[index].fd = -1
        }
      }
    }
  }

  /// Waits for the end: the exit code, or `128 + signal`, as shells count.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}
