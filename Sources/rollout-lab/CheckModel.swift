import ArgumentParser
import Glibc
import RolloutModelCheck

struct CheckModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-model",
    abstract: "Visits every state of small worlds, breadth first, and tries recovery from each.")

  @Flag(help: "The large worlds too; they take minutes and gigabytes.")
  var large = false

  @Option(help: "Only worlds whose name contains this.")
  var world = ""

  @Flag(help: "Build mistakes into the smallest worlds instead, and find what they do.")
  var controls = false

  func run() throws {
    if controls { return try findMistakes() }
    var isSound = true
    var states = 0
    for configuration in Configuration.small + (large ? Configuration.large : [])
    where world.isEmpty || configuration.name.contains(world) {
      let before = ProcessTime.seconds
      let report = Check(configuration).run()
      let seconds = ProcessTime.seconds - before
      states += report.states
      print(
        "\(configuration.name): \(report.states) states, depth \(report.depth), \((seconds * 100).rounded() / 100) s CPU"
      )
      // A long check shows what it has.
      fflush(nil)
      guard let violation = report.violation else { continue }
      isSound = false
      show(violation)
    }
    print("\(states) states, \(isSound ? "0 violations" : "VIOLATED")")
    if !isSound { throw ExitCode.failure }
  }

  private func findMistakes() throws {
    for control in Control.allCases {
      let report = Check(.forControls(control), control: control).run()
      guard let violation = report.violation else {
        print("\(control.rawValue): NOT FOUND in \(report.states) states")
        throw ExitCode.failure
      }
      print("\(control.rawValue): found after \(report.states) states")
      show(violation)
    }
  }

  private func show(_ violation: (trace: [Action], text: String)) {
    for action in violation.trace { print("  \(action)") }
    print("  \(violation.text)")
  }
}
