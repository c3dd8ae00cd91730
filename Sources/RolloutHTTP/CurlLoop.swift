import CLibCurl
import Synchronization

struct Submission: Sendable {
  let id: UInt64
  let request: HTTPRequest
  let url: RequestURL
  let cancellation: Cancellation
  let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
}

/// The thread that moves every transfer of one client. Other threads leave commands in an inbox and wake it; libcurl's
/// handles never leave it.
final class CurlLoop: Sendable {
  private enum Command {
    case start(Submission)
    case cancel(UInt64)
    case stop
  }

  private struct Inbox {
    var commands: [Command] = []
    /// Nobody reads it any more, and the multi handle is gone.
    var isClosed = false
  }

  private let inbox = Mutex(Inbox())
  private let transfersMax: Int
  private let authorities: CertificateAuthorities
  /// The multi handle's address: pointers are not Sendable, and `curl_multi_wakeup` is made for other threads.
  private let multiAddress: UInt

  private static let globalInit: Void = {
    precondition(curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, "libcurl can be initialised")
  }()

  init(transfersMax: Int, authorities: CertificateAuthorities) {
    Self.globalInit
    guard let multi = curl_multi_init() else { preconditionFailure("libcurl has memory for its state") }
    // Idle connections are kept for as many transfers as can run at once, no more.
    _ = rollout_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, transfersMax)
    self.transfersMax = transfersMax
    self.authorities = authorities
    multiAddress = UInt(bitPattern: multi)
  }

  private var multi: UnsafeMutableRawPointer {
    guard let pointer = UnsafeMutableRawPointer(bitPattern: multiAddress) else {
      preconditionFailure("the address came from a pointer")
    }
    return pointer
  }

  func start() {
    DedicatedThread.start { [self] in run() }
  }

  func submit(_ submission: Submission) {
    let isAccepted = post(.start(submission))
    if !isAccepted { submission.continuation.resume(returning: .failure(.cancelled)) }
  }

  func cancel(_ id: UInt64) { post(.cancel(id)) }
  func stop() { post(.stop) }

  /// Wakes the thread under the lock, so that a wake-up never meets a handle that `close` let go.
  @discardableResult
  private func post(_ command: Command) -> Bool {
    inbox.withLock { inbox in
      guard !inbox.isClosed else { return false }
      inbox.commands.append(command)
      curl_multi_wakeup(multi)
      return true
    }
  }

  private func takeCommands() -> [Command] {
    inbox.withLock { inbox in
      defer { inbox.commands = [] }
      return inbox.commands
    }
  }

  /// Closes the inbox unless something came in meanwhile.
  private func close() -> Bool {
    inbox.withLock { inbox in
      inbox.isClosed = inbox.commands.isEmpty
      return inbox.isClosed
    }
  }

  private func run() {
    DedicatedThread.blockBrokenPipeSignal()
    var queue = TransferQueue(multi: multi, transfersMax: transfersMax, authorities: authorities)
    var isStopping = false
    while true {
      for command in takeCommands() {
        switch command {
        case .start(let submission): queue.enqueue(submission)
        case .cancel(let id): queue.cancel(id)
        case .stop: isStopping = true
        }
      }
      queue.advance()
      if isStopping && queue.isEmpty {
        if close() { break }
        continue
      }
      // Until a socket is ready, a transfer's own timer is due, or somebody wakes us.
      curl_multi_poll(multi, nil, 0, 60_000, nil)
    }
    curl_multi_cleanup(multi)
  }
}

/// The transfers on their way and those that wait for a slot. Lives on the loop's thread.
private struct TransferQueue {
  let multi: UnsafeMutableRawPointer
  let transfersMax: Int
  let authorities: CertificateAuthorities
  private var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  private var handles: [UInt64: UnsafeMutableRawPointer] = [:]
  /// In order of arrival from `first` on; what is before it has been started.
  private var waiting: [Submission] = []
  private var first = 0

  init(multi: UnsafeMutableRawPointer, transfersMax: Int, authorities: CertificateAuthorities) {
    self.multi = multi
    self.transfersMax = transfersMax
    self.authorities = authorities
  }

  var isEmpty: Bool { active.isEmpty && first == waiting.count }

  mutating func enqueue(_ submission: Submission) { waiting.append(submission) }

  mutating func cancel(_ id: UInt64) {
    if let handle = handles[id] {
      finish(handle, .failure(.cancelled))
    } else if let index = waiting[first...].firstIndex(where: { $0.id == id }) {
      waiting.remove(at: index).continuation.resume(returning: .failure(.cancelled))
    }
  }

  /// Moves bytes, ends what has ended and fills the free slots, until nothing more can be done without waiting.
  mutating func advance() {
    startWaiting()
    var running: Int32 = 0
    curl_multi_perform(multi, &running)
    var result = CURLE_OK
    while let handle = rollout_curl_finished(multi, &result) {
      guard let transfer = active[handle] else { preconditionFailure("only our own transfers finish") }
      finish(handle, transfer.outcome(of: result))
    }
    startWaiting()
  }

  private mutating func startWaiting() {
    while active.count < transfersMax, first < waiting.count {
      let submission = waiting[first]
      first += 1
      if submission.cancellation.isRequested {
        submission.continuation.resume(returning: .failure(.cancelled))
        continue
      }
      let transfer = CurlTransfer(submission, authorities: authorities)
      active[transfer.easy] = transfer
      handles[submission.id] = transfer.easy
      precondition(curl_multi_add_handle(multi, transfer.easy) == CURLM_OK, "a fresh handle can be added")
    }
    if first == waiting.count || first > 1_024 {
      waiting.removeFirst(first)
      first = 0
    }
  }

  private mutating func finish(_ handle: UnsafeMutableRawPointer, _ outcome: Result<HTTPResponse, HTTPError>) {
    guard let transfer = active.removeValue(forKey: handle) else { preconditionFailure("a transfer ends once") }
    handles[transfer.id] = nil
    curl_multi_remove_handle(multi, handle)
    transfer.continuation.resume(returning: outcome)
  }
}

extension HTTPError {
  static let cancelled = HTTPError(.cancelled, "the request was cancelled")
}
