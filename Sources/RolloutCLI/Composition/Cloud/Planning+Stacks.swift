import RolloutAWS
import RolloutCore

extension Planning {
  /// The same plan with what CloudFormation would do. A plan that would end a live endpoint is none.
  func previewed(_ plan: Plan) async throws -> Plan {
    var plan = plan
    for index in plan.stages.indices where plan.stages[index].change != .none {
      let stage = plan.stages[index]
      guard let revision = plan.program.stages.first(where: { $0.environment == stage.environment })?.revision,
        let spec = revision.content.sageMaker
      else { continue }
      let target = try session.sageMaker(stage.endpoint, spec)
      let name = "rollout-plan-" + String(UInt64.random(in: .min ... .max), radix: 36)
      plan.stages[index].stack = try await StackPreview(target).change(for: revision, named: name)
      try refuseOutage(plan.stages[index])
    }
    return plan
  }

  private func refuseOutage(_ stage: StagePlan) throws {
    guard let stack = stage.stack, let ended = stack.resources.first(where: \.endsEndpoint) else { return }
    let why = ended.properties.isEmpty ? "" : " because of \(ended.properties.joined(separator: ", "))"
    throw CommandFailure(
      .failed,
      "no plan: CloudFormation would \(ended.action == .remove ? "remove" : "delete and make anew") the live endpoint "
        + "\(stage.endpoint)\(why), and nobody would be served meanwhile",
      help: "keep what names it (EndpointName) as it is in \(stack.stack); a new endpoint needs a stack of its own")
  }
}
