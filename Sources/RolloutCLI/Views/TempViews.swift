import RolloutCore
import RolloutDigest
import RolloutEngine

struct LiveBlock { mutating func redraw(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" } }
enum StatusView {
  struct Input {
    var service: String; var stages: [String]; var state: LaneState; var observations: [String: EndpointObservation];
    var runtimeAddress: String?; var leaseIsLive: Bool; var now: Timestamp
  }
  static func text(_ i: Input, style: Style) -> String { "\(i.state)\n\(i.observations)" }
  static func json(_ i: Input) throws -> String { try CanonicalJSON.pretty(i.state) }
}
enum HistoryView {
  static func text(_ s: LaneState, style: Style) -> String {
    s.past.map { "\($0.id) \($0.title) \($0.outcome)" }.joined(separator: "\n")
  }
  static func json(_ s: LaneState) throws -> String { try CanonicalJSON.pretty(s.past) }
}
enum ShowView {
  static func text(_ e: [Entry], before: LaneState, documents: [Digest: EvidenceDocument], style: Style) -> String {
    e.map { "\($0.event)" }.joined(separator: "\n")
  }
  static func json(_ e: [Entry], documents: [Digest: EvidenceDocument]) throws -> String { try CanonicalJSON.pretty(e) }
}
enum ApprovalView {
  static func text(
    _ l: RolloutState, plan: Plan, digest: Digest, documents: [Digest: EvidenceDocument], now: Timestamp, style: Style
  ) -> String { "\(documents)" }
}
enum ModelsView {
  static func list(_ p: [ModelPackage], group: String, style: Style) -> String {
    p.map { "\($0.version) \($0.approval.status)" }.joined(separator: "\n")
  }
  static func show(_ p: ModelPackage, style: Style) -> String { "\(p)" }
  static func json(_ p: some Encodable) throws -> String { try CanonicalJSON.pretty(p) }
}
