/// Traffic to a new revision only grows: a step back would be a rollback, which no strategy decides.
enum WeightsRise: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let words = subject.words else { return [] }
    let steps = words.strategy.steps
    guard var reached = steps.indices.first else { return [] }
    var findings: [LintFinding] = []
    for index in steps.indices.dropFirst() {
      let (weight, before) = (steps[index].weight, steps[reached].weight)
      let place = words.share(ofStep: index)
      let earlier = LintFinding.Note(words.share(ofStep: reached), "\(before) was reached here")
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
    guard let words = subject.words else { return [] }
    return words.strategy.steps.enumerated().compactMap { index, step in
      guard step.weight == .none || step.weight == .all else { return nil }
      return LintFinding(
        .weightNotAShare, "a canary step is a share above 0% and below 100%",
        at: .init(words.share(ofStep: index), step.weight == .all ? "this is all of it" : "this is nothing"),
        help: step.weight == .all
          ? "remove the step: all traffic moves after the last one, and 'bakeAfter' watches it"
          : "begin with the smallest share that can be judged, such as 1%")
    }
  }
}

/// Time is spent, not given back.
enum BakesAreNotNegative: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let words = subject.words else { return [] }
    let strategy = words.strategy
    var times = strategy.steps.enumerated().map { (place: words.bake(ofStep: $0), time: $1.bake) }
    times.append((words.bake(ofStep: nil), strategy.bakeAfter))
    times.append((words.keepWarmPlace, strategy.keepWarm))
    var seen: Set<LintPlace> = []
    return times.filter { $0.time < .zero && seen.insert($0.place).inserted }.map { place, time in
      LintFinding(
        .bakeNegative, "a bake cannot last less than no time", at: .init(place, "\(time) is below zero"),
        help: "remove the sign")
    }
  }
}
