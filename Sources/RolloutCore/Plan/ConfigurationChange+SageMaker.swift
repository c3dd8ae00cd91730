extension ConfigurationChange {
  /// What differs in how SageMaker serves two revisions, by the names that the files use.
  static func compareTargets(
    _ old: SageMakerSpec?, _ new: SageMakerSpec?, _ compare: (String, String?, String?) -> Void
  ) {
    compare("target.provider", old.providerName, new.providerName)
    compare("target.region", old?.region, new?.region)
    compare("target.role", old?.role, new?.role)
    compare("target.stack", old?.stack, new?.stack)
    compare("endpoint.type", old?.instanceType, new?.instanceType)
    compare("strategy", old.map { "\($0.guardrails)" }, new.map { "\($0.guardrails)" })
    let names = Set((old?.parameters ?? [:]).keys).union((new?.parameters ?? [:]).keys)
    for name in names.sorted() {
      compare("target.parameters.\(name)", old?.parameters[name], new?.parameters[name])
    }
    compare("target.template", old?.template.name, new?.template.title(after: old?.template))
  }
}

extension SageMakerSpec? {
  fileprivate var providerName: String { self == nil ? "local" : "sagemaker" }
}

extension StackTemplate {
  /// `production.yaml`, or `production.yaml, 3 lines added and 2 removed` after one that said something else.
  fileprivate func title(after old: StackTemplate?) -> String {
    guard let old, old.text != text else { return name }
    let change = text.split(separator: "\n", omittingEmptySubsequences: false)
      .difference(from: old.text.split(separator: "\n", omittingEmptySubsequences: false))
    let (added, removed) = (change.insertions.count, change.removals.count)
    return "\(name), \(added) line\(added == 1 ? "" : "s") added and \(removed) removed"
  }
}
