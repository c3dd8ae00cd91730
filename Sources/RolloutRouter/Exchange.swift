import NIOCore
import NIOHTTP1
import RolloutCore

/// One invocation from its last byte in to its answer out: the tries at backends, the shield, the time limit, and the
/// records of what happened.
///
/// Inference is repeatable, so a try may be repeated: on a fresh connection when an old one turned out to be closed, at
/// another backend of the variant when the connection failed, and at stable when the canary failed.
final class Exchange {
  /// A request that broke a connection after it was sent may be what broke the server; it gets one more server, not all.
  private static let breaksMax = 1
  /// As much of a model's error as is passed on.
  private static let messageBytesMax = 4_096

  private struct Try {
    let assignment: Dispatch.Assignment
    var connection: ModelConnection?
    var sent: NIODeadline?
  }

  /// A variant's failure to answer, and what the client hears of it if nobody else can answer.
  private struct Failure {
    let assignment: Dispatch.Assignment
    let outcome: RequestRecord.Outcome
    var status: Int?
    let message: String
  }

  private enum Phase {
    case waiting(VariantRole, Dispatch.Ticket)
    case trying(Try)
    case done
  }

  private let invocation: Invocation
  private let loop: RouterLoop
  private let answer: (FrontAnswer) -> Void
  private let began = NIODeadline.now()
  private var phase = Phase.done
  private var timer: Scheduled<Void>?
  private var probability: Double?
  /// Backends of the variant whose connections failed, and the last of those failures.
  private var failed: [Backend.ID] = []
  private var lost: Failure?
  private var breaks = 0
  /// Set once stable is asked in place of the canary.
  private var isSecondChance = false
  private var shielded: Failure?
  private var lastModelTime = TimeAmount.zero
  private var modelTime = TimeAmount.zero
  private var records: [RequestRecord] = []

  init(_ invocation: Invocation, on loop: RouterLoop, answer: @escaping (FrontAnswer) -> Void) {
    self.invocation = invocation
    self.loop = loop
    self.answer = answer
  }

  private var dispatcher: Dispatcher { loop.context.dispatcher }

  func start() { ask(invocation.target.map { .named($0) } ?? .coin) }

  /// Stable may still answer if this variant does not.
  private func isShielded(_ role: VariantRole) -> Bool {
    role == .canary && invocation.route.shield && invocation.target == nil && !isSecondChance
  }

  // MARK: A place at a backend

  private func ask(_ aim: Dispatch.Wish.Aim) {
    let wish = Dispatch.Wish(endpoint: invocation.route.name, aim: aim, excluding: failed)
    switch dispatcher.assign(wish, on: loop.eventLoop) {
    case .go(let assignment): go(assignment)
    case .refused(let role, let refusal): refused(refusal, by: role)
    case .wait(let role, let ticket, let place):
      phase = .waiting(role, ticket)
      startTimer(for: role)
      place.assumeIsolated().whenSuccess { self.placed($0, ticket, aim) }
    }
  }

  private func placed(_ assignment: Dispatch.Assignment?, _ ticket: Dispatch.Ticket, _ aim: Dispatch.Wish.Aim) {
    guard case .waiting(_, ticket) = phase else {
      // Time ran out while the place was on its way.
      if let assignment { dispatcher.release(assignment) }
      return
    }
    if let assignment { return go(assignment) }
    stopTimer()
    ask(aim)
  }

  private func refused(_ refusal: Dispatch.Refusal, by role: VariantRole?) {
    if let lost { return conclude(lost) }
    if let shielded { return finish(error(shielded)) }
    if let role, isShielded(role) { return askStable() }
    loop.context.sink.recordRefusal(endpoint: invocation.route.name)
    finish(.refused(refusal, endpoint: invocation.route.name))
  }

  // MARK: A try

  private func go(_ assignment: Dispatch.Assignment) {
    if probability == nil { probability = assignment.routed.probability }
    startTimer(for: assignment.routed.role)
    phase = .trying(Try(assignment: assignment))
    if let connection = loop.pool.take(assignment.backend) { send(on: connection) } else { connect() }
  }

  private func connect() {
    guard case .trying(let current) = phase else { return }
    let place = current.assignment
    loop.pool.connect(to: place.backend).assumeIsolated().whenComplete { result in
      guard case .trying(let now) = self.phase, now.connection == nil, now.assignment.backend == place.backend else {
        // Time ran out; the connection serves the next request.
        if case .success(let late) = result { self.loop.pool.park(late.value) }
        return
      }
      switch result {
      case .success(let connection): self.send(on: connection.value)
      case .failure(let error): self.tryFailed(.unreachable("\(error)"))
      }
    }
  }

  private func send(on connection: ModelConnection) {
    guard case .trying(var current) = phase else { return }
    current.connection = connection
    current.sent = .now()
    phase = .trying(current)
    var headers = invocation.headers
    headers.add(name: "Host", value: connection.hostHeader)
    headers.add(name: "Content-Length", value: String(invocation.body?.readableBytes ?? 0))
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/invocations", headers: headers)
    connection.send(head, body: invocation.body) { result in
      switch result {
      case .success(let answer): self.answered(answer)
      case .failure(let failure): self.tryFailed(failure)
      }
    }
  }

  private func answered(_ answer: ModelAnswer) {
    guard let assignment = endTry() else { return }
    let outcome = RequestRecord.Outcome(status: answer.status)
    guard outcome != .success else {
      record(assignment, outcome, status: answer.status)
      return finish(.model(answer, from: assignment.routed.role))
    }
    let words = answer.body.map { String(decoding: $0.readableBytesView.prefix(Self.messageBytesMax), as: UTF8.self) }
    conclude(Failure(assignment: assignment, outcome: outcome, status: answer.status, message: words ?? ""))
  }

  private func tryFailed(_ reason: ModelFailure) {
    guard case .trying(let current) = phase else { return }
    switch reason {
    case .broken(_, isStale: true):
      // Not this request's fault, nor the server's.
      current.connection?.abandon()
      phase = .trying(Try(assignment: current.assignment))
      return connect()
    case .answerTooLarge(let status):
      guard let assignment = endTry() else { return }
      let message = "The answer is larger than \(loop.context.limits.responseBytesMax) bytes"
      return conclude(Failure(assignment: assignment, outcome: .serverError, status: status, message: message))
    case .unreachable(let text): connectionLost(text, mayRepeat: true)
    case .broken(let text, isStale: false):
      breaks += 1
      connectionLost(text, mayRepeat: breaks <= Self.breaksMax)
    }
  }

  private func connectionLost(_ text: String, mayRepeat: Bool) {
    guard let assignment = endTry() else { return }
    let last = Failure(
      assignment: assignment, outcome: .connectionFailed,
      message: "The connection to instance \(assignment.backend.id) failed: \(text)")
    guard mayRepeat else { return conclude(last) }
    failed.append(assignment.backend.id)
    lost = last
    ask(.fleet(assignment.routed.fleet))
  }

  /// Gives the place back and counts the model's time.
  private func endTry() -> Dispatch.Assignment? {
    guard case .trying(let current) = phase else { return nil }
    phase = .done
    dispatcher.release(current.assignment)
    lastModelTime = current.sent.map { .now() - $0 } ?? .zero
    modelTime = .nanoseconds(modelTime.nanoseconds + lastModelTime.nanoseconds)
    return current.assignment
  }

  // MARK: Time

  /// While stable may have to step in, the canary gets half of the time, so that stable has the other half.
  private func startTimer(for role: VariantRole) {
    guard timer == nil else { return }
    let whole = invocation.route.requestTimeout.milliseconds * 1_000_000
    let limit = TimeAmount.nanoseconds(isShielded(role) ? whole / 2 : whole)
    timer = loop.eventLoop.assumeIsolated().scheduleTask(deadline: began + limit) { self.timeIsUp() }
  }

  private func stopTimer() {
    timer?.cancel()
    timer = nil
  }

  private func timeIsUp() {
    timer = nil
    switch phase {
    case .done: break
    case .waiting(let role, let ticket):
      phase = .done
      dispatcher.cancel(ticket)
      refused(.queueFull, by: role)
    case .trying(let current):
      current.connection?.abandon()
      guard let assignment = endTry() else { return }
      let elapsed = TimeSpan.milliseconds((.now() - began).nanoseconds / 1_000_000)
      conclude(
        Failure(
          assignment: assignment, outcome: .timeout, message: "The model did not answer within \(elapsed)."))
    }
  }

  // MARK: The end

  /// The variant has failed the request: stable answers in place of a canary, else the client hears of it.
  private func conclude(_ failure: Failure) {
    record(failure.assignment, failure.outcome, status: failure.status)
    lost = nil
    guard isShielded(failure.assignment.routed.role) else { return finish(error(failure)) }
    shielded = failure
    askStable()
  }

  private func askStable() {
    isSecondChance = true
    failed = []
    breaks = 0
    stopTimer()
    ask(.stable)
  }

  private func error(_ failure: Failure) -> FrontAnswer {
    .modelError(
      endpoint: invocation.route.name, role: failure.assignment.routed.role, backend: failure.assignment.backend.id,
      status: failure.status, message: failure.message)
  }

  private func record(_ assignment: Dispatch.Assignment, _ outcome: RequestRecord.Outcome, status: Int? = nil) {
    let total = NIODeadline.now() - began
    records.append(
      RequestRecord(
        endpoint: invocation.route.name, fleet: assignment.routed.fleet, role: assignment.routed.role,
        backend: assignment.backend.id, probability: probability ?? 1, status: status, outcome: outcome,
        modelLatencyMicroseconds: lastModelTime.nanoseconds / 1_000,
        overheadLatencyMicroseconds: (total.nanoseconds - modelTime.nanoseconds) / 1_000,
        isShielded: shielded != nil))
  }

  private func finish(_ result: FrontAnswer) {
    phase = .done
    stopTimer()
    // What the user saw is what the last try came to.
    if let last = records.indices.last, result.status != .ok { records[last].userSawError = true }
    for record in records { loop.context.sink.record(record) }
    answer(result)
  }
}
