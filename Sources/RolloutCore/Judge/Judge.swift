/// One request as the judge sees it: at a fixed age, the same for both versions.
package struct JudgedRequest: Hashable, Sendable {
  package var arm: Arm
  /// With what probability the coin would have sent it to the canary, when it was tossed.
  package var canaryProbability: Double
  /// No good answer came within the age at which requests are judged. For a sticky user, only the first one counts.
  package var isBad: Bool
  /// How long the request took, or has taken so far; `nil` when nobody measured.
  package var seconds: Double?
  /// Which of the model's labels the answer was; `nil` when there is none.
  package var label: Int?

  package init(
    _ arm: Arm, canaryProbability: Double, isBad: Bool = false, seconds: Double? = nil, label: Int? = nil
  ) {
    self.arm = arm
    self.canaryProbability = canaryProbability
    self.isBad = isBad
    self.seconds = seconds
    self.label = label
  }

  /// A weight that is a probability, and an arm that the coin could choose.
  var isPossible: Bool {
    arm == .canary
      ? canaryProbability > 0 && canaryProbability <= 1 : canaryProbability >= 0 && canaryProbability < 1
  }
}

/// Whether a canary is worse than stable, from one request after the other.
///
/// A value without clock or chance: the same requests give the same verdict, and a judge that was stored goes on as if
/// nothing had happened. Every request costs the same. See <doc:Judge>.
package struct Judge: Hashable, Codable, Sendable {
  package let policy: JudgePolicy
  package private(set) var rollback: RollbackEvidence
  package private(set) var hold: HoldEvidence
  package private(set) var stage: Stage?
  package private(set) var ratio = RatioConfidence()
  package private(set) var requests = Tally()
  /// Requests that no coin can have sent where they went; they are no evidence of anything.
  package private(set) var impossibleRequests = 0

  /// How many requests each version answered.
  package struct Tally: Hashable, Codable, Sendable {
    package fileprivate(set) var stable = 0
    package fileprivate(set) var canary = 0

    @inline(__always)
    fileprivate mutating func count(_ arm: Arm, _ number: Int) {
      if arm == .canary { canary += number } else { stable += number }
    }
  }

  /// What has been seen at the present weight, and what it takes to leave it.
  package struct Stage: Hashable, Codable, Sendable {
    /// `nil` when nothing is known of stable, so that every canary would pass.
    package fileprivate(set) var safety: SafetyEvidence?
    package fileprivate(set) var requests = Tally()
  }

  package init(_ policy: JudgePolicy) {
    self.policy = policy
    rollback = RollbackEvidence(policy)
    hold = HoldEvidence(policy)
  }
}

// MARK: - What happens

extension Judge {
  @inline(__always)
  package mutating func observe(_ request: JudgedRequest) {
    guard request.isPossible else { return impossibleRequests += 1 }
    requests.count(request.arm, 1)
    stage?.requests.count(request.arm, 1)
    if request.arm == .canary {
      if request.isBad { stage?.safety?.observe(bad: 1) } else { stage?.safety?.observe(good: 1) }
    }
    rollback.observe(
      request.arm, isBad: request.isBad, seconds: request.seconds, canaryProbability: request.canaryProbability)
    hold.observe(
      request.arm, isBad: request.isBad, label: request.label, canaryProbability: request.canaryProbability)
    if request.isBad, request.canaryProbability > 0, request.canaryProbability < 1 {
      ratio.observe(errorsOf: request.arm, canaryProbability: request.canaryProbability)
    }
    if policy.labelsRollBack, request.label != nil, hold.labelsSuffice { rollback.rollBack(because: .labels) }
  }

  /// So many good requests of which nothing else is known, as sums of a minute give them. Both versions' at once: half
  /// of a sum is not what the coin does.
  package mutating func observeGood(canary: Int, stable: Int, canaryProbability: Double) {
    let isPossible =
      canary >= 0 && stable >= 0 && canaryProbability >= 0 && canaryProbability <= 1
      && (canary == 0 || canaryProbability > 0) && (stable == 0 || canaryProbability < 1)
    guard isPossible else { return impossibleRequests += max(canary, 0) + max(stable, 0) }
    for (arm, count) in [(Arm.canary, canary), (.stable, stable)] {
      requests.count(arm, count)
      stage?.requests.count(arm, count)
      rollback.observeGood(arm, count: count, canaryProbability: canaryProbability)
    }
    stage?.safety?.observe(good: canary)
    hold.observeGood(canary: canary, stable: stable, canaryProbability: canaryProbability)
  }

  /// Time has passed: so many seconds since the rollout began. A clock that was set back, or says nothing, does nothing.
  package mutating func advance(toSecond second: Double) {
    guard second.isFinite, second > 0 else { return }
    let epoch = Int(min(second / policy.epochSeconds, 1e15))
    rollback.advance(to: epoch)
    hold.advance(to: epoch)
  }

  /// A stage begins that may be left once the canary errs surely less often than `margin` above the most that stable
  /// does. What was seen in earlier stages does not help in this one.
  package mutating func beginStage(margin: Double) {
    precondition(margin > 0 && margin < 1, "a stage tolerates some errors, not all")
    let ceiling = rollback.baseline.upperRate() + margin
    stage = Stage(
      safety: ceiling < 1 ? SafetyEvidence(ceiling: ceiling, dispersion: policy.dispersion) : nil)
  }

  /// An alarm of the user's went off.
  package mutating func alarm(_ name: String) { rollback.rollBack(because: .alarm(name)) }

  /// Somebody has looked at what held the weight. Holding again starts from nothing, and risks `falseHold` again.
  package mutating func endHold() {
    let epoch = rollback.epoch
    hold = HoldEvidence(policy)
    hold.advance(to: epoch)
  }
}

// MARK: - What follows

/// What the judge says of the canary in this stage.
package enum Verdict: Hashable, Sendable {
  /// Take it back.
  case fail(RollbackCause)
  /// The stage may be left.
  case pass
  /// Neither, so nobody promotes: extending costs nothing but time.
  case inconclusive(Shortfall)
}

/// Why there is no verdict.
package enum Shortfall: Hashable, Sendable {
  /// No stage has begun.
  case noStage
  /// No request came in this stage.
  case noRequests
  /// Requests came, none of them to the canary: it has no share, or no instance.
  case noCanaryRequests
  /// Nothing is known of stable, before the rollout or in it.
  case noBaseline
  /// Something is wrong that may not be the canary.
  case held(HoldCause)
  /// So many good requests of the canary would do if none of them erred; `nil` beyond a billion.
  case requests(Int?)
}

extension Judge {
  package var verdict: Verdict {
    if let cause = rollback.cause { return .fail(cause) }
    guard let stage else { return .inconclusive(.noStage) }
    if let cause = hold.cause { return .inconclusive(.held(cause)) }
    if stage.requests.canary == 0 {
      return .inconclusive(stage.requests.stable == 0 ? .noRequests : .noCanaryRequests)
    }
    guard let safety = stage.safety else { return .inconclusive(.noBaseline) }
    let further = safety.goodRequests(toReach: 1 / policy.falsePass)
    return further == 0 ? .pass : .inconclusive(.requests(further))
  }

  /// How many times as often as stable the canary errs: holds at every moment at once, but for `risk`.
  package func ratioInterval(risk: Double = 0.05) -> ClosedRange<Double> { ratio.interval(risk: risk) }
}
