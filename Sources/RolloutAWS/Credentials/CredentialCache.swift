import RolloutCore
import Synchronization

/// Holds credentials and asks for new ones before they expire: a rollout outlives a session of an hour. However many
/// requests need them at a time, one of them asks.
final class CredentialCache: Sendable {
  /// Asks, or says why there are none.
  typealias Fetch = @Sendable () async throws(AWSFailure) -> AWSCredentials

  /// From here on new ones are asked for, and the old ones are used as long as they last if there are none.
  static let renewsBefore = TimeSpan.minutes(15)
  /// After a renewal that failed, and the old ones still good.
  static let patience = TimeSpan.seconds(60)

  private struct State {
    var held: AWSCredentials?
    var isAsking = false
    var asksAgainAt: Timestamp?
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private enum Step { case use(AWSCredentials), ask, wait }

  private let state = Mutex(State())
  private let now: @Sendable () -> Timestamp
  private let fetch: Fetch

  init(now: @escaping @Sendable () -> Timestamp, fetch: @escaping Fetch) {
    self.now = now
    self.fetch = fetch
  }

  /// `refused`: credentials that AWS no longer takes, whatever their own word is.
  func credentials(after refused: AWSCredentials? = nil) async throws(AWSFailure) -> AWSCredentials {
    if let refused {
      state.withLock { if $0.held == refused { $0.held = nil } }
    }
    while true {
      switch state.withLock({ Self.step(&$0, at: now()) }) {
      case .use(let credentials): return credentials
      case .ask: return try await ask()
      case .wait:
        await withCheckedContinuation { continuation in
          let isOver = state.withLock { state in
            if state.isAsking { state.waiting.append(continuation) }
            return !state.isAsking
          }
          if isOver { continuation.resume() }
        }
      }
    }
  }

  private static func step(_ state: inout State, at now: Timestamp) -> Step {
    if let held = state.held {
      guard let expires = held.expires else { return .use(held) }
      let isDue = expires - now <= renewsBefore && state.asksAgainAt.map { $0 <= now } ?? true
      if expires > now, !isDue || state.isAsking { return .use(held) }
    }
    guard !state.isAsking else { return .wait }
    state.isAsking = true
    return .ask
  }

  private func ask() async throws(AWSFailure) -> AWSCredentials {
    let result: Result<AWSCredentials, AWSFailure>
    do { result = .success(try await fetch()) } catch { result = .failure(error) }
    let moment = now()
    let (waiting, kept) = state.withLock { state in
      state.isAsking = false
      let waiting = state.waiting
      state.waiting = []
      if case .success(let credentials) = result {
        state.held = credentials
        state.asksAgainAt = nil
        return (waiting, credentials as AWSCredentials?)
      }
      state.asksAgainAt = moment + Self.patience
      let isGood = state.held?.expires.map { $0 > moment } ?? false
      return (waiting, isGood ? state.held : nil)
    }
    for continuation in waiting { continuation.resume() }
    if let kept { return kept }
    return try result.get()
  }
}
