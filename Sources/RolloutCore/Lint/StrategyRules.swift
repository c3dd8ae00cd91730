/// Traffic to a new revision only grows: a step back would be a rollback, which no strategy decides.
enum WeightsRise: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let steps = subject.strategy?.steps, var reached = steps.indices.first else { return [] }
    var findings: [LintFinding] = []
    for index in steps.indices.dropFirst() {
      let (weight, before) = (steps[index].weight, steps[reached].weight)
      let place = LintPlace.step(index, "weight")
      let earlier = LintFinding.Note(.step(reached, "weight"), "\(before) was reached here")
      if weight < before {
        findings.append(
          LintFinding(
            .weightFalls, "canary traffic may not fall between steps",
            at: .init(place, "\(weight) is less than \(before)"), and: [earlier],
            help: "raise this step, or remove it"))
      } else if weight == before {
        findings.append(
          LintFinding(
            .weightRepeated, "canary traffic must rise between steps", at: .init(place, "\(weight) again"),
            and: [earlier], help: "give the earlier step the longer bake, and remove this one"))
      } else {
        reached = index
      }
    }
    return findings
  }
}

/// A step is a part of the traffic: nobody is watched at 0 %, and 100 % is what `bakeAfter` watches.
enum WeightsAreShares: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    (subject.strategy?.steps ?? []).enumerated().compactMap { index, step in
      guard step.weight == .none || step.weight == .all else { return nil }
      return LintFinding(
        .weightNotAShare, "a canary step is a share above 0% and below 100%",
        at: .init(.step(index, "weight"), step.weight == .all ? "this is all of it" : "this is nothing"),
        help: step.weight == .all
          ? "remove the step: all traffic moves after the last one, and 'bakeAfter' watches it"
          : "begin with the smallest share that can be judged, such as 1%")
    }
  }
}

/// Time is spent, not given back.
enum BakesAreNotNegative: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let strategy = subject.strategy else { return [] }
    let bakes = strategy.steps.enumerated().map { (LintPlace.step($0, "bake"), $1.bake) }
    let after = [
      (LintPlace.strategy(strategy, "bakeAfter"), strategy.bakeAfter),
      (LintPlace.strategy(strategy, "keepWarm"), strategy.keepWarm),
    ]
    return (bakes + after).filter { $0.1 < .zero }.map { place, time in
      LintFinding(
        .bakeNegative, "a bake cannot last less than no time", at: .init(place, "\(time) is below zero"),
        help: "remove the sign")
    }
  }
}
