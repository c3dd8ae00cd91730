/// What CloudFormation would do to an environment's stack, as a change set says that was made, read and deleted again,
/// and what will run then.
package struct StackChange: Hashable, Codable, Sendable {
  package enum Action: String, Hashable, Codable, Sendable {
    case add, modify, replace, remove
  }

  package struct Resource: Hashable, Codable, Sendable {
    package var logicalID: String
    /// `AWS::SageMaker::Endpoint`
    package var type: String
    package var action: Action
    /// Properties that change, sorted.
    package var properties: [String]
    /// What it was before stays, for as long as it may be needed again.
    package var isKept: Bool

    package init(logicalID: String, type: String, action: Action, properties: [String] = [], isKept: Bool = false) {
      self.logicalID = logicalID
      self.type = type
      self.action = action
      self.properties = properties
      self.isKept = isKept
    }

    /// Users would have nothing meanwhile.
    package var endsEndpoint: Bool {
      type == "AWS::SageMaker::Endpoint" && (action == .replace || action == .remove)
    }
  }

  package var stack: String
  package var isNew: Bool
  package var resources: [Resource]
  /// What that means, by our own reading of the templates before and after.
  package var effects: [ConfigurationChange] = []
  /// What SageMaker will do, in the order in which it does it.
  package var phases: [String]
  /// What it costs and what it keeps from happening.
  package var notes: [String]

  package init(stack: String, isNew: Bool, resources: [Resource], phases: [String], notes: [String]) {
    self.stack = stack
    self.isNew = isNew
    self.resources = resources
    self.phases = phases
    self.notes = notes
  }
}

extension StackChange {
  /// `count` is how many instances serve now, or will at first. `quota`: instances of the type that all endpoints
  /// together may have, where that is known.
  package init(
    _ spec: SageMakerSpec, resources: [Resource], isNew: Bool, instances count: Int, quota: Int?
  ) {
    let fleet = "\(count) × \(spec.instanceType)"
    self.init(
      stack: spec.stack, isNew: isNew, resources: resources,
      phases: isNew ? ["\(fleet) start and serve"] : spec.guardrails.phases(fleet: fleet, instances: count),
      notes: isNew ? [] : spec.guardrails.notes(spec.instanceType, instances: count, quota: quota))
  }
}

extension Guardrails {
  /// Whole instances that a share comes to: SageMaker does not split one.
  package static func instances(of share: Percent, among count: Int) -> Int {
    max(1, Int((share.fraction * Double(count)).rounded(.up)))
  }

  fileprivate func phases(fleet: String, instances count: Int) -> [String] {
    let start = "a second fleet of \(fleet) starts; it has no traffic yet"
    let end = bakeAfter > .zero ? "all traffic, watched for \(bakeAfter) with the old fleet kept" : "all traffic"
    let last = "the old fleet ends"
    switch routing {
    case .allAtOnce: return [start, end, last]
    case .canary(let share, let wait):
      return [
        start, "\(share) is \(Self.instances(of: share, among: count)) of \(count) instances, watched for \(wait)", end,
        last,
      ]
    case .linear(let step, let wait):
      let size = Self.instances(of: step, among: count)
      return [
        start, "\(size) more of \(count) instances each time, watched for \(wait) each (steps of \(step))", end, last,
      ]
    case .rolling(let batch, let wait):
      let size = Self.instances(of: batch, among: count)
      return [
        "\(size) of \(count) instances at a time are replaced, watched for \(wait) each; there is no second fleet"
      ]
    }
  }

  fileprivate func notes(_ type: String, instances count: Int, quota: Int?) -> [String] {
    var notes: [String] = []
    var needed = 2 * count
    if case .rolling(let batch, _) = routing { needed = count + Self.instances(of: batch, among: count) }
    let more = needed - count
    notes.append(
      "\(more) more \(type) \(more == 1 ? "is" : "are") paid for while it lasts: \(waits) of bakes, and start and end")
    if let quota {
      notes.append(
        "\(needed) of the \(quota) \(type) that all endpoints of the account may have are needed at once"
          + (needed > quota ? ": more than there are" : ""))
    }
    notes.append("no scaling while it lasts, at most \(timeout); live instance counts are kept")
    return notes
  }
}
