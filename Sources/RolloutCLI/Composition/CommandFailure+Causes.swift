import RolloutAWS
import RolloutCore
import RolloutEngine
import RolloutRuntime

extension CommandFailure {
  /// What any error that reaches a command means to whoever typed it.
  init(_ error: any Error) {
    switch error {
    case let own as CommandFailure: self = own
    case let journal as JournalError: self.init(journal)
    case let registry as RegistryError:
      self.init(
        registry.code == .storageUnavailable ? .storageUnavailable : .failed, registry.message, help: registry.help)
    case let runtime as RuntimeError: self.init(.failed, runtime.message, help: runtime.help)
    case let target as TargetError:
      self.init(target.code == .fenced ? .someoneElseLeads : .failed, target.message)
    case let aws as AWSError: self.init(.failed, aws.description, help: aws.help)
    case let signature as SignatureError: self.init(.failed, signature.message, help: signature.help)
    case let refusal as ApprovalRefusal: self.init(refusal)
    case let refusal as Refusal: self.init(.journalCorrupt, "the journal cannot be followed: \(refusal)")
    case is CancellationError: self.init(.failed, "stopped")
    default: self.init(.failed, String(describing: error))
    }
  }

  private init(_ error: JournalError) {
    let status: ExitStatus =
      switch error.code {
      case .conflict: .someoneElseLeads
      case .storageUnavailable, .unknown: .storageUnavailable
      // What entries name was stored before them: it is not there because somebody or something took it away.
      case .corrupt, .newer, .notFound: .journalCorrupt
      case .inadmissible: .failed
      }
    self.init(status, error.message, help: error.help)
  }

  init(_ refusal: ApprovalRefusal) {
    switch refusal {
    case .evidenceChanged, .otherRollout:
      self.init(.evidenceChanged, refusal.text, help: "look at it again: rollout approve")
    case .expired: self.init(.rejected, refusal.text, help: "start again: rollout apply")
    case .noGate: self.init(.failed, refusal.text, help: "see what is under way: rollout status")
    case .neverApproved: self.init(.failed, refusal.text, help: "see who has: rollout status")
    case .notAnApprover, .ownRollout, .notTheirs:
      self.init(
        .failed, refusal.text,
        help: "one of the approvers runs this command; ROLLOUT_ACTOR names who runs it where the login does not")
    case .unsigned:
      self.init(.failed, refusal.text, help: "sign it: rollout approve --key PATH")
    case .tooManyPeople: self.init(.failed, refusal.text, help: "see who has: rollout status")
    case .alreadyApproved: self.init(.failed, refusal.text, help: "somebody else has to approve it too")
    }
  }
}
