package import RolloutCore

/// What came of many rollouts of one cell.
package struct JudgeSummary: Sendable {
  package let cell: JudgeCell
  package private(set) var runs = 0
  package private(set) var rollbacks = 0
  package private(set) var holds = 0
  private var canaryRequests = 0
  private var canaryErrors = 0
  private var minutesToRollback: [Double] = []
  private var minutesToHold: [Double] = []

  package init(_ cell: JudgeCell) { self.cell = cell }

  /// Runs rollouts with these seeds; the same seeds give the same summary.
  package mutating func run(seeds: Range<UInt64>, policy: JudgePolicy) {
    for seed in seeds {
      let outcome = cell.run(seed: seed, policy: policy)
      runs += 1
      canaryRequests += outcome.canaryRequests
      canaryErrors += outcome.canaryErrors
      if let minutes = outcome.minutesToRollback {
        rollbacks += 1
        minutesToRollback.append(minutes)
      }
      if let minutes = outcome.minutesToHold {
        holds += 1
        minutesToHold.append(minutes)
      }
    }
  }

  package var rollbackRate: Double { Double(rollbacks) / Double(runs) }
  package var holdRate: Double { Double(holds) / Double(runs) }
  /// Means over all runs; one that ended without a rollback counts with what it had served by then.
  package var meanCanaryRequests: Double { Double(canaryRequests) / Double(runs) }
  package var meanCanaryErrors: Double { Double(canaryErrors) / Double(runs) }
  package var medianMinutesToRollback: Double? { median(minutesToRollback) }
  package var medianMinutesToHold: Double? { median(minutesToHold) }

  /// Exposure over what is possible for a judge with a control.
  package func overBound(falseRollback: Double) -> Double {
    meanCanaryRequests / cell.bound.canaryRequests(falseRollback: falseRollback)
  }

  private func median(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.sorted()[values.count / 2] }
}

extension Sequence<Double> {
  package var geometricMean: Double {
    let logarithms = map { Natural.log($0) }
    return Natural.exp(logarithms.reduce(0, +) / Double(logarithms.count))
  }
}
