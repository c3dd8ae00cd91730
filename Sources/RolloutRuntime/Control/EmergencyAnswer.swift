package import RolloutCore

/// What a rollback of last resort did.
package struct EmergencyAnswer: Hashable, Codable, Sendable {
  package var emergency: Emergency
  /// `false`: the endpoint was sealed already, by this emergency, and nothing more was done.
  package var isNew: Bool
  package var before: EndpointObservation
  package var after: EndpointObservation
  /// Why the seal is not on disk yet; until it is, it holds only as long as the runtime lives.
  package var notKept: String?

  package init(
    emergency: Emergency, isNew: Bool, before: EndpointObservation, after: EndpointObservation, notKept: String? = nil
  ) {
    self.emergency = emergency
    self.isNew = isNew
    self.before = before
    self.after = after
    self.notKept = notKept
  }
}
