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
  /// What the endpoints are; `nil`: where the mutant is, or what each seed has.
  package var kind: EndpointKind?

  package init(mutant: Mutant?, on kind: EndpointKind? = nil, ignoringStructure: Bool = false) {
    self.mutant = mutant
    self.kind = kind
    ignoresStructure = ignoringStructure
  }

  package func run(from start: UInt64, atMost limit: Int) -> Finding? {
    var simulation = Simulation(seed: start, on: kind, mutant: mutant, ignoringStructure: ignoresStructure)
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

  /// What the endpoints are; `nil`: what each seed has.
  package let kind: EndpointKind?

  package init(on kind: EndpointKind? = nil) { self.kind = kind }

  /// What should have been seen and was not.
  package var missing: [Sight] {
    let kinds = kind.map { [$0] } ?? EndpointKind.allCases
    return Sight.allCases.filter { sight in coverage[sight] == 0 && kinds.contains { sight.isPossible(on: $0) } }
  }

  package mutating func run(seeds: Range<UInt64>) {
    var simulation = Simulation(seed: seeds.lowerBound, on: kind)
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
