import RolloutCore

extension Shape where Value == StrategyWords {
  static var strategy: Shape {
    .oneOf(
      "How traffic moves to a new revision.",
      [
        ("canary", .canary, "A small share first, then more."), ("linear", .linear, "Equal steps, one after another."),
        ("rolling", .rolling, "Instances replaced in batches; only on SageMaker."),
        ("allAtOnce", .allAtOnce, "Everything at once."),
      ])
  }

  private static var canary: Shape {
    .object(
      "A small share first, then more.",
      Field.required("steps", .list(.step, minimum: 1, maximum: 50), "The shares, each larger than the one before."),
      bakeAfter, keepWarm
    ) { .canary($0, bakeAfter: $1, keepWarm: $2) }
  }

  private static var linear: Shape {
    .object(
      "Equal steps, one after another, up to everything.",
      Field.required(
        "step", Shape<Percent>.share(1...50), "The share of requests by which each step grows; on SageMaker 10% to 50%."
      ),
      Field.required("bake", .duration, standIn: .hours(1), "How long the alarms watch each step."),
      bakeAfter, keepWarm
    ) { .linear(step: $0, bake: $1, bakeAfter: $2, keepWarm: $3) }
  }

  private static var rolling: Shape {
    .object(
      "Instances replaced in batches, without a second fleet beside the old one.",
      Field.required("batch", Shape<Percent>.share(5...50), "The share of instances that are replaced together."),
      Field.required("bake", .duration, standIn: .hours(1), "How long the alarms watch each batch.")
    ) { .rolling(batch: $0, bake: $1) }
  }

  private static var allAtOnce: Shape {
    .object("Everything at once, after the smoke tests.", bakeAfter, keepWarm) {
      .allAtOnce(bakeAfter: $0, keepWarm: $1)
    }
  }

  private static var bakeAfter: Field<TimeSpan> {
    .optional(
      "bakeAfter", .duration, default: .zero, written: "0s",
      "How long the alarms watch at 100 %, with the old revision kept warm, before the rollout is done.")
  }

  private static var keepWarm: Field<TimeSpan?> {
    .optional(
      "keepWarm", .duration,
      "How long the old revision stays warm after the rollout is done, so that a rollback needs no start-up; 1h unless "
        + "given. SageMaker keeps it for 'bakeAfter' only.")
  }
}

extension Shape where Value == Strategy.Step {
  static var step: Shape {
    .object(
      "A share of traffic, and how long it is watched.",
      Field.required("weight", .percent, "The share of requests that the new revision gets."),
      Field.required("bake", .duration, standIn: .hours(1), "How long the alarms watch it.")
    ) { Strategy.Step(weight: $0, bake: $1) }
  }
}

extension Shape where Value == Percent {
  /// A share with bounds of its own, in per cent.
  static func share(_ range: ClosedRange<Double>) -> Shape {
    let (low, high) = (shortNumber(range.lowerBound), shortNumber(range.upperBound))
    return percent.refined { share, node, reading in
      if range.contains(share.value) { return share }
      reading.reportRange(
        node, "must be a share from \(low)% to \(high)%", help: "write \(share.value < range.lowerBound ? low : high)%")
      return nil
    }
  }
}
