/// One try of one request at one backend, as the router saw it.
package struct RequestRecord: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    /// 2XX from the model.
    case success
    /// 4XX from the model.
    case clientError
    /// Any other answer of the model.
    case serverError
    /// No connection, or one that broke before the answer was whole.
    case connectionFailed
    case timeout

    package init(status: Int) {
      switch status {
      case 200...299: self = .success
      case 400...499: self = .clientError
      default: self = .serverError
      }
    }
  }

  package var endpoint: String
  package var fleet: String
  package var role: VariantRole
  package var backend: Backend.ID
  /// With what probability the coin chose the variant.
  package var probability: Double
  /// The model's own status; `nil` when it gave none.
  package var status: Int?
  package var outcome: Outcome
  /// From the first byte sent to the model to the last byte of its answer.
  package var modelLatencyMicroseconds: Int64
  /// What the router added: everything between request and answer that was not the model.
  package var overheadLatencyMicroseconds: Int64
  /// Answered by stable after the canary had failed it.
  package var isShielded: Bool
  /// The failure reached the client.
  package var userSawError: Bool

  package init(
    endpoint: String, fleet: String, role: VariantRole, backend: Backend.ID, probability: Double = 1, status: Int?,
    outcome: Outcome, modelLatencyMicroseconds: Int64, overheadLatencyMicroseconds: Int64 = 0,
    isShielded: Bool = false, userSawError: Bool = false
  ) {
    self.endpoint = endpoint
    self.fleet = fleet
    self.role = role
    self.backend = backend
    self.probability = probability
    self.status = status
    self.outcome = outcome
    self.modelLatencyMicroseconds = modelLatencyMicroseconds
    self.overheadLatencyMicroseconds = overheadLatencyMicroseconds
    self.isShielded = isShielded
    self.userSawError = userSawError
  }
}
