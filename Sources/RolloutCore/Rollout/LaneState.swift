/// A service as its journal tells it: the fold of every event so far. Nothing else is state. What decisions depend on is
/// the machine's; this adds the names and the words.
package struct LaneState: Hashable, Codable, Sendable {
  /// Sequence number of the last event folded; 0 for an empty journal.
  package var sequence: UInt64 { machine.sequence }
  package var service: String?
  /// Names this journal among all journals; made once.
  package var lineage: String?
  package var lease: Lease?
  /// The rollout under way, or the last one.
  package var rollout: RolloutState?
  /// Every rollout that ended, oldest first.
  package var past: [PastRollout] = []
  package var environments: [String: EnvironmentState] = [:]
  /// Rollbacks of last resort that this journal was told of, oldest first.
  package internal(set) var emergencies: [RecordedEmergency] = []
  package internal(set) var machine = LaneMachine()

  package init() {}

  package struct Lease: Hashable, Codable, Sendable {
    /// Sequence number of the event that acquired it.
    package var epoch: UInt64
    package var holder: Actor
    package var ttl: TimeSpan
    package var since: Timestamp
    package var why: LeaseReason
  }

  /// How many rollouts and rollbacks ever started; the next one's number.
  package var rolloutsStarted: Int { past.count + (liveRollout == nil ? 0 : 1) }
  package var nextRollout: String { "r\(rolloutsStarted + 1)" }
  package var liveRollout: RolloutState? { rollout.flatMap { $0.isDone ? nil : $0 } }
  package func rollout(named id: String) -> PastRollout? { past.first { $0.id == id } }
}

package struct RecordedEmergency: Hashable, Codable, Sendable {
  package var emergency: Emergency
  /// Of the entry that records it: the fence that breaks its seal.
  package var sequence: UInt64
  /// What it put on its way had not taken over when it was recorded, and no rollout has dealt with that since.
  package var isUnsettled: Bool?
}

/// What is and was live in one environment.
package struct EnvironmentState: Hashable, Codable, Sendable {
  /// Every revision that was ever live, by number, from 1.
  package var revisions: [RevisionRecord] = []
  /// Numbers in the order in which they went live; a rollback removes what it took back. The last one is live.
  package var path: [Int] = []
  /// Revisions taken back by an alarm or a person, newest last.
  package var takenBack: [TakenBack] = []
  /// Since when the live revision has been live; `nil` before the first.
  package internal(set) var liveSince: LiveSince?

  package init() {}

  package struct LiveSince: Hashable, Codable, Sendable {
    /// The rollout or the emergency rollback that made it live; `adopted` for what a new journal found serving.
    package var rollout: String
    package var at: Timestamp

    package init(rollout: String, at: Timestamp) {
      self.rollout = rollout
      self.at = at
    }
  }

  package struct TakenBack: Hashable, Codable, Sendable {
    package var digest: Digest
    package var rollout: String
    package var cause: Cause
  }

  package var live: RevisionRecord? { path.last.flatMap { revision(numbered: $0) } }
  /// What `rollback` goes back to when nothing is under way: what was live before the live one, however often that was
  /// deployed again.
  package var previous: RevisionRecord? {
    path.last { $0 != path.last }.flatMap { revision(numbered: $0) }
  }

  /// Numbers count from 1 without holes, so a record is nearly always found in its place.
  package func revision(numbered number: Int) -> RevisionRecord? {
    let place = number - 1
    if revisions.indices.contains(place), revisions[place].number == number { return revisions[place] }
    return revisions.first { $0.number == number }
  }

  /// The record a newly promoted revision gets: its old number if it was live before.
  package func record(for revision: Revision) -> RevisionRecord {
    revisions.first { $0.revision.digest == revision.digest }
      ?? RevisionRecord(number: revisions.count + 1, revision: revision)
  }
}

package struct PastRollout: Hashable, Codable, Sendable {
  package var id: String
  package var startedAt: Timestamp
  package var endedAt: Timestamp
  package var startedBy: Actor
  package var firstEvent: UInt64
  package var lastEvent: UInt64
  package var plan: Digest?
  /// `staging, production: eye-catcher version 7`.
  package var title: String
  package var outcome: Outcome
}
