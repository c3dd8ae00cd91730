package import RolloutCore
import RolloutDigest

/// What somebody signs when they approve: an in-toto Statement about a plan and the evidence for it. Bound to one gate of
/// one rollout of one journal, to the journal's history up to that gate, and to a time.
package struct ApprovalStatement: Hashable, Sendable {
  package var approval: Approval
  package var lineage: String
  package var environment: String

  package init(_ approval: Approval, lineage: String, environment: String) {
    self.approval = approval
    self.lineage = lineage
    self.environment = environment
  }

  /// Canonical JSON, the same bytes wherever it is made.
  package var bytes: [UInt8] {
    get throws {
      try CanonicalJSON.bytes(
        Document(
          subject: [
            Document.Subject(name: "plan", digest: ["sha256": approval.plan.hex]),
            Document.Subject(name: "evidence", digest: ["sha256": approval.evidenceRoot.hex]),
          ],
          predicate: Document.Predicate(
            lineage: lineage, rollout: approval.rollout, environment: environment, decision: "approve",
            approver: approval.by, expiresAt: approval.expires, head: approval.head)))
    }
  }

  /// https://in-toto.io/Statement/v1
  private struct Document: Encodable {
    struct Subject: Encodable {
      var name: String
      var digest: [String: String]
    }

    struct Predicate: Encodable {
      var lineage: String
      var rollout: String
      var environment: String
      var decision: String
      var approver: String
      var expiresAt: Timestamp?
      var head: Digest?
    }

    enum CodingKeys: String, CodingKey {
      case type = "_type"
      case predicateType, subject, predicate
    }

    let type = "https://in-toto.io/Statement/v1"
    let predicateType = "rollout/approval/1"
    var subject: [Subject]
    var predicate: Predicate
  }
}
