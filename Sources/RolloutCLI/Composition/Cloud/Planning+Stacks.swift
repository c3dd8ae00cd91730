import RolloutAWS
import RolloutCore
import RolloutDiagnostics
import RolloutSpec

extension Planning {
  /// The same plan with what CloudFormation would do, asked about all stacks at once. A plan that would end a live endpoint
  /// is none.
  func previewed(_ plan: Plan) async throws -> Plan {
    let wanted = plan.stages.enumerated().compactMap { index, stage -> Wanted? in
      guard stage.change != .none,
        let revision = plan.program.stages.first(where: { $0.environment == stage.environment })?.revision,
        let spec = revision.content.sageMaker
      else { return nil }
      return Wanted(index: index, endpoint: stage.endpoint, revision: revision, spec: spec)
    }
    let quotas = try await quotas(for: wanted)
    let found = try await withThrowingTaskGroup(of: Found.self) { group in
      for stage in wanted {
        let preview = StackPreview(try session.sageMaker(stage.endpoint, stage.spec))
        let name = "rollout-plan-" + String(UInt64.random(in: .min ... .max), radix: 36)
        group.addTask {
          let change = try await preview.change(for: stage.revision, named: name, quota: quotas[stage.fleet])
          return Found(index: stage.index, change: change)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    var plan = plan
    for found in found {
      plan.stages[found.index].stack = found.change
      let effects = effects(of: found.index, in: plan)
      plan.stages[found.index].stack?.effects = effects
      try refuseOutage(plan.stages[found.index])
    }
    return plan
  }

  /// What the templates before and after say, each with its own parameters: a parameter alone may change what runs. Where
  /// only another model is deployed, the plan says so already.
  private func effects(of index: Int, in plan: Plan) -> [ConfigurationChange] {
    guard let stage = plan.program.stages.first(where: { $0.environment == plan.stages[index].environment }),
      let base = stage.base, let old = base.content.sageMaker?.template,
      let new = stage.revision.content.sageMaker?.template
    else { return [] }
    let (before, after) = (parameters(of: base), parameters(of: stage.revision))
    guard old.text != new.text || Self.lasting(before) != Self.lasting(after), let first = reading(old, before),
      let second = reading(new, after)
    else { return [] }
    return second.changes(from: first)
  }

  private func parameters(of revision: Revision) -> [String: String] {
    StackParameters.values(
      for: GuardedDeployment(revision, fence: 0, lineage: "plan", isGuarded: true), endpointExists: true)
  }

  /// Without what is another one in every deployment.
  private static func lasting(_ parameters: [String: String]) -> [String: String] {
    parameters.filter { !["EndpointConfigName", "ModelPackageArn"].contains($0.key) }
  }

  private func reading(_ template: StackTemplate, _ parameters: [String: String]) -> StackReading? {
    // What is wrong with a template was said when the files were read.
    var ignored = Diagnostics()
    return readTemplate(template.text, path: template.name, parameters: parameters, into: &ignored)
  }

  private struct Found {
    var index: Int
    var change: StackChange?
  }

  private struct Wanted {
    var index: Int
    var endpoint: String
    var revision: Revision
    var spec: SageMakerSpec

    var fleet: Fleet { Fleet(region: spec.region, instanceType: spec.instanceType) }
  }

  private struct Fleet: Hashable {
    var region: String
    var instanceType: String
  }

  /// Each asked for once: the list of them has many pages.
  private func quotas(for stages: [Wanted]) async throws -> [Fleet: Int] {
    try await withThrowingTaskGroup(of: Quota.self) { group in
      for fleet in Set(stages.map(\.fleet)) {
        let service = ServiceQuotasService(try session.aws.client(fleet.region))
        group.addTask { Quota(fleet: fleet, instances: await service.quota(for: fleet.instanceType)) }
      }
      return try await group.reduce(into: [:]) { $0[$1.fleet] = $1.instances }
    }
  }

  private struct Quota {
    var fleet: Fleet
    var instances: Int?
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
