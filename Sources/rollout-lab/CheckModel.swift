import ArgumentParser
import RolloutModelCheck

struct CheckModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-model", abstract: "Visits every state of small worlds, breadth first.")

  func run() throws {}
}
