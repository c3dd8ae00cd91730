import RolloutCore
import RolloutEngine

/// What travels over the control socket, as JSON.
enum ControlMessages {
  struct Observe: Codable, Sendable { var fence: UInt64? }
  struct Perform: Codable, Sendable {
    var fence: UInt64
    var order: TargetOrder
  }
  struct Renew: Codable, Sendable { var fence: UInt64 }
  struct Renewed: Codable, Sendable { var isLive: Bool }
  struct Done: Codable, Sendable {}
  struct Failure: Codable, Sendable {
    var code: TargetError.Code
    var message: String
  }
}
