/// What the judge of one rollout is held to.
package struct JudgePolicy: Hashable, Codable, Sendable {
  /// α, the probability that a canary no worse than stable is rolled back in the whole rollout.
  package var falseRollback: Double
  /// The probability that the weight is held though both versions are as before.
  package var falseHold: Double
  /// β, the probability that a stage lets a canary pass that errs more often than the stage allows.
  package var falsePass: Double
  /// c, the share of bad requests that users tolerate from a canary, whatever stable does.
  package var tolerance: Double
  /// ρ₀, how many times as often as stable the canary may err.
  package var nullRatio: Double
  /// φ, variance over mean of stable's errors per instance and second, from history; 1 when they are independent.
  package var dispersion: Double
  /// How many requests the canary must have failed before errors roll it back.
  package var badCanaryRequestsMin: Int
  /// The planned length of the rollout, in seconds.
  package var plannedSeconds: Double
  /// Stable's errors before the rollout.
  package var baseline: StableBaseline
  /// Stable's latency before the rollout; without it latency is not judged.
  package var latency: LatencyBaseline?
  /// How many labels the model answers with; without it labels are not compared.
  package var labelClasses: Int?
  /// Other labels take the canary back instead of holding its weight. This adds 0.3·`falseHold` to the probability of a
  /// false rollback.
  package var labelsRollBack: Bool

  package init(
    falseRollback: Double = 0.01, falseHold: Double = 0.01, falsePass: Double = 0.05, tolerance: Double = 0.001,
    nullRatio: Double = 1, dispersion: Double = 1, badCanaryRequestsMin: Int = 2, plannedSeconds: Double = 1_200,
    baseline: StableBaseline = StableBaseline(), latency: LatencyBaseline? = nil, labelClasses: Int? = nil,
    labelsRollBack: Bool = false
  ) {
    for risk in [falseRollback, falseHold, falsePass, tolerance] {
      precondition(risk > 0 && risk < 1, "risks and tolerance lie between 0 and 1")
    }
    precondition(nullRatio >= 1 && nullRatio.isFinite, "a canary may err as often as stable")
    precondition(dispersion >= 1 && dispersion.isFinite, "errors are independent or come in bursts")
    precondition(plannedSeconds > 0 && plannedSeconds.isFinite, "a rollout takes time")
    self.falseRollback = falseRollback
    self.falseHold = falseHold
    self.falsePass = falsePass
    self.tolerance = tolerance
    self.nullRatio = nullRatio
    self.dispersion = dispersion
    self.badCanaryRequestsMin = badCanaryRequestsMin
    self.plannedSeconds = plannedSeconds
    self.baseline = baseline
    self.latency = latency
    self.labelClasses = labelClasses
    self.labelsRollBack = labelsRollBack
  }

  /// Stakes are renewed so often: every minute, or every sixtieth of a plan longer than an hour.
  package var epochSeconds: Double { max(60, plannedSeconds / 60) }

  package var plannedEpochs: Int { max(1, Int((plannedSeconds / epochSeconds).rounded(.up))) }

  var schedule: EvidenceMixture.Schedule { .restarting(plannedEpochs: plannedEpochs) }
}
