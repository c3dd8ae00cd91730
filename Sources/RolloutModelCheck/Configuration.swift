/// How much may go wrong in one world.
package struct Configuration: Hashable, Sendable {
  package var name: String
  /// Drivers there are from the start.
  package var drivers: Int
  /// On-call may abort, and then takes the turn.
  package var hasOnCall: Bool
  package var crashes: Int
  /// Messages, to the target or to the journal, that are lost, late, doubled, or without an answer.
  package var faultyMessages: Int
  /// Drivers that may be started later.
  package var respawns: Int
  /// Living holders of the lease that are taken for dead.
  package var suspicions: Int
  /// Alarms and failing proofs.
  package var badNews: Int
  /// Shares that run out although their driver lives.
  package var lapses: Int
  /// Times that somebody goes straight at the endpoint.
  package var emergencies: Int

  package init(
    _ name: String, drivers: Int, onCall: Bool = false, crashes: Int, faultyMessages: Int, respawns: Int,
    suspicions: Int = 0, badNews: Int = 0, lapses: Int = 0, emergencies: Int = 0
  ) {
    self.name = name
    self.drivers = drivers
    hasOnCall = onCall
    self.crashes = crashes
    self.faultyMessages = faultyMessages
    self.respawns = respawns
    self.suspicions = suspicions
    self.badNews = badNews
    self.lapses = lapses
    self.emergencies = emergencies
  }

  package static let small = [
    Configuration("1 driver, crash", drivers: 1, crashes: 1, faultyMessages: 0, respawns: 1),
    Configuration("1 driver, message", drivers: 1, crashes: 0, faultyMessages: 1, respawns: 0),
    Configuration("1 driver, lapses", drivers: 1, crashes: 0, faultyMessages: 0, respawns: 0, lapses: 3),
    Configuration("1 driver, crash, bad news", drivers: 1, crashes: 1, faultyMessages: 0, respawns: 1, badNews: 1),
    Configuration("2 drivers", drivers: 2, crashes: 0, faultyMessages: 0, respawns: 0),
    Configuration("driver + on-call", drivers: 1, onCall: true, crashes: 0, faultyMessages: 0, respawns: 0),
    Configuration("1 driver, emergency", drivers: 1, crashes: 0, faultyMessages: 0, respawns: 0, emergencies: 1),
  ]

  /// The smallest world in which each mistake can show.
  package static func forControls(_ control: Control) -> Configuration {
    switch control {
    case .noFencing: Configuration("late order", drivers: 1, crashes: 1, faultyMessages: 1, respawns: 1)
    case .takeoverTrustsStartedStep, .takeoverCountsAsFailure:
      Configuration("takeover", drivers: 1, crashes: 1, faultyMessages: 0, respawns: 1)
    case .promotesLapsedCanary:
      Configuration("lapse", drivers: 1, crashes: 0, faultyMessages: 0, respawns: 0, lapses: 1)
    case .sealIgnored:
      Configuration("emergency", drivers: 1, crashes: 0, faultyMessages: 0, respawns: 0, emergencies: 1)
    case .abortIgnoredWhilePromoting:
      Configuration("abort", drivers: 1, onCall: true, crashes: 0, faultyMessages: 0, respawns: 0)
    }
  }

  package static let large = [
    Configuration("1 driver (1/1/1)", drivers: 1, crashes: 1, faultyMessages: 1, respawns: 1),
    Configuration("2 drivers (1/0/1)", drivers: 2, crashes: 1, faultyMessages: 0, respawns: 1),
    Configuration(
      "1 driver, emergency (0/0/1)", drivers: 1, crashes: 0, faultyMessages: 0, respawns: 1, emergencies: 1),
    Configuration(
      "1 driver, emergency (1/1/1)", drivers: 1, crashes: 1, faultyMessages: 1, respawns: 1, emergencies: 1),
    Configuration(
      "driver + on-call, emergency (0/0/0)", drivers: 1, onCall: true, crashes: 0, faultyMessages: 0, respawns: 0,
      emergencies: 1),
    Configuration("2 drivers, taken for dead", drivers: 2, crashes: 0, faultyMessages: 0, respawns: 0, suspicions: 1),
    Configuration("driver + on-call (1/0/1)", drivers: 1, onCall: true, crashes: 1, faultyMessages: 0, respawns: 1),
    Configuration("driver + on-call (0/1/0)", drivers: 1, onCall: true, crashes: 0, faultyMessages: 1, respawns: 0),
    Configuration("driver + on-call (1/1/1)", drivers: 1, onCall: true, crashes: 1, faultyMessages: 1, respawns: 1),
    Configuration("2 drivers + on-call (0/1/0)", drivers: 2, onCall: true, crashes: 0, faultyMessages: 1, respawns: 0),
    Configuration("2 drivers + on-call (1/0/1)", drivers: 2, onCall: true, crashes: 1, faultyMessages: 0, respawns: 1),
  ]
}
