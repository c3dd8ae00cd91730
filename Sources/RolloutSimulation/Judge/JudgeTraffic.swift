import RolloutCore

/// Traffic of which everything is judged: errors, latency, labels and who answered, request by request.
package struct JudgeTraffic: Sendable {
  package let name: String
  private var errorRate = 0.001
  private var canaryErrorRate = 0.001
  /// How many times as long as stable the canary takes, and the share of its requests that take half a second.
  private var canarySlowness = 1.0
  private var canaryStalls = 0.0
  /// The share of requests that get the canary's favourite label instead of one of five.
  private var canaryFavourite = 0.0
  /// The share of requests that the router gives to the canary; its coin says 10 %.
  private var canaryShare = 0.1
  /// From minute 5 to 10 both versions take twice as long and have other labels, and a fifth of their requests fail.
  private var hasIncident = false

  private init(_ name: String, _ change: (inout JudgeTraffic) -> Void) {
    self.name = name
    change(&self)
  }

  package static let all = [
    JudgeTraffic("as good as stable") { _ in },
    JudgeTraffic("incident of both versions") { $0.hasIncident = true },
    JudgeTraffic("5 % errors") { $0.canaryErrorRate = 0.05 },
    JudgeTraffic("10 % slower") { $0.canarySlowness = 1.1 },
    JudgeTraffic("20 % slower") { $0.canarySlowness = 1.2 },
    JudgeTraffic("twice as slow") { $0.canarySlowness = 2 },
    JudgeTraffic("20 % faster") { $0.canarySlowness = 0.8 },
    JudgeTraffic("2 % stall for 500 ms") { $0.canaryStalls = 0.02 },
    JudgeTraffic("one label of five only") { $0.canaryFavourite = 1 },
    JudgeTraffic("a favourite label, 20 %") { $0.canaryFavourite = 0.2 },
    JudgeTraffic("gets 12 % of requests") { $0.canaryShare = 0.12 },
  ]

  /// What came of many rollouts. Causes are counted over rollbacks and holds.
  package struct Outcomes: Sendable {
    package private(set) var rollbacks = 0
    package private(set) var holds = 0
    /// Until the first of rollback and hold, or the end.
    package private(set) var canaryRequests = 0
    private var causes: [String: Int] = [:]

    package init() {}

    /// The most frequent cause; of several, the first by name.
    package var cause: String { causes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "-" }

    package mutating func add(_ other: Outcomes) {
      rollbacks += other.rollbacks
      holds += other.holds
      canaryRequests += other.canaryRequests
      causes.merge(other.causes, uniquingKeysWith: +)
    }

    mutating func count(_ judge: Judge) {
      canaryRequests += judge.requests.canary
      if let cause = judge.rollback.cause {
        rollbacks += 1
        causes["\(cause)", default: 0] += 1
      } else if let cause = judge.hold.cause {
        holds += 1
        causes["\(cause)", default: 0] += 1
      }
    }
  }

  private static let requestsPerMinute = 3_000
  private static let minutes = 30

  package func run(seeds: Range<UInt64>) -> Outcomes {
    // Quantiles of the log-normal distribution with median 40 ms and σ = 0.5.
    let latency = LatencyBaseline(p50: 0.04, p90: 0.075_920, p99: 0.128_011)
    let policy = JudgePolicy(
      plannedSeconds: 60 * Double(Self.minutes), baseline: StableBaseline(bad: 30, requests: 30_000), latency: latency,
      labelClasses: 5)
    var outcomes = Outcomes()
    for seed in seeds {
      var random = JudgeRandom(seed: seed)
      var judge = Judge(policy)
      for request in 0..<(Self.requestsPerMinute * Self.minutes) {
        let minute = request / Self.requestsPerMinute
        if request % Self.requestsPerMinute == 0 { judge.advance(toSecond: 60 * Double(minute)) }
        judge.observe(self.request(incident: hasIncident && (5..<10).contains(minute), &random))
        // What follows an incident is of interest too; holds of other kinds end the run.
        if judge.rollback.cause != nil || (judge.hold.cause != nil && !hasIncident) { break }
      }
      outcomes.count(judge)
    }
    return outcomes
  }

  private func request(incident: Bool, _ random: inout JudgeRandom) -> JudgedRequest {
    let arm: Arm = random.uniform() <= canaryShare ? .canary : .stable
    let isCanary = arm == .canary
    let rate = incident ? 0.2 : isCanary ? canaryErrorRate : errorRate
    var seconds = 0.04 * Natural.exp(0.5 * random.normal()) * (incident ? 2 : 1)
    if isCanary { seconds = random.uniform() <= canaryStalls ? 0.5 : seconds * canarySlowness }
    let favourite = incident ? 0.5 : isCanary ? canaryFavourite : 0
    let label = random.uniform() <= favourite ? 3 : Int(random.uniform() * 4.999_999_999)
    return JudgedRequest(
      arm, canaryProbability: 0.1, isBad: random.uniform() <= rate, seconds: seconds, label: label)
  }
}
