package import RolloutCore

/// One kind of traffic that the judge is tried on: two versions that err by chance, at a fixed weight.
package struct JudgeCell: Hashable, Sendable {
  /// Of both versions.
  package var requestsPerMinute: Double
  package var canaryProbability = 0.1
  /// Share of requests that each version fails.
  package var stableRate: Double
  package var canaryRate: Double
  package var minutes = 60
  /// From this minute on the canary is what it is; before, it errs as stable does.
  package var onsetMinute = 0
  /// In these minutes both versions fail this share of requests.
  package var incident: Incident?

  package struct Incident: Hashable, Sendable {
    package var minutes: Range<Int>
    package var rate: Double

    package init(minutes: Range<Int>, rate: Double) {
      self.minutes = minutes
      self.rate = rate
    }
  }

  package init(requestsPerMinute: Double, stableRate: Double, canaryRate: Double) {
    self.requestsPerMinute = requestsPerMinute
    self.stableRate = stableRate
    self.canaryRate = canaryRate
  }

  package static let traffics: [Double] = [30, 300, 3_000, 30_000]

  /// 56 regressions at 10 %, from a hundred times stable's rate to twice.
  package static let regressions: [JudgeCell] = traffics.flatMap { traffic in
    [(0.0001, [0.01, 0.02, 0.05, 0.2, 1]), (0.001, [0.01, 0.02, 0.05, 0.2, 1]), (0.01, [0.02, 0.05, 0.2, 1])].flatMap {
      stable, canaries in
      canaries.map { JudgeCell(requestsPerMinute: traffic, stableRate: stable, canaryRate: $0) }
    }
  }

  /// 12 canaries that are as good as stable.
  package static let nulls: [JudgeCell] = traffics.flatMap { traffic in
    [0.0001, 0.001, 0.01].map { JudgeCell(requestsPerMinute: traffic, stableRate: $0, canaryRate: $0) }
  }

  /// Errors that both versions have alike.
  package static let incidents: [JudgeCell] = [(300.0, 0.05), (3_000, 0.02), (3_000, 0.2), (30_000, 0.2)].map {
    var cell = JudgeCell(requestsPerMinute: $0.0, stableRate: 0.001, canaryRate: 0.001)
    cell.incident = Incident(minutes: 5..<10, rate: $0.1)
    return cell
  }

  /// Canaries that go bad after a while.
  package static let lateRegressions: [JudgeCell] = [20, 45].flatMap { onset in
    [(0.02, 3_000.0), (0.05, 3_000), (0.2, 3_000), (0.05, 30_000)].map { canary, traffic in
      var cell = JudgeCell(requestsPerMinute: traffic, stableRate: 0.001, canaryRate: canary)
      cell.onsetMinute = onset
      cell.minutes = 60 + onset
      return cell
    }
  }

  package var bound: InformationBound {
    InformationBound(stableRate: stableRate, canaryRate: canaryRate, canaryProbability: canaryProbability)
  }

  /// Share of requests that each version fails in a minute.
  func rates(inMinute minute: Int) -> (stable: Double, canary: Double) {
    if let incident, incident.minutes.contains(minute) { return (incident.rate, incident.rate) }
    return (stableRate, minute < onsetMinute ? stableRate : canaryRate)
  }
}

/// What came of one rollout.
package struct JudgeOutcome: Hashable, Sendable {
  /// Since the canary has been what it is; `nil` when it was never taken back.
  package var minutesToRollback: Double?
  /// Since the incident began; `nil` when the weight was never held.
  package var minutesToHold: Double?
  /// Requests that the canary served, and failed, since it has been what it is.
  package var canaryRequests = 0
  package var canaryErrors = 0
}

extension JudgeCell {
  /// One rollout, error by error: good requests are only counted, when somebody needs their number.
  package func run(seed: UInt64, policy: JudgePolicy) -> JudgeOutcome {
    var random = JudgeRandom(seed: seed)
    var evidence = RollbackEvidence(policy)
    var outcome = JudgeOutcome()
    var incident = watch(policy)
    for minute in 0..<minutes {
      evidence.advance(to: Int(Double(minute) * 60 / policy.epochSeconds))
      incident?.advance(to: Int(Double(minute) * 60 / policy.epochSeconds))
      let rates = rates(inMinute: minute)
      let canaryGood = requestsPerMinute * canaryProbability * (1 - rates.canary)
      let stableGood = requestsPerMinute * (1 - canaryProbability) * (1 - rates.stable)
      let canaryBad = requestsPerMinute * canaryProbability * rates.canary
      let stableBad = requestsPerMinute * (1 - canaryProbability) * rates.stable
      let counts = minute >= onsetMinute
      var time = 0.0
      var canaryCounted = 0.0
      var stableCounted = 0.0
      while true {
        time += random.exponential() / (canaryBad + stableBad)
        let end = min(time, 1)
        let isCanary = random.uniform() * (canaryBad + stableBad) <= canaryBad
        if isCanary || end == 1 {
          let good = random.poisson(canaryGood * (end - canaryCounted))
          canaryCounted = end
          evidence.observeGood(.canary, count: good, canaryProbability: canaryProbability)
          if counts { outcome.canaryRequests += good }
        }
        if incident != nil, !isCanary || end == 1 {
          incident?.observeMisses(random.poisson(stableGood * (end - stableCounted)))
          stableCounted = end
        }
        if end == 1 { break }
        evidence.observe(isCanary ? .canary : .stable, isBad: true, canaryProbability: canaryProbability)
        if !isCanary, outcome.minutesToHold == nil {
          incident?.observeHit()
          // The two other parts of what holds the weight are worth 0.6 together.
          if let value = incident?.value, 0.4 * value + 0.6 >= 1 / policy.falseHold {
            outcome.minutesToHold = Double(minute - (self.incident?.minutes.lowerBound ?? 0)) + time
            incident = nil
          }
        }
        if isCanary, counts {
          outcome.canaryRequests += 1
          outcome.canaryErrors += 1
        }
        if evidence.cause != nil {
          outcome.minutesToRollback = Double(minute - onsetMinute) + time
          return outcome
        }
      }
    }
    return outcome
  }

  /// What watches stable, in cells with an incident.
  private func watch(_ policy: JudgePolicy) -> RateEvidence? {
    guard incident != nil else { return nil }
    let history = StableBaseline(bad: Int(30_000 * stableRate), requests: 30_000)
    return RateEvidence(
      ceiling: 1.5 * history.upperRate(), grid: .baseline, schedule: .restarting(plannedEpochs: policy.plannedEpochs))
  }
}
