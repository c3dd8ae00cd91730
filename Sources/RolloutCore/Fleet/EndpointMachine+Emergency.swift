/// What somebody asks for when the journal cannot be written: back, now, and nothing else until the journal knows.
package struct EmergencyRequest: Hashable, Codable, Sendable {
  /// Drawn by whoever asks, so that a request whose answer was lost can be sent again.
  package var id: String
  package var environment: String
  package var by: String
  package var reason: String

  package init(id: String, environment: String, by: String, reason: String) {
    self.id = id
    self.environment = environment
    self.by = by
    self.reason = reason
  }
}

extension EndpointMachine {
  /// Rollback of last resort: all users on the revision before, the canary gone, the endpoint sealed. It has no fence and
  /// asks for none. Where there is a canary it is the canary that goes, and stable stays. Else what served before takes
  /// over: at once where it is warm, or as soon as its servers have started. Without either nothing is done, and nothing
  /// sealed. Sealed already: the seal that is there stands, and nothing else is done.
  package mutating func revert(
    _ request: EmergencyRequest, at wall: Timestamp
  ) throws(OrderRefusal) -> Emergency {
    if let seal { return seal }
    let back = try wayBack()
    if let canary { retire(canary.fleet) }
    canary = nil
    if let back { restore(back) }
    let emergency = Emergency(
      id: request.id, environment: request.environment, endpoint: name, restored: back?.digest,
      isOnItsWay: incoming == nil ? nil : true, by: request.by, reason: request.reason, at: wall)
    seal = emergency
    return emergency
  }

  /// Where an emergency leads; `nil`: taking the canary away is all.
  private func wayBack() throws(OrderRefusal) -> Revision? {
    if let incoming { return incoming.revision }
    if canary != nil { return nil }
    guard let stable else { throw .refused("nothing serves at \(name), so there is nothing to take back") }
    guard let before = served.before(stable.revision.digest) else {
      throw .refused(
        "\(stable.revision.content.model.title) is all that \(name) ever served: there is nothing to go back to")
    }
    return before
  }

  /// Breaks the seal in the name of the journal entry that records it. That entry's fence shuts out everything older;
  /// without a seal only that is done, so that a request whose answer was lost can be sent again.
  package mutating func unseal(_ id: String, fence: UInt64) throws(OrderRefusal) {
    if let seal, seal.id != id { throw .sealed(seal) }
    guard fence >= self.fence else { throw .fenced(seen: self.fence) }
    seal = nil
    self.fence = fence
  }

  /// Gives the endpoint to another journal, whose entries count from 1 again. The old one's orders are foreign from now
  /// on, whatever their fence. `expecting` is what its new owner saw: meanwhile obeyed orders are theirs to look at first.
  package mutating func adopt(by lineage: String, expecting fence: UInt64) throws(OrderRefusal) {
    guard self.lineage != lineage else { return }
    guard fence == self.fence else { throw .fenced(seen: self.fence) }
    self.lineage = lineage
    self.fence = 0
    applied = nil
  }

  /// Whether an order of this journal is obeyed at all. The first journal that orders something owns the endpoint.
  package mutating func admit(_ lineage: String?) throws(OrderRefusal) {
    if let own = self.lineage, own != lineage { throw .foreign }
    self.lineage = lineage
  }
}
