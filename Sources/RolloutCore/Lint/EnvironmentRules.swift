/// The fewest instances are not more than the most, and an endpoint starts between them.
enum ScalingBoundsHold: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let scaling = subject.scaling else { return [] }
    let bounds = LintPlace(.environment, "autoscaling", "instances")
    guard scaling.minimum <= scaling.maximum else {
      return [
        LintFinding(
          .minimumAboveMaximum, "the fewest instances are more than the most",
          at: .init(bounds, "\(scaling.minimum) is more than \(scaling.maximum)"),
          help: "write '\(scaling.maximum)...\(scaling.minimum)'")
      ]
    }
    guard let endpoint = subject.endpoint, !(scaling.minimum...scaling.maximum).contains(endpoint.instances) else {
      return []
    }
    return [
      LintFinding(
        .instancesOutsideScaling, "the endpoint starts with a number of instances that scaling does not allow",
        at: .init(LintPlace(.environment, "endpoint", "instances"), "it starts with \(endpoint.instances)"),
        and: [.init(bounds, "this allows \(scaling.minimum) to \(scaling.maximum)")],
        help: "start with \(endpoint.instances < scaling.minimum ? scaling.minimum : scaling.maximum)")
    ]
  }
}

/// A cooldown is a pause.
enum CooldownsAreNotNegative: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let scaling = subject.scaling else { return [] }
    let cooldowns = [("scaleOutCooldown", scaling.scaleOutCooldown), ("scaleInCooldown", scaling.scaleInCooldown)]
    return cooldowns.filter { $0.1 < .zero }.map { key, time in
      LintFinding(
        .cooldownNegative, "a cooldown cannot last less than no time",
        at: .init(LintPlace(.environment, "autoscaling", key), "\(time) is below zero"), help: "remove the sign")
    }
  }
}

/// There are as many approvers as must approve.
enum ApproversSuffice: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let approval = subject.approval, !approval.approvers.isEmpty else { return [] }
    let count = Set(approval.approvers).count
    guard approval.minimum > count else { return [] }
    return [
      LintFinding(
        .approversTooFew, "more people must approve than there are",
        at: .init(LintPlace(.environment, "approval", "minimum"), "\(approval.minimum) must approve"),
        and: [
          .init(LintPlace(.environment, "approval", "approvers"), "\(count) \(count == 1 ? "person" : "people") may")
        ],
        help: "name more approvers, or lower 'minimum'")
    ]
  }
}

/// Whoever may approve can sign, where approvals must be signed.
enum ApproversHaveKeys: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let approval = subject.approval, let signers = approval.signers else { return [] }
    return approval.approvers.filter { !signers.hasKey(of: $0) }.map { name in
      LintFinding(
        .approverWithoutKey, "\(name) may approve and has no key to sign with",
        at: .init(LintPlace(.environment, "approval", "signers"), "no line of this file names \(name)"),
        and: [.init(LintPlace(.environment, "approval", "approvers"), "\(name) is named here")],
        help: "add a line '\(name) ssh-ed25519 AAAA…' with their public key, or take them from the approvers")
    }
  }
}

/// Shorter, and a busy moment takes the canary's traffic away; longer, and a dead driver leaves users with it.
enum LeaseIsBounded: LintRule {
  static let allowed = TimeSpan.seconds(3)...TimeSpan.minutes(10)

  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let lease = subject.template?.lease, !allowed.contains(lease) else { return [] }
    return [
      LintFinding(
        .leaseOutOfRange, "a lease lasts from \(allowed.lowerBound) to \(allowed.upperBound)",
        at: .init(LintPlace(.template, "lease"), "this is \(lease < allowed.lowerBound ? "shorter" : "longer")"),
        help: lease < allowed.lowerBound
          ? "a shorter one lapses whenever the driver is busy; write \(allowed.lowerBound)"
          : "a longer one leaves users with a canary that nobody watches; write 30s")
    ]
  }
}

/// Waiting for no time, or asking without pause, is never meant.
enum DurationsArePositive: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    var durations: [(place: LintPlace, time: TimeSpan)] = []
    if let template = subject.template {
      durations = [
        (LintPlace(.template, "limits", "timeout"), template.requestTimeout),
        (LintPlace(.template, "health", "interval"), template.healthInterval),
        (LintPlace(.template, "health", "timeout"), template.healthTimeout),
        (LintPlace(.template, "health", "startup"), template.startupTimeout),
        (LintPlace(.template, "drain"), template.drain),
      ]
    }
    if let approval = subject.approval {
      durations.append((LintPlace(.environment, "approval", "expires"), approval.expires))
    }
    return durations.filter { $0.time <= .zero }.map { place, time in
      LintFinding(
        .durationNotPositive, "this must take some time", at: .init(place, time < .zero ? "\(time) is below zero" : ""),
        help: "write a duration such as '30s'")
    }
  }
}
