/// A strategy as its file words it. What it comes to depends on what carries it out: the local runtime shifts any
/// shares, SageMaker's guardrails know four ways.
package enum StrategyWords: Hashable, Sendable {
  /// A `keepWarm` of `nil` was left out.
  case allAtOnce(bakeAfter: TimeSpan, keepWarm: TimeSpan?)
  case canary([Strategy.Step], bakeAfter: TimeSpan, keepWarm: TimeSpan?)
  /// Equal steps up to everything.
  case linear(step: Percent, bake: TimeSpan, bakeAfter: TimeSpan, keepWarm: TimeSpan?)
  /// Instances replaced batch by batch, without a second fleet.
  case rolling(batch: Percent, bake: TimeSpan)

  /// The key that it is written under.
  package var key: String {
    switch self {
    case .allAtOnce: "allAtOnce"
    case .canary: "canary"
    case .linear: "linear"
    case .rolling: "rolling"
    }
  }

  package var keepWarm: TimeSpan? {
    switch self {
    case .allAtOnce(_, let keepWarm), .canary(_, _, let keepWarm), .linear(_, _, _, let keepWarm): keepWarm
    case .rolling: nil
    }
  }

  /// The shares of traffic, and how long each is watched.
  package var strategy: Strategy {
    let kept = keepWarm ?? Strategy().keepWarm
    return switch self {
    case .allAtOnce(let bakeAfter, _): Strategy(bakeAfter: bakeAfter, keepWarm: kept)
    case .canary(let steps, let bakeAfter, _): Strategy(steps: steps, bakeAfter: bakeAfter, keepWarm: kept)
    case .linear(let step, let bake, let bakeAfter, _):
      Strategy(steps: .equal(step, bake: bake), bakeAfter: bakeAfter, keepWarm: kept)
    // The last batch is watched like the others, and then nothing is left of the old revision.
    case .rolling(let batch, let bake):
      Strategy(steps: .equal(batch, bake: bake), bakeAfter: bake, keepWarm: .zero)
    }
  }
}

extension [Strategy.Step] {
  /// Steps of one size, below everything.
  fileprivate static func equal(_ size: Percent, bake: TimeSpan) -> [Strategy.Step] {
    precondition(size > .none, "a step of nothing never arrives")
    return stride(from: size.value, to: Percent.all.value, by: size.value).compactMap { share in
      Percent(share).map { Strategy.Step(weight: $0, bake: bake) }
    }
  }

  /// The size of the steps, if all are equal, equally watched, and one more of them reaches everything.
  fileprivate var equalRise: Strategy.Step? {
    guard count > 1, let first, let last else { return nil }
    let isEqual = enumerated().allSatisfy { index, step in
      step.bake == first.bake && step.weight.basisPoints == first.weight.basisPoints * (index + 1)
    }
    let reached = last.weight.basisPoints + first.weight.basisPoints
    return isEqual && reached >= Percent.all.basisPoints ? first : nil
  }
}

extension StrategyWords {
  /// How SageMaker shifts traffic this way; `nil` when it cannot: it knows one share before everything, or equal steps.
  package var routing: Guardrails.Routing? {
    switch self {
    case .allAtOnce: return .allAtOnce
    case .linear(let step, let bake, _, _): return .linear(step, wait: bake)
    case .rolling(let batch, let bake): return .rolling(batch, wait: bake)
    case .canary(let steps, _, _):
      if steps.count == 1 { return .canary(steps[0].weight, wait: steps[0].bake) }
      return steps.equalRise.map { .linear($0.weight, wait: $0.bake) }
    }
  }

  /// With all traffic on the new fleet and the old one still there. SageMaker's rolling deployments have no such time.
  package var bakeAfter: TimeSpan {
    switch self {
    case .allAtOnce(let bakeAfter, _), .canary(_, let bakeAfter, _), .linear(_, _, let bakeAfter, _): bakeAfter
    case .rolling: .zero
    }
  }

  /// SageMaker's guardrails for this strategy; without a `timeout`, the waits and half an hour for starting servers.
  package func guardrails(timeout: TimeSpan?) -> Guardrails? {
    guard let routing else { return nil }
    var guardrails = Guardrails(routing: routing, bakeAfter: bakeAfter, timeout: timeout ?? .zero)
    if timeout == nil {
      let bounds = Guardrails.timeouts
      let enough = guardrails.waits + .minutes(30)
      guardrails.timeout = min(max(enough, bounds.lowerBound), bounds.upperBound)
    }
    return guardrails
  }
}
