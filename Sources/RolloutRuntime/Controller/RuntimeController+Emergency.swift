import Logging
import RolloutCore
import RolloutEngine

extension RuntimeController {
  /// Users come first: what cannot be kept is done all the same, said to be so, and kept as soon as the disk allows.
  mutating func revert(
    _ request: EmergencyRequest, _ name: String, at now: TimeSpan
  ) throws(TargetError) -> EmergencyAnswer {
    guard var machine = endpoints[name] else {
      let known = sortedEndpoints.map(\.name).joined(separator: ", ")
      throw TargetError(
        .refused, "the runtime has no endpoint \(name); " + (known.isEmpty ? "it has none" : "it has: \(known)"))
    }
    let before = machine.observation(at: now) { _ in ([], TrafficReading()) }
    let emergency: Emergency
    do { emergency = try machine.revert(request, at: clock.wall()) } catch {
      throw error.targetError(fence: 0, endpoint: name)
    }
    var trouble: String?
    if machine != endpoints[name] {
      do { try commit(machine, at: now) } catch {
        trouble = error.message
        endpoints[name] = machine
      }
    }
    logger.critical(
      "emergency rollback",
      metadata: [
        "endpoint": "\(name)", "emergency": "\(emergency.id)", "by": "\(emergency.by)", "reason": "\(emergency.reason)",
      ])
    return EmergencyAnswer(
      emergency: emergency, isNew: emergency.id == request.id, before: before,
      after: machine.observation(at: now) { _ in ([], TrafficReading()) }, notKept: trouble)
  }

  mutating func unseal(
    _ id: String, _ name: String, fence: OrderFence, at now: TimeSpan
  ) throws(TargetError) {
    guard var machine = endpoints[name] else { return }
    do {
      try machine.admit(fence.lineage)
      try machine.unseal(id, fence: fence.sequence)
    } catch { throw error.targetError(fence: fence.sequence, endpoint: name) }
    guard machine != endpoints[name] else { return }
    try commit(machine, at: now)
    logger.notice("seal broken", metadata: ["endpoint": "\(name)", "emergency": "\(id)"])
  }

  mutating func adopt(
    _ name: String, by lineage: String, expecting fence: UInt64, at now: TimeSpan
  ) throws(TargetError) {
    guard var machine = endpoints[name] else { return }
    do { try machine.adopt(by: lineage, expecting: fence) } catch {
      throw error.targetError(fence: fence, endpoint: name)
    }
    guard machine != endpoints[name] else { return }
    try commit(machine, at: now)
    logger.notice("given to another journal", metadata: ["endpoint": "\(name)", "lineage": "\(lineage)"])
  }
}
