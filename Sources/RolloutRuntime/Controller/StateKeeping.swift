import RolloutCore

/// What of the runtime's state is on disk and what is on its way there: one write at a time, by somebody else, so that a
/// disk that is slow or stuck delays the answers that depend on it and nothing else.
struct StateKeeping {
  /// How long a rollback of last resort waits for the disk before it says that it is not kept yet.
  static let patience = TimeSpan.seconds(1)
  /// A write that takes longer is worth a line in the log.
  static let slow = TimeSpan.seconds(5)

  struct Save {
    let number: Int
    let records: [EndpointRecord]
    let since: TimeSpan
    /// The order that is obeyed once this is on disk; `nil`: changes that nobody waits for.
    let order: RuntimeInput?
    var isReported = false
  }

  /// Somebody who hears that what was done is kept, or why it is not.
  struct Promise {
    /// The first write that holds it.
    let number: Int
    let deadline: TimeSpan
    let answer: @Sendable (_ trouble: String?) -> Void
  }

  private(set) var saved: [EndpointRecord]
  private(set) var underWay: Save?
  /// Orders that change something, in the order in which they came.
  private(set) var waiting: [RuntimeInput] = []
  private var promises: [Promise] = []
  private(set) var lastNumber = 0
  /// The last write failed: changes that nobody waits for are tried again at the next tick.
  private(set) var hasFailed = false
  private var waitsForTick = false

  init(saved: [EndpointRecord]) { self.saved = saved }

  mutating func wait(_ order: RuntimeInput) { waiting.append(order) }

  mutating func nextWaiting() -> RuntimeInput? {
    underWay == nil && !waiting.isEmpty ? waiting.removeFirst() : nil
  }

  mutating func begin(_ records: [EndpointRecord], for order: RuntimeInput?, at now: TimeSpan)
    -> RuntimeController.Effect
  {
    precondition(underWay == nil, "one write at a time")
    lastNumber += 1
    underWay = Save(number: lastNumber, records: records, since: now, order: order)
    return .save(records, number: lastNumber)
  }

  /// The changes that nobody has asked for: a trip, a new size. `nil` when there are none, or not now.
  mutating func begin(ifChanged records: [EndpointRecord], at now: TimeSpan) -> RuntimeController.Effect? {
    guard underWay == nil, !waitsForTick, !saved.isSame(as: records) else { return nil }
    return begin(records, for: nil, at: now)
  }

  /// The write that has ended, and the answers that it allows.
  mutating func end(_ number: Int, _ failure: String?) -> (Save, [RuntimeController.Effect])? {
    guard let save = underWay, save.number == number else { return nil }
    underWay = nil
    if failure == nil { saved = save.records }
    hasFailed = failure != nil
    waitsForTick = failure != nil
    return (save, answer(failure) { $0.number <= number })
  }

  /// Answers once what the endpoints are now is on disk, or soon after now without that.
  mutating func promise(at now: TimeSpan, _ answer: @escaping @Sendable (String?) -> Void) {
    waitsForTick = false
    promises.append(Promise(number: lastNumber + 1, deadline: now + Self.patience, answer: answer))
  }

  mutating func tick(at now: TimeSpan) -> [RuntimeController.Effect] {
    waitsForTick = false
    return answer("the disk did not take it within \(Self.patience)") { $0.deadline <= now }
  }

  /// Since when a write is under way that takes too long; said once.
  mutating func slowSave(at now: TimeSpan) -> TimeSpan? {
    guard let save = underWay, !save.isReported, now - save.since > Self.slow else { return nil }
    underWay?.isReported = true
    return now - save.since
  }

  private mutating func answer(
    _ trouble: String?, _ isAnswered: (Promise) -> Bool
  ) -> [RuntimeController.Effect] {
    let answered = promises.filter(isAnswered)
    promises.removeAll(where: isAnswered)
    return answered.map { promise in .answer { promise.answer(trouble) } }
  }
}

extension [EndpointRecord] {
  /// Equal but for the wall times of standby fleets, which two clocks never agree on to the millisecond.
  func isSame(as other: [EndpointRecord]) -> Bool {
    func timeless(_ records: [EndpointRecord]) -> [EndpointRecord] {
      records.map { record in
        var record = record
        record.standby?.until = Timestamp(milliseconds: 0)
        return record
      }
    }
    return timeless(self) == timeless(other)
  }
}
