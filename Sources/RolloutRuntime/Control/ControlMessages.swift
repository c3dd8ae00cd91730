import RolloutCore
import RolloutEngine

/// What travels over the control socket, as JSON.
enum ControlMessages {
  struct Observe: Codable, Sendable {
    var fence: UInt64?
    /// The journal that speaks; so in every message with a fence.
    var lineage: String?
  }
  struct Perform: Codable, Sendable {
    var fence: UInt64
    var lineage: String?
    var order: TargetOrder
  }
  struct Renew: Codable, Sendable {
    var fence: UInt64
    var lineage: String?
  }
  struct Renewed: Codable, Sendable { var isLive: Bool }
  struct Unseal: Codable, Sendable {
    /// The emergency that the journal knows now.
    var emergency: String
    var fence: UInt64
    var lineage: String?
  }
  struct Adopt: Codable, Sendable {
    var lineage: String
    /// The endpoint's fence as the new owner saw it.
    var fence: UInt64
  }
  struct Served: Codable, Sendable { var revision: Revision? }
  struct Done: Codable, Sendable {}
  struct Failure: Codable, Sendable {
    var code: TargetError.Code
    var message: String
  }
}
