/// Shares of traffic are given, and are ones that SageMaker takes.
enum SharesAreAllowed: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let deployment = stack.endpoint?.deployment else { return [] }
    var findings: [TemplateFinding] = []
    if let policy = deployment.blueGreen {
      switch policy.type?.value {
      case "CANARY":
        findings += check(policy.canary, "CanarySize", "a canary", 1...50, in: policy.routingPath)
      case "LINEAR":
        findings += check(policy.step, "LinearStepSize", "a linear step", 10...50, in: policy.routingPath)
      case "ALL_AT_ONCE": break
      default: findings += unknownType(policy)
      }
    }
    if let policy = deployment.rolling {
      findings += check(policy.batch, "MaximumBatchSize", "a rolling batch", 5...50, in: policy.path)
      if let back = policy.rollbackBatch {
        findings += check(back, "RollbackMaximumBatchSize", "a batch of a rollback", 1...100, in: policy.path)
      }
    }
    return findings
  }

  private static func unknownType(_ policy: StackReading.BlueGreen) -> [TemplateFinding] {
    let types = ["ALL_AT_ONCE", "CANARY", "LINEAR"]
    guard let type = policy.type else {
      return [
        TemplateFinding(
          .shareMissing, "nothing says how traffic moves", at: policy.routingPath, "'Type' is not there",
          help: "add 'Type: CANARY', LINEAR or ALL_AT_ONCE")
      ]
    }
    guard let written = type.value else { return [] }
    return [
      TemplateFinding(
        .shareMissing, "traffic cannot move by '\(written)'", at: type, "",
        help: "write \(types.joined(separator: ", "))",
        meant: types)
    ]
  }

  private static func check(
    _ capacity: StackReading.Capacity?, _ key: String, _ noun: String, _ range: ClosedRange<Int>,
    in owner: [LintPlace.Step]
  ) -> [TemplateFinding] {
    guard let capacity else {
      return [
        TemplateFinding(
          .shareMissing, "\(noun) has no size", at: owner, "'\(key)' is not there",
          help: "add '\(key): {Type: CAPACITY_PERCENT, Value: \(max(range.lowerBound, 10))}'")
      ]
    }
    if let type = capacity.type?.value, !["CAPACITY_PERCENT", "INSTANCE_COUNT"].contains(type),
      let stated = capacity.type
    {
      return [
        TemplateFinding(
          .shareMissing, "a size cannot be a '\(type)'", at: stated, "",
          help: "write CAPACITY_PERCENT or INSTANCE_COUNT", meant: ["CAPACITY_PERCENT", "INSTANCE_COUNT"])
      ]
    }
    guard let stated = capacity.value, let value = stated.value else { return [] }
    let allowed = capacity.isPercent ? range : 1...Int.max
    guard !allowed.contains(value) else { return [] }
    let wanted = min(max(value, allowed.lowerBound), allowed.upperBound)
    return [
      TemplateFinding(
        .shareOutOfRange,
        "\(noun) is \(range.lowerBound) to \(range.upperBound) % of the instances", at: stated,
        "this is \(capacity.text)", help: "write \(wanted), or less; SageMaker refuses it when everything else is made")
    ]
  }
}

/// Traffic moves by whole instances, so a fleet of one has no share.
enum FleetHasShares: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let policy = stack.endpoint?.deployment?.blueGreen, let capacity = policy.share, let type = policy.type,
      let variant = stack.variants.first, let count = variant.initialCount, let instances = count.value
    else { return [] }
    // A larger share is out of range, whatever the fleet.
    guard !capacity.isPercent || (capacity.value?.value ?? 0) <= 50 else { return [] }
    let noun = type.value == "LINEAR" ? "a linear step" : "a canary"
    if let part = capacity.instances(of: instances), part >= instances, instances > 0 {
      return [
        TemplateFinding(
          .shareTooCoarse, "\(noun) on \(instances == 1 ? "one instance" : "\(instances) instances") is all of it",
          at: count, "\(capacity.text) of \(instances) is \(part)",
          and: [LintFinding.Note(LintPlace(.template, capacity.path), "traffic moves by whole instances")],
          help: "start with two instances or more, or move traffic ALL_AT_ONCE and watch it then")
      ]
    }
    guard let minimum = stack.scaledMinimum, let least = minimum.value, least < instances, least > 0,
      let part = capacity.instances(of: least), part >= least
    else { return [] }
    return [
      TemplateFinding(
        .shareTooCoarse, "\(noun) is all of a fleet that has shrunk to \(least)", at: minimum,
        "scaling may leave \(least)",
        and: [LintFinding.Note(LintPlace(.template, capacity.path), "\(capacity.text) of \(least) is \(part)")],
        help: "keep at least two instances", severity: .warning)
    ]
  }
}

/// Waits are given, and as long as SageMaker waits.
enum WaitsAreAllowed: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let deployment = stack.endpoint?.deployment else { return [] }
    var findings: [TemplateFinding] = []
    if let policy = deployment.blueGreen {
      if policy.wait == nil, policy.type?.value != "ALL_AT_ONCE" { findings.append(missing(policy.routingPath)) }
      findings += [policy.wait, policy.terminationWait].compactMap(\.self).compactMap(outOfRange)
    }
    if let policy = deployment.rolling {
      if policy.wait == nil { findings.append(missing(policy.path)) }
      findings += [policy.wait].compactMap(\.self).compactMap(outOfRange)
    }
    return findings
  }

  private static func missing(_ path: [LintPlace.Step]) -> TemplateFinding {
    TemplateFinding(
      .waitOutOfRange, "nothing says how long each step is watched", at: path, "'WaitIntervalInSeconds' is not there",
      help: "add 'WaitIntervalInSeconds: 600'; SageMaker requires it, although CloudFormation's schema does not")
  }

  private static func outOfRange(_ wait: Stated<Int>) -> TemplateFinding? {
    guard let seconds = wait.value, !(0...3_600).contains(seconds) else { return nil }
    return TemplateFinding(
      .waitOutOfRange, "SageMaker waits from 0 to 3600 seconds", at: wait, "this is \(seconds)",
      help: seconds < 0 ? "remove the sign" : "write 3600, or less")
  }
}

/// A deployment has the time that its waits take.
enum TimeSuffices: TemplateRule {
  static let allowed = 600...28_800

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let deployment = stack.endpoint?.deployment,
      let timeout = deployment.blueGreen?.timeout ?? deployment.rolling?.timeout, let seconds = timeout.value
    else { return [] }
    guard allowed.contains(seconds) else {
      return [
        TemplateFinding(
          .timeoutOutOfRange, "a deployment may take from 600 to 28800 seconds", at: timeout, "this is \(seconds)",
          help: seconds < 600 ? "write 600, or more" : "write 28800, or less")
      ]
    }
    guard let waits = stack.waitSeconds, seconds <= waits else { return [] }
    return [
      TemplateFinding(
        .timeoutShorterThanWaits, "a deployment's time is up before its waits are over", at: timeout,
        "the waits together are \(waits)",
        help: "write \(min(waits + 1_800, allowed.upperBound)): the waits, and half an hour for the instances to start")
    ]
  }
}

/// A deployment is of one kind.
enum PolicyIsOne: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let deployment = stack.endpoint?.deployment, let rolling = deployment.rolling,
      let blueGreen = deployment.blueGreen
    else { return [] }
    return [
      TemplateFinding(
        .policiesCombined, "a deployment cannot be both blue/green and rolling", at: rolling.path, "this as well",
        and: [LintFinding.Note(LintPlace(.template, blueGreen.path), "this is given")],
        help: "keep one of them, or choose with 'Fn::If' and AWS::NoValue")
    ]
  }
}

/// What is to be guarded can be.
enum GuardrailsApply: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let deployment = stack.endpoint?.deployment else { return [] }
    var findings: [TemplateFinding] = []
    for variant in stack.variants {
      if let type = variant.instanceType, type.value?.hasPrefix("ml.inf1.") == true {
        findings.append(
          TemplateFinding(
            .guardrailsIgnored, "SageMaker ignores the guardrails of Inf1 instances", at: type,
            "all traffic would move at once, and nothing be watched", help: "use Inf2, or another family"))
      }
      if variant.isServerless {
        findings.append(
          TemplateFinding(
            .guardrailsIgnored, "SageMaker ignores the guardrails of a serverless variant", at: variant.path,
            "all traffic would move at once, and nothing be watched", help: "use instances"))
      }
    }
    if let rolling = deployment.rolling, stack.variants.count > 1 {
      findings.append(
        TemplateFinding(
          .guardrailsIgnored, "SageMaker does not roll several variants", at: rolling.path,
          "all traffic would move at once",
          and: [LintFinding.Note(LintPlace(.template, stack.variants[1].path), "a second variant")],
          help: "keep one variant, or use a blue/green policy"))
    }
    return findings
  }
}

/// A number of instances is a share, too.
enum CountsAreShares: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let capacity = stack.endpoint?.deployment?.blueGreen?.share, capacity.type?.value == "INSTANCE_COUNT",
      let stated = capacity.value, let part = stated.value, let initial = stack.variants.first?.initialCount,
      let count = initial.value, part < count, part * 2 > count
    else { return [] }
    return [
      TemplateFinding(
        .shareOutOfRange, "a canary or a step is at most half of the instances", at: stated,
        "this is \(part) of \(count)", and: [LintFinding.Note(initial, "the fleet starts with \(count)")],
        help: "write \(max(1, count / 2)), or less", severity: .warning)
    ]
  }
}

extension StackReading.BlueGreen {
  /// How much moves at a time; `nil` when everything does.
  var share: StackReading.Capacity? {
    switch type?.value {
    case "CANARY": canary
    case "LINEAR": step
    default: nil
    }
  }
}

extension StackReading.Capacity {
  /// How many of so many instances this is. SageMaker moves whole instances, at least one; a part of one is rounded up.
  package func instances(of count: Int) -> Int? {
    guard let amount = value?.value, amount > 0, amount <= 1_000_000, count > 0, count <= 1_000_000 else { return nil }
    switch type?.value {
    case "CAPACITY_PERCENT": return min(count, max(1, (count * amount + 99) / 100))
    case "INSTANCE_COUNT": return min(count, amount)
    default: return nil
    }
  }
}

extension StackReading {
  /// The fewest instances that scaling leaves.
  var scaledMinimum: Stated<Int>? { scalableTargets.first?.minimum }

  /// Of a deployment, together; `nil` when one of them is not known.
  package var waitSeconds: Int? {
    guard let deployment = endpoint?.deployment else { return nil }
    let instances = variants.first?.initialCount?.value
    if let rolling = deployment.rolling {
      guard deployment.blueGreen == nil else { return nil }
      guard let wait = bounded(rolling.wait), let share = rolling.batch?.share(of: instances), share > .none else {
        return nil
      }
      return wait * batches(share)
    }
    guard let policy = deployment.blueGreen, let after = policy.terminationWait.map({ bounded($0) }) ?? 0 else {
      return nil
    }
    switch policy.type?.value {
    case "ALL_AT_ONCE": return after
    case "CANARY": return bounded(policy.wait).map { $0 + after }
    case "LINEAR":
      guard let wait = bounded(policy.wait), let share = policy.step?.share(of: instances), share > .none else {
        return nil
      }
      // The last step is watched by the termination wait.
      return wait * (batches(share) - 1) + after
    default: return nil
    }
  }

  private func bounded(_ wait: Stated<Int>?) -> Int? {
    wait?.value.flatMap { (0...1_000_000).contains($0) ? $0 : nil }
  }

  private func batches(_ share: Percent) -> Int { Int((100 / max(share.value, 0.01)).rounded(.up)) }
}
