import RolloutCore

extension Simulation {
  /// What is remembered for judging, and known to nobody inside.
  struct Watch {
    /// What people who approved had before their eyes.
    var seen: [(rollout: Int, plan: Token, root: Token)] = []
    var abortedAt: Int64 = -1
    var abortedRollout = 0
    /// Long waits that a bound on time cannot hold for.
    var hasLongWait = false
    var gateRead = 0
    var approvals = 0
    var proofs: UInt64 = 0
    var lastEpoch: UInt64 = 0
    var skippedBake = false
    var asked = false
    var judged = 0
    /// One for each stage.
    var shares = InlineArray<2, Share>(repeating: Share())
    var seals = InlineArray<2, Seal>(repeating: Seal())

    /// What became of the shares that an endpoint was told to give.
    struct Share {
      /// The order behind the one that is given, and the newest one whose share is gone: it never comes back.
      var grant: UInt64 = 0
      var goneGrant: UInt64 = 0
      /// The rollout whose last order here was to restore.
      var restoredRollout = 0

      init() {}
    }

    /// What somebody did by hand at an endpoint.
    struct Seal {
      var isSet = false
      /// It could not be kept, and its runtime died: the endpoint is as it was before.
      var isForgotten = false
      /// What the last one put in the place of what served, and what any of them did.
      var restored: Token?
      var serves: Token?
      /// The entry that tells of it; 0: none does.
      var recordedAt: UInt64 = 0

      init() {}
      init(restored: Token?, serves: Token?) {
        isSet = true
        self.restored = restored
        self.serves = serves
      }
    }
  }
}
