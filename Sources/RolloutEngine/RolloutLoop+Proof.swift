import RolloutCore
import RolloutDigest

extension RolloutLoop {
  /// Runs one proof and stores what it measured before anything refers to it.
  func prove(_ proof: Driver.Proof) async -> Driver.Response {
    do {
      let revision = proof.stage.revision
      var document = EvidenceDocument(
        environment: proof.stage.environment, model: revision.content.model, revision: revision.digest)
      let verdict: (kind: Evidence.Kind, passed: Bool, summary: String)
      switch proof.kind {
      case .verify:
        verdict = await verify(revision.content.model, into: &document)
      case .smoke(let digests):
        document.smoke = try await smoke(digests, proof)
        verdict = Self.verdict(on: document.smoke)
      }
      let digest = try await ports.journal.put(try CanonicalJSON.bytes(document))
      let root = Digest(of: "\(proof.root?.description ?? "")\n\(digest)")
      return .proved(
        Evidence(
          environment: proof.stage.environment, kind: verdict.kind, passed: verdict.passed, summary: verdict.summary,
          digest: digest, root: root))
    } catch {
      return .proofImpossible(String(describing: error))
    }
  }

  /// A package that was rejected or altered since it was planned is not deployed.
  private func verify(
    _ model: DeployedModel, into document: inout EvidenceDocument
  ) async -> (Evidence.Kind, Bool, String) {
    do {
      let package = try await ports.registry.package(model.version, in: model.group)
      document.verification = package.approval
      guard package.digest == model.digest else {
        return (.verification, false, "\(model.title) has digest \(package.digest.short), not \(model.digest.short)")
      }
      guard package.approval.status == .approved else {
        return (.verification, false, "\(model.title) is \(package.approval.status.rawValue) in the registry")
      }
      try await ports.registry.verify(package)
      return (.verification, true, "digest \(model.digest.short) verified, approved by \(package.approval.by)")
    } catch {
      return (.verification, false, error.message)
    }
  }

  private func smoke(_ digests: [Digest], _ proof: Driver.Proof) async throws -> [SmokeResult] {
    var suites: [SmokeSuite] = []
    for digest in digests {
      suites.append(try CanonicalJSON.value(SmokeSuite.self, from: try await ports.journal.blob(digest)))
    }
    let address = try await ports.address(proof.stage, proof.variant)
    return try await ports.prover.run(suites, against: address)
  }

  static func verdict(on results: [SmokeResult]) -> (Evidence.Kind, Bool, String) {
    let failed = results.filter { !$0.passed }
    guard let first = failed.first else {
      let slowest = results.compactMap(\.latencyMax).max().map { ", slowest answer \(Int($0.rounded())) ms" } ?? ""
      return (.smoke, true, "\(results.count) of \(results.count) smoke cases passed\(slowest)")
    }
    let reason = first.failures.first.map { ": \($0.message)" } ?? ""
    return (
      .smoke, false, "\(failed.count) of \(results.count) smoke cases failed, first '\(first.name)'\(reason)"
    )
  }
}
