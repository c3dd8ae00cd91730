import ArgumentParser
package import RolloutCore

/// What a command's end means to the script that called it. A contract: numbers never change.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case planHasChanges = 2
  case waitingForApproval = 3
  case rolledBack = 4
  case someoneElseLeads = 5
  case stalePlan = 6
  case rejected = 7
  case evidenceChanged = 8
  case quarantined = 9
  case usage = 64
  case invalidFiles = 65
  case journalCorrupt = 70
  case storageUnavailable = 74

  package init(_ outcome: Outcome) {
    self =
      switch outcome {
      case .promoted: .done
      case .rolledBack: .rolledBack
      case .failed: .failed
      case .rejected: .rejected
      }
  }

  package init(_ ending: Driver.Ending) {
    self =
      switch ending {
      case .nothingToDo: .done
      case .done(let outcome): ExitStatus(outcome)
      case .waitingForApproval: .waitingForApproval
      case .someoneElseLeads: .someoneElseLeads
      case .quarantined: .quarantined
      case .sealed: .someoneElseLeads
      }
  }

  var code: ExitCode { ExitCode(rawValue) }
}

/// A command that cannot do what it was asked: what is wrong, what to do about it, and how to exit.
package struct CommandFailure: Error, Hashable, Sendable {
  package var status: ExitStatus
  package var message: String
  package var help: String?

  package init(_ status: ExitStatus, _ message: String, help: String? = nil) {
    self.status = status
    self.message = message
    self.help = help
  }
}
