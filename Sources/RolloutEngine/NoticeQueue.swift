import RolloutCore

/// Sends notices beside the work they are about: a hook that is slow or down never holds up a rollback.
struct NoticeQueue: Sendable {
  /// Notices that wait to be sent; a flood loses its oldest.
  static let waitingMax = 64
  /// How long the end of the work waits for the last notices.
  static let lastWordsWithin = TimeSpan.seconds(5)

  private let queue: AsyncStream<Notice.Message>.Continuation

  func post(_ message: Notice.Message?) {
    if let message { queue.yield(message) }
  }

  static func sending<T: Sendable>(
    through notifier: any Notifier, clock: some Clock<Duration>, while work: (NoticeQueue) async throws -> T
  ) async throws -> T {
    let (messages, queue) = AsyncStream.makeStream(
      of: Notice.Message.self, bufferingPolicy: .bufferingNewest(waitingMax))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await message in messages { await notifier.notify(message.occasion, message.text) }
      }
      // On every way out the sender gets its time, then the group ends it.
      defer { group.cancelAll() }
      let result: Result<T, any Error>
      do {
        result = .success(try await work(NoticeQueue(queue: queue)))
      } catch {
        result = .failure(error)
      }
      queue.finish()
      group.addTask { try await clock.sleep(for: lastWordsWithin.duration) }
      try? await group.next()
      return try result.get()
    }
  }
}
