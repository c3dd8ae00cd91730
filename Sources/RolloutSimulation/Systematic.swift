/// Runs in which a driver dies at chosen await points, or a runtime of chosen messages, and nothing else goes wrong.
package struct Systematic: Sendable {
  package struct Finding: Sendable, CustomStringConvertible {
    package var death: Death
    package var violation: Violation
    package var description: String { "\(death.description): \(violation)" }
  }

  /// Who dies where; `-1`: nobody.
  package struct Death: Sendable, CustomStringConvertible {
    /// Await points at which the driver that stands there dies.
    var first = -1
    var second = -1
    /// The message of which each runtime dies, before it saved what it says or after.
    var message = -1
    var afterSaving = false

    package var description: String {
      let drivers = [first, second].filter { $0 >= 0 }.map(String.init).joined(separator: ", ")
      guard message >= 0 else { return "await points \(drivers)" }
      return "message \(message) \(afterSaving ? "saved" : "unsaved"), await points \(drivers)"
    }
  }

  package private(set) var runs = 0
  package private(set) var violations: [Finding] = []

  private let scenario: UInt32
  private let kind: EndpointKind

  /// `scenario`: 0: one stage; 1: two; 2: a first deployment.
  package init(scenario: UInt32 = 0, on kind: EndpointKind = .contract) {
    self.scenario = scenario
    self.kind = kind
  }

  /// Crashes at every await point, and at every pair with one `stride` apart from the first on.
  package mutating func run(pairs: Bool, abortAfter: Int64? = nil, stride: Int = 1) {
    let whole = visit(Death(), abortAfter).awaitPoints
    for first in 1...whole {
      let length = visit(Death(first: first), abortAfter).awaitPoints
      guard pairs, first < length else { continue }
      for second in Swift.stride(from: first + 1, through: length, by: stride) {
        _ = visit(Death(first: first, second: second), abortAfter)
      }
    }
  }

  /// The runtimes of the product's endpoint die of every message, before and after they saved what it says; with
  /// `pairs`, a driver dies at every await point as well.
  package mutating func runRuntimes(pairs: Bool, abortAfter: Int64? = nil) {
    precondition(kind == .machine, "a stand-in has no runtime")
    for afterSaving in [false, true] {
      var message = 1
      while true {
        let death = Death(message: message, afterSaving: afterSaving)
        let simulation = visit(death, abortAfter)
        guard simulation.coverage[.runtimeCrash] > 0 else { break }
        message += 1
        guard pairs else { continue }
        for first in 1...simulation.awaitPoints {
          var both = death
          both.first = first
          _ = visit(both, abortAfter)
        }
      }
    }
  }

  private mutating func visit(_ death: Death, _ abortAfter: Int64?) -> Simulation {
    // The product's endpoint has faults of its own, drawn second.
    let script = kind == .machine ? [0, 0, scenario] : [0, scenario]
    var simulation = Simulation(Choices(script: script), on: kind, nil, false)
    simulation.death = death
    if let abortAfter { simulation.abortAt = abortAfter }
    simulation.run()
    runs += 1
    if let violation = simulation.violation { violations.append(Finding(death: death, violation: violation)) }
    return simulation
  }
}
