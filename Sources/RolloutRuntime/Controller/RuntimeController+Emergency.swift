import Logging
import RolloutCore
import RolloutEngine

extension RuntimeController {
  /// Users come first: it is done at once, said to be so once it is kept or the disk has had its time, and kept as soon
  /// as the disk allows.
  mutating func revert(
    _ request: EmergencyRequest, _ name: String, _ reply: Reply<EmergencyAnswer>, at now: TimeSpan
  ) -> [Effect] {
    guard var machine = endpoints[name] else {
      let known = sortedEndpoints.map(\.name).joined(separator: ", ")
      let error = TargetError(
        .refused, "the runtime has no endpoint \(name); " + (known.isEmpty ? "it has none" : "it has: \(known)"))
      return [.answer { reply(.failure(error)) }]
    }
    let before = machine.observation(at: now) { _ in ([], TrafficReading()) }
    let emergency: Emergency
    do throws(OrderRefusal) { emergency = try machine.revert(request, at: clock.wall()) } catch {
      let refusal = error.targetError(fence: 0, endpoint: name)
      return [.answer { reply(.failure(refusal)) }]
    }
    endpoints[name] = machine
    logger.critical(
      "emergency rollback",
      metadata: [
        "endpoint": "\(name)", "emergency": "\(emergency.id)", "by": "\(emergency.by)", "reason": "\(emergency.reason)",
      ])
    let answer = EmergencyAnswer(
      emergency: emergency, isNew: emergency.id == request.id, before: before,
      after: machine.observation(at: now) { _ in ([], TrafficReading()) })
    let respond: @Sendable (String?) -> Void = { trouble in
      var answer = answer
      answer.notKept = trouble
      reply(.success(answer))
    }
    if keeping.saved.contains(where: { $0.name == name && $0.seal?.id == emergency.id }) {
      return [.answer { respond(nil) }]
    }
    keeping.promise(at: now, respond)
    return []
  }
}
