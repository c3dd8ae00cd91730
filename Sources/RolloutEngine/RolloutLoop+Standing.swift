import RolloutCore

extension RolloutLoop {
  /// A version that was rejected in the registry while its rollout ran gets no server, no share and no promotion.
  /// Looked up before every order that goes forward; the way back asks nobody.
  func objection(to order: TargetOrder, in state: LaneState) async -> Driver.Response? {
    switch order {
    case .restore: return nil
    case .prepare, .shift, .promote: break
    }
    guard let model = state.liveRollout?.stage.revision.content.model else { return nil }
    do {
      let package = try await ports.registry.package(model.version, in: model.group)
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
}
