import RolloutCore

extension RolloutLoop {
  /// A version that was rejected in the registry while its rollout ran gets no server, no share and no promotion.
  /// Looked up before every order that goes forward. The way back asks nobody: an endpoint goes back only to what it has
  /// served itself. One that has lost its memory cannot tell, and gets only what the registry still vouches for.
  func objection(to order: TargetOrder, in state: LaneState) async -> Driver.Response? {
    switch order {
    case .restore(let revision?): return await objection(toRestore: revision)
    case .restore(nil): return nil
    case .prepare, .shift, .promote: break
    }
    guard let live = state.liveRollout else { return nil }
    if let response = await approvalObjection(to: live, lineage: state.lineage ?? "") { return response }
    return await objection(to: live.stage.revision.content.model)
  }

  private func objection(toRestore revision: Revision) async -> Driver.Response? {
    guard let seen = try? await ports.target.observe(revision.content.endpoint.name, fence: nil), seen.stable == nil,
      seen.canary == nil
    else { return nil }
    return await objection(to: revision.content.model)
  }

  private func objection(to model: DeployedModel) async -> Driver.Response? {
    do {
      let package = try await ports.registry.package(model.version, in: model.group)
      guard package.digest == model.digest else {
        return .targetFailed(
          .refused, "\(model.title) has digest \(package.digest.short) in the registry, not \(model.digest.short)")
      }
      guard package.approval.status == .approved else {
        return .targetFailed(
          .refused, "\(model.title) is \(package.approval.status.rawValue) in the registry since \(package.approval.at)"
        )
      }
      return nil
    } catch {
      return .targetFailed(error.code == .storageUnavailable ? .failed : .refused, error.message)
    }
  }

  /// Signatures are checked again each time: a database that was edited moves no traffic.
  private func approvalObjection(to live: RolloutState, lineage: String) async -> Driver.Response? {
    do {
      let approvals = SignedApprovals(journal: ports.journal, authority: ports.authority)
      return try await approvals.objection(to: live, lineage: lineage).map { .targetFailed(.refused, $0) }
    } catch {
      // Nobody can say at the moment; the step's time says how long that may be so.
      return .targetFailed(.failed, "cannot check who approved: \(error)")
    }
  }
}
