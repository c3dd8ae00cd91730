import ArgumentParser

struct RolloutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout",
    abstract: "Takes a registered model to production without hurting anyone.",
    discussion: """
      Exit codes: 0 done, 1 failed, 2 plan has changes (--detailed-exitcode), 3 waiting for approval, 4 rolled back,
      5 someone else leads, 6 stale plan, 7 rejected or expired, 8 evidence changed since it was reviewed,
      9 quarantined, 64 usage, 65 invalid files, 70 journal corrupt or newer, 74 state storage unavailable.
      """,
    version: programVersion,
    subcommands: [
      InitCommand.self, ValidateCommand.self, PlanCommand.self, ApplyCommand.self, ApproveCommand.self,
      RejectCommand.self, RevokeCommand.self, RollbackCommand.self, StatusCommand.self, HistoryCommand.self,
      ShowCommand.self,
      PauseCommand.self, ResumeCommand.self, PromoteCommand.self, AbortCommand.self, ModelsCommand.self,
      RuntimeCommand.self, VerifyCommand.self, ExplainCommand.self, SchemaCommand.self, CompletionsCommand.self,
    ])
}

/// The whole program: parses the arguments, runs the command, ends the process with its exit code.
package func runRollout() async { await RolloutCommand.main() }
