/// Makes the choices of a run that broke something as few as they can be.
package struct Shrinking: Sendable {
  package private(set) var script: [UInt32]
  package private(set) var tries = 0
  package private(set) var violation: Violation
  private let mutant: Mutant?
  private let kind: EndpointKind
  private let ignoresStructure: Bool

  /// `nil` when the seed breaks nothing.
  package init?(
    seed: UInt64, on kind: EndpointKind? = nil, mutant: Mutant? = nil, ignoringStructure: Bool = false
  ) {
    var simulation = Simulation(
      seed: seed, on: kind, mutant: mutant, ignoringStructure: ignoringStructure, recording: true)
    simulation.run()
    guard let violation = simulation.violation else { return nil }
    self.violation = violation
    self.mutant = mutant
    self.kind = simulation.kind
    ignoresStructure = ignoringStructure
    script = simulation.script
  }

  package var mishaps: Int { script.count { $0 != 0 } }

  /// Deletes and zeroes ever smaller pieces for as long as the same invariant breaks.
  package mutating func run() {
    trimEnd()
    var size = max(1, script.count / 2)
    while size >= 1 {
      var start = 0
      while start < script.count {
        let range = start..<min(start + size, script.count)
        if !attempt({ $0.removeSubrange(range) }) {
          _ = attempt { for index in range { $0[index] = 0 } }
          start += size
        }
      }
      size /= 2
    }
    for index in script.indices where script[index] > 1 {
      _ = attempt { $0[index] = 1 } || attempt { $0[index] /= 2 }
    }
    trimEnd()
  }

  private mutating func trimEnd() {
    while script.last == 0 { script.removeLast() }
  }

  private mutating func attempt(_ change: (inout [UInt32]) -> Void) -> Bool {
    var candidate = script
    change(&candidate)
    guard candidate != script else { return false }
    tries += 1
    guard let found = Self.replay(candidate, on: kind, mutant, ignoresStructure).violation,
      found.invariant == violation.invariant
    else { return false }
    script = candidate
    violation = found
    return true
  }

  package static func replay(
    _ script: [UInt32], on kind: EndpointKind = .contract, _ mutant: Mutant? = nil, _ ignoresStructure: Bool = false
  ) -> Simulation {
    var simulation = Simulation(Choices(script: script), on: kind, mutant, ignoresStructure)
    simulation.run()
    return simulation
  }

  /// The run that is left, told in order.
  package var story: String { Self.replay(script, on: kind, mutant, ignoresStructure).story }
}
