import RolloutCore

/// What the simulated rollouts are about.
struct Scenario {
  let course: Course
  let isFirst: Bool
  var count: Int { course.stages.count }

  static let pace = DriverMachine.Pace(poll: .seconds(5))
  static let lastBake: Int64 = 15_000

  private static func stage(_ index: Int, base: Token?) -> Course.Stage {
    Course.Stage(
      steps: [
        .verify, .approve, .prepare(within: .minutes(5)), .smoke, .shift(Percent(10) ?? .none), .bake(.seconds(10)),
        .shift(.all), .bake(.milliseconds(lastBake)), .promote,
      ],
      revision: revision(index), base: base,
      gate: Course.GateRule(minimum: 1, selfApproval: false, lasts: .minutes(30)))
  }

  private static let single = Scenario(course: Course(stages: [stage(0, base: base(0))]), isFirst: false)
  private static let first = Scenario(course: Course(stages: [stage(0, base: nil)]), isFirst: true)
  private static let double = Scenario(
    course: Course(stages: [
      Course.Stage(
        steps: [.verify, .prepare(within: .minutes(5)), .smoke, .shift(.all), .promote], revision: revision(0),
        base: base(0)),
      stage(1, base: base(1)),
    ]), isFirst: false)

  static func stages(_ choice: UInt32) -> Scenario { choice == 0 ? single : choice == 1 ? double : first }

  static func revision(_ stage: Int, _ number: Int = 2) -> Token {
    Token(1 << 32 | UInt64(stage) << 16 | UInt64(number))
  }
  static func base(_ stage: Int) -> Token { revision(stage, 1) }
  static func plan(_ number: Int) -> Token { Token(2 << 32 | UInt64(number)) }
  static func root(_ number: UInt64) -> Token { Token(3 << 32 | number) }
}
