import ArgumentParser

/// Where the engine is tried without a world: by simulation and by checking every state of a model.
@main
struct Lab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout-lab", abstract: "Tries the rollout engine against everything that can go wrong.",
    subcommands: [Simulate.self, CheckModel.self, TryJudge.self])
}
