import ArgumentParser
import Glibc
import RolloutSimulation

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Simulates rollouts that everything happens to, and looks for one that hurts somebody.")

  @Option(help: "Replay one seed: its journal, entry by entry, and what it broke, made as small as it gets.")
  var seed: UInt64?

  @Option(help: "How many seeds to try.")
  var seeds: UInt64 = 1_000_000

  @Option(help: "The first seed.")
  var from: UInt64 = 0

  @Option(
    help: "What endpoints are: contract (a stand-in) or machine (the product's own). Else each seed has its kind.")
  var endpoint: EndpointKind?

  @Flag(help: "Search for each of the bugs built in instead, twenty times each.")
  var mutants = false

  @Flag(help: "Crash at every await point and message, and at every pair of them, instead.")
  var systematic = false

  @Flag(help: "Give the stand-in and the product's endpoint the same orders instead, and compare what they do.")
  var compare = false

  @Option(help: "With --seed or --mutants: this bug only.")
  var mutant: String?

  func run() async throws {
    if let seed { return try replay(seed) }
    if mutants { return try searchMutants() }
    if systematic { return try crashEverywhere() }
    if compare { return try compareEndpoints() }
    try await campaign()
  }
}

// MARK: - What it does

extension Simulate {
  private func campaign() async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let cpuBefore = ProcessTime.seconds
    let chunk: UInt64 = 50_000
    let starts = stride(from: from, to: from + seeds, by: Int(chunk)).map { $0 }
    let end = from + seeds
    var whole = Campaign(on: endpoint)
    try await withThrowingTaskGroup(of: (Int, Campaign).self) { group in
      for (index, first) in starts.enumerated() {
        group.addTask { [endpoint] in
          var campaign = Campaign(on: endpoint)
          campaign.run(seeds: first..<min(first + chunk, end))
          return (index, campaign)
        }
      }
      var parts: [Int: Campaign] = [:]
      for try await (index, part) in group { parts[index] = part }
      for index in starts.indices { if let part = parts[index] { whole.add(part) } }
    }
    let cpu = ProcessTime.seconds - cpuBefore
    print("\(whole.runs) seeds, \(whole.rollouts) rollouts, \(whole.events) entries, \(whole.awaitPoints) await points")
    print("\(start.duration(to: clock.now)), \(Int(Double(whole.rollouts) / cpu)) rollouts per CPU second")
    print("journals \(String(whole.fingerprint, radix: 16))")
    for sight in Sight.allCases { print("  \(sight)  \(whole.coverage[sight])") }
    for finding in whole.violations.prefix(20) {
      // A seed has its endpoint, unless it was given another one.
      let other = endpoint.map { " --endpoint \($0.rawValue)" } ?? ""
      print("seed \(finding.seed)\(other): \(finding.violation)")
    }
    print("\(whole.violations.count) violations")
    if !whole.missing.isEmpty { print("never seen: \(whole.missing)") }
    if !whole.violations.isEmpty || !whole.missing.isEmpty { throw ExitCode.failure }
  }

  private func compareEndpoints() throws {
    var comparison = EndpointComparison()
    comparison.run(seeds: from..<from + min(seeds, 100_000))
    print("\(comparison.runs) runs, \(comparison.answers) answers")
    for (kind, count) in comparison.kinds.sorted(by: { $0.key < $1.key }) { print("  \(kind)  \(count)") }
    for difference in comparison.differences.prefix(20) { print(difference) }
    print("\(comparison.differences.count) differences")
    if !comparison.differences.isEmpty { throw ExitCode.failure }
  }

  private func replay(_ seed: UInt64) throws {
    let bug = try chosen()
    guard var shrinking = Shrinking(seed: seed, on: endpoint, mutant: bug) else {
      var simulation = Simulation(seed: seed, on: endpoint, mutant: bug, recording: true)
      simulation.run()
      print(simulation.story)
      print("seed \(seed) breaks nothing")
      return
    }
    let before = shrinking.mishaps
    shrinking.run()
    print(shrinking.story)
    print("\(before) mishaps, \(shrinking.mishaps) after \(shrinking.tries) tries: \(shrinking.script)")
    print(shrinking.violation)
    throw ExitCode.failure
  }

  private func searchMutants() throws {
    var missed = 0
    let bugs = try chosen().map { [$0] } ?? Mutant.allCases.filter { $0.isPossible(on: endpoint ?? $0.endpoint) }
    for bug in bugs {
      for harmOnly in [false, true] {
        let tries = (0..<20).map { round in
          Search(mutant: bug, on: endpoint, ignoringStructure: harmOnly).run(from: UInt64(round) << 32, atMost: 40_000)
        }
        let found = tries.compactMap { $0 }
        let counts = found.map(\.tried).sorted()
        let median = counts.isEmpty ? "-" : String(counts[counts.count / 2])
        let invariants = Set(found.map(\.violation.invariant)).sorted().map(String.init).joined(separator: ", ")
        print(
          "\(bug.rawValue)\(harmOnly ? " (harm only)" : ""): \(found.count) of 20, median \(median) seeds,"
            + " invariants \(invariants)")
        // A search that takes long shows what it has.
        fflush(nil)
        if !harmOnly, found.count < 20 { missed += 1 }
      }
    }
    if missed > 0 { throw ExitCode.failure }
  }

  private func crashEverywhere() throws {
    var broken = 0
    var runs = 0
    for kind in endpoint.map({ [$0] }) ?? EndpointKind.allCases {
      for (scenario, name) in ["one stage", "two stages", "first deployment"].enumerated() {
        for abort in [nil] + stride(from: 1, through: 75, by: 2).map(Optional.some) as [Int64?] {
          // On the product's machine a run costs several times as much.
          let isWhole = kind == .contract || abort.map { $0 % 10 == 5 } ?? true
          var search = Systematic(scenario: UInt32(scenario), on: kind)
          search.run(pairs: isWhole, abortAfter: abort.map { $0 * 1_000 })
          if kind == .machine { search.runRuntimes(pairs: isWhole, abortAfter: abort.map { $0 * 1_000 }) }
          runs += search.runs
          broken += search.violations.count
          for found in search.violations.prefix(5) {
            print("\(kind.rawValue), \(name), abort \(abort.map { "after \($0) s" } ?? "never"): \(found)")
          }
        }
      }
    }
    print("\(runs) runs, \(broken) violations")
    if broken > 0 { throw ExitCode.failure }
  }

  private func chosen() throws -> Mutant? {
    guard let mutant else { return nil }
    guard let found = Mutant(rawValue: mutant) else {
      throw ValidationError("no such bug; there are \(Mutant.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return found
  }
}

extension EndpointKind: ExpressibleByArgument {}
