// What SageMaker's deployment guardrails can do. Source of the bounds: SageMaker API, TrafficRoutingConfig,
// RollingUpdatePolicy and BlueGreenUpdatePolicy.

/// Each target shifts traffic in its own ways.
enum StrategiesFitTheirTargets: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let words = subject.words, let target = subject.target else { return [] }
    switch (target, words) {
    case (.local, .rolling):
      return [
        LintFinding(
          .rollingOnLocal, "the local target does not replace instances in batches",
          at: .init(words.place, "SageMaker's rolling deployments do"),
          help: "write 'linear: {step: 25%, bake: 5m}': traffic moves in the same steps, the old instances stay")
      ]
    case (.sageMaker, .canary(let steps, _, _)) where words.routing == nil && steps.count > 1:
      let share = steps[0].weight
      let step = max(share, Percent(10) ?? share)
      return [
        LintFinding(
          .ladderImpossible, "SageMaker cannot shift traffic by these steps",
          at: .init(words.steps, "it knows one share before everything, or equal steps up to everything"),
          help: "keep one step and 'bakeAfter', or write 'linear: {step: \(step), bake: \(steps[0].bake)}'")
      ]
    default: return []
    }
  }
}

/// A share is a whole number of per cent, between the bounds of its kind.
enum SharesFitGuardrails: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil, let words = subject.words, let kind = words.shareBounds else { return [] }
    return words.strategy.steps.prefix(1).enumerated().compactMap { index, step in
      let share = step.weight
      let isWhole = share.basisPoints % 100 == 0
      guard !isWhole || !kind.bounds.contains(share.basisPoints / 100) else { return nil }
      let (low, high) = (kind.bounds.lowerBound, kind.bounds.upperBound)
      let nearest = min(max(Int(share.value.rounded()), low), high)
      return LintFinding(
        .guardrailShareOutOfRange, "SageMaker's \(kind.name) is \(low)% to \(high)%, in whole per cent",
        at: .init(
          words.share(ofStep: index),
          !isWhole ? "\(share) is no whole number" : share.value < Double(low) ? "this is less" : "this is more"),
        help: "write \(nearest)%")
    }
  }
}

extension StrategyWords {
  /// What SageMaker allows for the first share; the others of a strategy that it can carry out follow from it.
  fileprivate var shareBounds: (name: String, bounds: ClosedRange<Int>)? {
    switch self {
    case .allAtOnce: nil
    case .canary(let steps, _, _):
      steps.count == 1 || routing == nil ? ("canary", 1...50) : ("linear step", 10...50)
    case .linear: ("linear step", 10...50)
    case .rolling: ("rolling batch", 5...50)
    }
  }

  /// Every time that is written, once.
  fileprivate var writtenWaits: [(place: LintPlace, time: TimeSpan)] {
    var seen: Set<LintPlace> = []
    let strategy = strategy
    let bakes = strategy.steps.enumerated().map { (place: bake(ofStep: $0), time: $1.bake) }
    return (bakes + [(bake(ofStep: nil), strategy.bakeAfter)]).filter { seen.insert($0.place).inserted }
  }
}

/// SageMaker watches a step for an hour at most, and counts in seconds.
enum WaitsFitGuardrails: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil, let words = subject.words else { return [] }
    return words.writtenWaits.compactMap { place, time in
      let isWhole = time.milliseconds % 1_000 == 0
      guard time > Guardrails.waitMax || !isWhole else { return nil }
      return LintFinding(
        .guardrailWaitTooLong, "SageMaker watches a step for whole seconds, an hour at most",
        at: .init(place, isWhole ? "this is \(time)" : "\(time) has a fraction"),
        help: isWhole
          ? "write 1h, and give more of the time to other steps or to staging" : "round it to a second")
    }
  }
}

/// The whole deployment has its own limit, which must leave room for the waits.
enum TimeoutsFitGuardrails: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let target = subject.sageMaker, let words = subject.words,
      let guardrails = words.guardrails(timeout: target.timeout)
    else { return [] }
    let bounds = Guardrails.timeouts
    let waits = guardrails.waits
    guard let timeout = target.timeout else {
      guard waits >= guardrails.timeout else { return [] }
      return [
        LintFinding(
          .deploymentTimeoutOutOfRange, "SageMaker ends a deployment after \(bounds.upperBound)",
          at: .init(words.bake(ofStep: 0), "the waits add up to \(waits)"),
          help: "shorten the bakes, or take larger steps")
      ]
    }
    let place = LintPlace(.environment, "target", "timeout")
    if !bounds.contains(timeout) {
      return [
        LintFinding(
          .deploymentTimeoutOutOfRange, "a deployment on SageMaker lasts \(bounds.lowerBound) to \(bounds.upperBound)",
          at: .init(place, "this is \(timeout < bounds.lowerBound ? "shorter" : "longer")"),
          help: "leave it out: it is then the waits and 30 minutes")
      ]
    }
    guard timeout <= waits else { return [] }
    return [
      LintFinding(
        .deploymentTimeoutOutOfRange, "the deployment would time out while it is watched",
        at: .init(place, "\(timeout) is not more than the waits together"),
        and: [.init(words.place, "they add up to \(waits)")],
        help: "leave it out: it is then the waits and 30 minutes, which servers need to start")
    ]
  }
}

/// SageMaker ends the old fleet after `bakeAfter`; nothing keeps it warm for longer.
enum WarmthIsKept: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil, let words = subject.words, let keepWarm = words.keepWarm, keepWarm > .zero else {
      return []
    }
    return [
      LintFinding(
        .keepWarmNotKept, "SageMaker keeps the old fleet for 'bakeAfter' and no longer",
        at: .init(words.keepWarmPlace, "nothing is kept after that"),
        help: "remove it, and write 'bakeAfter: \(min(keepWarm, Guardrails.waitMax))' to keep the old fleet that long",
        severity: .warning)
    ]
  }
}

/// A share of traffic is a share of the instances: one instance is all of them, and two have no tenth.
enum SharesAreInstances: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil, let words = subject.words, let endpoint = subject.endpoint,
      let step = words.strategy.steps.first, step.weight > .none, step.weight.basisPoints % 100 == 0
    else { return [] }
    let count = endpoint.instances
    let instances = LintPlace(.environment, "endpoint", "instances")
    guard count > 1 else {
      return [
        LintFinding(
          .shareOfOneInstance, "one instance has no share to give: the first step would be everything",
          at: .init(words.share(ofStep: 0), "\(step.weight) of one instance"),
          and: [.init(instances, "it starts with 1")],
          help: "start with 2 instances at least, or write 'allAtOnce: {bakeAfter: …}'")
      ]
    }
    if let fewest = subject.scaling?.minimum, fewest == 1 {
      return [
        LintFinding(
          .shareOfOneInstance, "scaling may leave one instance, which has no share to give",
          at: .init(LintPlace(.environment, "autoscaling", "instances"), "in a quiet hour there is one"),
          and: [.init(words.share(ofStep: 0), "\(step.weight) of one instance")],
          help: "keep 2 instances at least", severity: .warning)
      ]
    }
    // At least one instance, and never less traffic than was asked for.
    let rounded = Int((step.weight.fraction * Double(count)).rounded(.up))
    let real = Double(rounded) / Double(count)
    guard real - step.weight.fraction > 0.02 else { return [] }
    return [
      LintFinding(
        .shareRounded, "\(step.weight) of \(count) instances is \(rounded) of them: \(Int((real * 100).rounded()))%",
        at: .init(words.share(ofStep: 0), "SageMaker shifts whole instances"),
        and: [.init(instances, "of these")],
        help: "write \(Int((real * 100).rounded(.down)))%, or start with more instances", severity: .warning)
    ]
  }
}
