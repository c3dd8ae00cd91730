/// Whether an alarm has time to judge a revision before it is let through.
package struct AlarmReach: Hashable, Sendable {
  package struct Bake: Hashable, Sendable {
    /// The canary step's index; `nil` is the bake at 100 %.
    package var step: Int?
    package var weight: Percent
    package var length: TimeSpan
  }

  /// How long the datapoints take that the alarm needs. A sum may pass its bound sooner, but only for a fault worse
  /// than the rule is about, and a window that reaches back into an earlier step mixes two shares of traffic: a bake
  /// must be able to convict on its own evidence.
  package var needed: TimeSpan
  /// How long after the end of a period its datapoint can be judged.
  package var delay: TimeSpan
  /// The bakes of the strategy, in order; without the one at 100 % if there is none.
  package var bakes: [Bake]

  package init(_ alarm: AlarmRule, in strategy: Strategy, delay: TimeSpan) {
    needed = alarm.period * alarm.datapointsToAlarm
    self.delay = delay
    bakes = strategy.steps.enumerated().map { Bake(step: $0, weight: $1.weight, length: $1.bake) }
    if strategy.bakeAfter > .zero { bakes.append(Bake(step: nil, weight: .all, length: strategy.bakeAfter)) }
  }

  package var canFire: Bool { bakes.contains { canFire(in: $0) } }

  package func canFire(in bake: Bake) -> Bool { shortest <= bake.length }

  /// The shortest bake in which the alarm can judge.
  package var shortest: TimeSpan { needed + delay }
}

/// A rollback alarm that needs more data than a bake gives would let every revision through, and look like a guard.
enum AlarmsFitTheirBakes: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let words = subject.words else { return [] }
    let delay = subject.sageMaker == nil ? .zero : SageMakerSpec.publicationDelay
    return subject.alarms.enumerated().flatMap { index, alarm -> [LintFinding] in
      guard alarm.rollback, alarm.period > .zero, alarm.hasPossibleDatapoints else { return [] }
      let reach = AlarmReach(alarm, in: words.strategy, delay: delay)
      let period = LintFinding.Note(LintPlace(.alarm(index), "period"), arithmetic(alarm, reach))
      guard reach.canFire else { return [neverFires(alarm, reach, words, period)] }
      var seen: Set<LintPlace> = []
      return reach.bakes.filter { !reach.canFire(in: $0) && seen.insert(words.bake(ofStep: $0.step)).inserted }
        .map { bake in
          LintFinding(
            .alarmCannotFireInBake, "alarm '\(alarm.name)' cannot fire within this bake",
            at: .init(words.bake(ofStep: bake.step), "\(bake.length) at \(bake.weight)"), and: [period],
            help: "bake for \(reach.shortest) at least, or shorten the alarm's period", severity: .warning)
        }
    }
  }

  private static func arithmetic(_ alarm: AlarmRule, _ reach: AlarmReach) -> String {
    let late = reach.delay > .zero ? ", and CloudWatch shows them up to \(reach.delay) late" : ""
    guard alarm.datapointsToAlarm > 1 else { return "it needs \(reach.needed) of data\(late)" }
    return "it needs \(alarm.datapointsToAlarm) datapoints of \(alarm.period), which take \(reach.needed)\(late)"
  }

  private static func neverFires(
    _ alarm: AlarmRule, _ reach: AlarmReach, _ words: StrategyWords, _ period: LintFinding.Note
  ) -> LintFinding {
    let longest = reach.bakes.max { $0.length < $1.length }
    let bake = longest.map {
      LintFinding.Note(
        words.bake(ofStep: $0.step), "\(reach.bakes.count == 1 ? "the only" : "the longest") bake is \($0.length)")
    }
    return LintFinding(
      .alarmCannotFire, "alarm '\(alarm.name)' can never take a revision back", at: period,
      and: [bake ?? .init(LintPlace(.environment, "strategy"), "nothing is baked here")],
      help: "bake for \(reach.shortest) at least, shorten the alarm's period, or give it 'rollback: false'")
  }
}

/// A count of errors cannot pass its bound when the canary's share of all traffic is smaller than the bound, even if
/// every request fails.
enum CanaryTrafficCanTripAlarms: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let words = subject.words, let scaling = subject.scaling, scaling.maximum > 0 else { return [] }
    // The most there can be: every instance that scaling allows, at the target.
    let perMinute = scaling.invocationsPerInstance * Double(scaling.maximum)
    return subject.alarms.enumerated().flatMap { index, alarm -> [LintFinding] in
      guard let needed = eventsNeeded(alarm), alarm.period > .zero else { return [] }
      var seen: Set<LintPlace> = []
      return words.strategy.steps.enumerated().compactMap { step, value -> LintFinding? in
        guard seen.insert(words.share(ofStep: step)).inserted else { return nil }
        let requests = value.weight.fraction * perMinute * alarm.period.seconds / 60
        guard value.weight > .none, requests < needed else { return nil }
        let rate = "\(shortNumber(scaling.invocationsPerInstance)) a minute on each of \(scaling.maximum) instances"
        return LintFinding(
          .trafficTooSmall, "\(value.weight) of the traffic cannot trip alarm '\(alarm.name)'",
          at: .init(
            words.share(ofStep: step),
            "of \(rate), at most \(shortNumber((requests * 10).rounded() / 10)) requests in \(alarm.period)"),
          and: [.init(LintPlace(.alarm(index), "threshold"), "\(shortNumber(needed)) must fail in \(alarm.period)")],
          help: "raise the share, lengthen the alarm's period, or lower its threshold", severity: .warning)
      }
    }
  }

  /// The fewest requests that must fail for a rollback alarm on a count of errors; `nil` for any other alarm.
  private static func eventsNeeded(_ alarm: AlarmRule) -> Double? {
    guard alarm.rollback, alarm.metric.isIndicator, alarm.statistic == .sum else { return nil }
    return switch alarm.threshold.relation {
    case .greater: alarm.threshold.bound.rounded(.down) + 1
    case .greaterOrEqual, .equal: alarm.threshold.bound.rounded(.up)
    case .less, .lessOrEqual: nil
    }
  }
}
