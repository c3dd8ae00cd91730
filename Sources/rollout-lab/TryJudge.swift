import ArgumentParser
import Glibc
import RolloutCore
import RolloutSimulation

struct TryJudge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge",
    abstract: "Measures the judge: exposure over what is possible, false rollbacks, and what a request costs.")

  @Option(help: "How many rollouts per cell.")
  var runs: UInt64 = 10_000

  @Option(help: "The first seed.")
  var from: UInt64 = 0

  @Flag(help: "Only what a request costs.")
  var cost = false

  func run() async throws {
    try measureCost()
    guard !cost else { return }
    let policy = JudgePolicy(plannedSeconds: 3_600)
    let before = ProcessTime.seconds
    let regressions = await summaries(JudgeCell.regressions, policy)
    let simulated = ProcessTime.seconds - before
    show(regressions, policy, title: "regressions from the first minute")
    print("\(Int(Double(regressions.count) * Double(runs) / simulated)) rollouts per CPU second\n")
    let late = await summaries(JudgeCell.lateRegressions, policy)
    show(late, policy, title: "regressions that begin late")
    showNulls(await summaries(JudgeCell.nulls, policy))
    showIncidents(await summaries(JudgeCell.incidents, policy))
    await showWhole(runs: max(runs / 20, 1))
  }

  /// In the order of the cells; cells are simulated side by side.
  private func summaries(_ cells: [JudgeCell], _ policy: JudgePolicy) async -> [JudgeSummary] {
    let seeds = from..<(from + runs)
    return await withTaskGroup(of: (Int, JudgeSummary).self) { group in
      for (index, cell) in cells.enumerated() {
        group.addTask {
          var summary = JudgeSummary(cell)
          summary.run(seeds: seeds, policy: policy)
          return (index, summary)
        }
      }
      var results: [(Int, JudgeSummary)] = []
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}

// MARK: - Tables

extension TryJudge {
  private func show(_ summaries: [JudgeSummary], _ policy: JudgePolicy, title: String) {
    let alpha = policy.falseRollback
    print("\(title), \(runs) rollouts a cell, weight 10 %")
    row(["onset", "req/min", "stable", "canary", "P", "median min", "requests", "errors", "bound", "x bound"])
    for summary in summaries {
      let cell = summary.cell
      row([
        "\(cell.onsetMinute)", shortNumber(cell.requestsPerMinute), percent(cell.stableRate), percent(cell.canaryRate),
        number(summary.rollbackRate, 4), summary.medianMinutesToRollback.map { number($0, 3) } ?? "-",
        number(summary.meanCanaryRequests, 1), number(summary.meanCanaryErrors, 2),
        number(cell.bound.canaryRequests(falseRollback: alpha), 1), number(summary.overBound(falseRollback: alpha), 2),
      ])
    }
    let found = summaries.filter { $0.rollbackRate >= 0.99 }.map { $0.overBound(falseRollback: alpha) }
    print(
      "\(found.count) of \(summaries.count) cells found with P >= 0.99: geometric mean"
        + " \(number(found.geometricMean, 3)) x bound, worst \(number(found.max() ?? 0, 2))")
    let broken = summaries.filter { $0.cell.canaryRate == 1 }.map(\.meanCanaryErrors)
    if !broken.isEmpty { print("canary that fails everything: at most \(number(broken.max() ?? 0, 3)) errors") }
    print("")
  }

  private func showNulls(_ summaries: [JudgeSummary]) {
    print("canaries as good as stable, \(runs) rollouts a cell")
    row(["req/min", "both", "false rollback"])
    for summary in summaries {
      row([
        shortNumber(summary.cell.requestsPerMinute), percent(summary.cell.stableRate), number(summary.rollbackRate, 4),
      ])
    }
    print("at most \(number(summaries.map(\.rollbackRate).max() ?? 0, 4))\n")
  }

  private func showIncidents(_ summaries: [JudgeSummary]) {
    print("incident of both versions in minutes 5 to 10, \(runs) rollouts a cell")
    row(["req/min", "rate", "false rollback", "held", "median s"])
    for summary in summaries {
      row([
        shortNumber(summary.cell.requestsPerMinute), percent(summary.cell.incident?.rate ?? 0),
        number(summary.rollbackRate, 4), number(summary.holdRate, 4),
        summary.medianMinutesToHold.map { number($0 * 60, 1) } ?? "-",
      ])
    }
  }

  /// Errors, latency, labels and the sample ratio together.
  private func showWhole(runs: UInt64) async {
    print("\nthe whole judge, request by request: 3000 a minute for 30 minutes, weight 10 %, \(runs) rollouts a line")
    row(["rolled back", "held", "requests", "most often because", "", "canary"])
    for traffic in JudgeTraffic.all {
      let outcomes = await withTaskGroup(of: JudgeTraffic.Outcomes.self) { group in
        let half = from + runs / 2
        for seeds in [from..<half, half..<(from + runs)] { group.addTask { traffic.run(seeds: seeds) } }
        var whole = JudgeTraffic.Outcomes()
        for await part in group { whole.add(part) }
        return whole
      }
      row([
        number(Double(outcomes.rollbacks) / Double(runs), 4), number(Double(outcomes.holds) / Double(runs), 4),
        number(Double(outcomes.canaryRequests) / Double(runs), 1), outcomes.cause, "", traffic.name,
      ])
    }
  }

  private func row(_ fields: [String]) {
    print(fields.map { String(repeating: " ", count: max(0, 15 - $0.count)) + $0 }.joined())
  }

  private func percent(_ rate: Double) -> String { shortNumber((rate * 1e6).rounded() / 1e4) + "%" }

  private func number(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let whole = Int((value * scale).rounded())
    let fraction = String(whole % Int(scale))
    return "\(whole / Int(scale))"
      + (digits == 0 ? "" : "." + String(repeating: "0", count: digits - fraction.count) + fraction)
  }
}

// MARK: - What a request costs

extension TryJudge {
  private static let requestCount = 1 << 16
  private static let rounds = 100

  private func measureCost() throws {
    let plain = JudgePolicy(baseline: StableBaseline(bad: 30, requests: 30_000))
    var full = plain
    full.latency = LatencyBaseline(p50: 0.04, p90: 0.08, p99: 0.13)
    var labelled = full
    labelled.labelClasses = 5
    let few = requests(errorRate: 0.001)
    let many = requests(errorRate: 0.2)
    print("what a request costs, ns of processor time (best of five)")
    var evidence = RelativeEvidence(schedule: .restarting(plannedEpochs: 20))
    cost("one error, relative evidence only", few, &evidence) {
      $0.observe(errorOf: $1.arm, canaryProbability: $1.canaryProbability)
    }
    for (title, policy, requests) in [
      ("judge, 0.1 % errors", plain, few), ("judge, 20 % errors", plain, many),
      ("judge with latency, 0.1 % errors", full, few), ("judge with latency and labels", labelled, few),
    ] {
      var judge = Judge(policy)
      judge.beginStage(margin: 0.01)
      cost(title, requests, &judge) { $0.observe($1) }
    }
    print("")
  }

  private func cost<State>(
    _ title: String, _ requests: [JudgedRequest], _ state: inout State,
    _ observe: (inout State, JudgedRequest) -> Void
  ) {
    var best = Double.infinity
    for _ in 0..<5 {
      let before = ProcessTime.seconds
      for _ in 0..<Self.rounds / 5 { for request in requests { observe(&state, request) } }
      let seconds = ProcessTime.seconds - before
      best = min(best, seconds / Double(Self.rounds / 5 * requests.count) * 1e9)
    }
    print("  " + number(best, 1) + "  " + title)
  }

  /// Both versions err and answer alike.
  private func requests(errorRate: Double) -> [JudgedRequest] {
    var random = SplitMix(seed: 1)
    return (0..<Self.requestCount).map { _ in
      JudgedRequest(
        Double.random(in: 0..<1, using: &random) < 0.1 ? .canary : .stable, canaryProbability: 0.1,
        isBad: Double.random(in: 0..<1, using: &random) < errorRate,
        seconds: 0.04 * Natural.exp(Double.random(in: -1..<1.2, using: &random)),
        label: Int.random(in: 0..<5, using: &random))
    }
  }
}
