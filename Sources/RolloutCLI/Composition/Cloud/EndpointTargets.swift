import RolloutAWS
import RolloutCore
import RolloutEngine
import RolloutRuntime
import RolloutStore

/// The targets of a service's endpoints: SageMaker where an endpoint's revisions say so, else the local runtime.
struct EndpointTargets: Target {
  private let local: any Target
  private let cloud: [String: SageMakerTarget]

  init(local: any Target, cloud: [String: SageMakerTarget]) {
    self.local = local
    self.cloud = cloud
  }

  func onSageMaker(_ endpoint: String) -> SageMakerTarget? { cloud[endpoint] }

  func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    try await target(of: endpoint).observe(endpoint, fence: fence)
  }

  /// Enough to plan by.
  func glanced(_ endpoint: String) async -> Result<EndpointObservation, TargetError> {
    do throws(TargetError) {
      if let target = cloud[endpoint] { return .success(try await target.glance()) }
      return .success(try await local.observe(endpoint, fence: nil))
    } catch { return .failure(error) }
  }

  func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    try await target(of: endpoint).perform(order, on: endpoint, fence: fence)
  }

  func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool {
    try await target(of: endpoint).renew(endpoint, fence: fence)
  }

  func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
    try await target(of: endpoint).unseal(endpoint, emergency: id, fence: fence)
  }

  private func target(of endpoint: String) -> any Target { cloud[endpoint] ?? local }
}

extension Session {
  /// What looks at the endpoints that the journal knows or that the files name; it starts nothing, and gives no orders
  /// unless they are in the name of a journal.
  func targets(
    of state: LaneState, and environments: [EnvironmentSpec] = [], commandedBy lineage: String? = nil
  ) throws -> EndpointTargets {
    try targets(
      of: state, and: environments, commandedBy: lineage,
      local: LocalRuntimeControl(self).observer.commanded(by: lineage))
  }

  /// The same, with a runtime started wherever a local endpoint needs one.
  func startingTargets(of state: LaneState) throws -> EndpointTargets {
    try targets(
      of: state, and: [], commandedBy: state.lineage, local: LocalRuntimeControl(self).target(for: state.lineage))
  }

  private func targets(
    of state: LaneState, and environments: [EnvironmentSpec], commandedBy lineage: String?, local: any Target
  ) throws -> EndpointTargets {
    var cloud: [String: SageMakerTarget] = [:]
    for (endpoint, spec) in places(of: state, and: environments) {
      cloud[endpoint] = try sageMaker(endpoint, spec).commanded(by: lineage)
    }
    return EndpointTargets(local: local, cloud: cloud)
  }

  /// Endpoints on SageMaker, and where the last word about each puts it.
  private func places(of state: LaneState, and environments: [EnvironmentSpec]) -> [String: SageMakerSpec] {
    var contents = state.environments.values.flatMap { $0.revisions.map(\.revision.content) }
    contents += state.rollout?.program.stages.map(\.revision.content) ?? []
    var places: [String: SageMakerSpec] = [:]
    for environment in environments { places[environment.endpoint.name] = environment.target.sageMaker }
    for content in contents { if let spec = content.sageMaker { places[content.endpoint.name] = spec } }
    return places
  }

  func sageMaker(_ endpoint: String, _ spec: SageMakerSpec) throws -> SageMakerTarget {
    var templates: SageMakerTarget.TemplateStore?
    if case .s3(let place) = pipeline.state {
      templates = SageMakerTarget.TemplateStore(bucket: place.bucket, prefix: place.prefix)
    }
    return SageMakerTarget(
      try aws.client(spec.region),
      SageMakerTarget.Place(endpoint: endpoint, stack: spec.stack, templates: templates),
      records: StoredRecords(store: try objects()), now: wallTime)
  }

  /// Where what belongs to the journal is kept beside it.
  func objects() throws -> any ObjectStore {
    switch pipeline.state {
    case .sqlite(let path): try FolderObjects(path + ".objects")
    case .s3(let place): S3Objects(place, try aws.client(place.region))
    }
  }
}
