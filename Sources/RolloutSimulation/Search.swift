/// Looks for a seed that breaks an invariant.
package struct Search: Sendable {
  /// The first seed that did, how many were tried, and what it broke.
  package struct Finding: Sendable {
    package var seed: UInt64
    package var tried: Int
    package var violation: Violation
  }

  package var mutant: Mutant?
  /// Looks only for harm: rules of form are not judged.
  package var ignoresStructure: Bool

  package init(mutant: Mutant?, ignoringStructure: Bool = false) {
    self.mutant = mutant
    ignoresStructure = ignoringStructure
  }

  package func run(from start: UInt64, atMost limit: Int) -> Finding? {
    var simulation = Simulation(seed: start, mutant: mutant, ignoringStructure: ignoresStructure)
    for offset in 0..<limit {
      let seed = start &+ UInt64(offset)
      simulation.restart(seed: seed)
      simulation.run()
      if let violation = simulation.violation { return Finding(seed: seed, tried: offset + 1, violation: violation) }
    }
    return nil
  }
}

/// What many runs showed together.
package struct Campaign: Sendable {
  package private(set) var runs = 0
  package private(set) var rollouts = 0
  package private(set) var events = 0
  package private(set) var awaitPoints = 0
  package private(set) var coverage = Coverage()
  package private(set) var violations: [Search.Finding] = []
  /// Over every journal, in order of seeds: equal for equal runs.
  package private(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  package mutating func run(seeds: Range<UInt64>) {
    var simulation = Simulation(seed: seeds.lowerBound)
    for seed in seeds {
      simulation.restart(seed: seed)
      simulation.run()
      runs += 1
      rollouts += simulation.rollouts
      events += simulation.events
      awaitPoints += simulation.awaitPoints
      fingerprint = (fingerprint ^ simulation.fingerprint) &* 0x0000_0100_0000_01b3
      if let violation = simulation.violation {
        violations.append(Search.Finding(seed: seed, tried: runs, violation: violation))
      }
    }
    coverage.add(simulation.coverage)
  }

  package mutating func add(_ other: Campaign) {
    runs += other.runs
    rollouts += other.rollouts
    events += other.events
    awaitPoints += other.awaitPoints
    coverage.add(other.coverage)
    violations += other.violations
    fingerprint = (fingerprint ^ other.fingerprint) &* 0x0000_0100_0000_01b3
  }
}

/// A run in which a driver dies at chosen await points and nothing else goes wrong.
package struct Systematic: Sendable {
  package private(set) var runs = 0
  package private(set) var violations: [(first: Int, second: Int, violation: Violation)] = []

  private let scenario: UInt32

  /// 0: one stage; 1: two; 2: a first deployment.
  package init(scenario: UInt32 = 0) { self.scenario = scenario }

  /// Crashes at every await point, and at every pair with one `stride` apart from the first on.
  package mutating func run(pairs: Bool, abortAfter: Int64? = nil, stride: Int = 1) {
    let whole = visit(-1, -1, abortAfter)
    for first in 1...whole {
      let length = visit(first, -1, abortAfter)
      guard pairs, first < length else { continue }
      for second in Swift.stride(from: first + 1, through: length, by: stride) { _ = visit(first, second, abortAfter) }
    }
  }

  private mutating func visit(_ first: Int, _ second: Int, _ abortAfter: Int64?) -> Int {
    var simulation = Simulation(Choices(script: [0, scenario]), nil, false)
    simulation.crashPoints = (first, second)
    if let abortAfter { simulation.abortAt = abortAfter }
    simulation.run()
    runs += 1
    if let violation = simulation.violation { violations.append((first, second, violation)) }
    return simulation.awaitPoints
  }
}
