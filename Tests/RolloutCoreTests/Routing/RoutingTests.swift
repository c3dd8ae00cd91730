import RolloutCore
import Testing

private let revision = Digest(hex: String(repeating: "a", count: 64))!

private func backend(_ id: String, _ concurrencyMax: Int = 16) -> Backend {
  Backend(id: id, host: "127.0.0.1", port: 8080, concurrencyMax: concurrencyMax)
}

private func variant(_ role: VariantRole, _ share: Double, _ backends: [Backend]) -> VariantRoute {
  VariantRoute(role: role, fleet: "fleet-\(role)", revision: revision, share: Percent(share)!, backends: backends)
}

@Suite struct RoutingTests {
  private let split = EndpointRoute(
    name: "eye-catcher", variants: [variant(.stable, 90, [backend("s")]), variant(.canary, 10, [backend("c")])])

  @Test func `the coin gives the canary its share`() throws {
    var random = SplitMix(seed: 7)
    var canary = 0
    for _ in 0..<100_000 where try split.pick(at: .zero, using: &random).role == .canary { canary += 1 }
    // 10,000 expected, standard deviation 95.
    #expect((9_600...10_400).contains(canary))
  }

  @Test func `a choice says how likely it was`() throws {
    var random = SplitMix(seed: 7)
    for _ in 0..<100 {
      let routed = try split.pick(at: .zero, using: &random)
      #expect(routed.probability == (routed.role == .canary ? 0.1 : 0.9))
      #expect(!routed.isNamed)
    }
  }

  @Test func `the same seed makes the same choices`() throws {
    func roles(_ seed: UInt64) throws -> [VariantRole] {
      var random = SplitMix(seed: seed)
      return try (0..<200).map { _ in try split.pick(at: .zero, using: &random).role }
    }
    #expect(try roles(3) == roles(3))
    #expect(try roles(3) != roles(4))
  }

  @Test(arguments: VariantRole.allCases) func `a client that names a variant gets it`(_ role: VariantRole) throws {
    let route = EndpointRoute(
      name: "e",
      variants: [
        variant(.stable, 100, [backend("s")]), variant(.canary, 0, [backend("c")]),
        variant(.standby, 0, [backend("b")]),
      ])
    var random = SplitMix(seed: 1)
    let routed = try route.pick(target: role.rawValue, at: .zero, using: &random)
    #expect(routed.role == role)
    #expect(routed.isNamed && routed.probability == 1)
  }

  @Test func `a variant nobody knows is refused by name`() {
    var random = SplitMix(seed: 1)
    #expect(throws: RoutingRefusal.unknownVariant("blue")) { try split.pick(target: "blue", at: .zero, using: &random) }
    #expect(throws: RoutingRefusal.unknownVariant("standby")) {
      try split.pick(target: "standby", at: .zero, using: &random)
    }
  }

  @Test func `a canary without an instance gives its share to stable`() throws {
    let route = EndpointRoute(name: "e", variants: [variant(.stable, 50, [backend("s")]), variant(.canary, 50, [])])
    var random = SplitMix(seed: 1)
    for _ in 0..<50 {
      let routed = try route.pick(at: .zero, using: &random)
      #expect(routed.role == .stable && routed.probability == 1)
    }
    #expect(throws: RoutingRefusal.noInstance) { try route.pick(target: "canary", at: .zero, using: &random) }
  }

  @Test func `a stable without an instance does not hand its users to the canary`() throws {
    let route = EndpointRoute(name: "e", variants: [variant(.stable, 99, []), variant(.canary, 1, [backend("c")])])
    var random = SplitMix(seed: 1)
    var refused = 0
    for _ in 0..<200 {
      do { _ = try route.pick(at: .zero, using: &random) } catch { refused += 1 }
    }
    #expect(refused > 180)
  }

  @Test func `an endpoint without stable serves its canary only once that has a share`() throws {
    var random = SplitMix(seed: 1)
    let silent = EndpointRoute(name: "e", variants: [variant(.canary, 0, [backend("c")])])
    #expect(throws: RoutingRefusal.noInstance) { try silent.pick(at: .zero, using: &random) }
    let first = EndpointRoute(name: "e", variants: [variant(.canary, 10, [backend("c")])])
    #expect(try first.pick(at: .zero, using: &random).role == .canary)
  }

  @Test func `a share ends by itself when nobody says otherwise in time`() throws {
    let canary = VariantRoute(
      role: .canary, fleet: "c", revision: revision, share: .all, until: .seconds(30), backends: [backend("c")])
    let route = EndpointRoute(name: "e", variants: [variant(.stable, 0, [backend("s")]), canary])
    var random = SplitMix(seed: 1)
    #expect(try route.pick(at: .seconds(30) - .milliseconds(1), using: &random).role == .canary)
    let after = try route.pick(at: .seconds(30), using: &random)
    #expect(after.role == .stable && after.probability == 1)
    #expect(try route.pick(target: "canary", at: .seconds(31), using: &random).role == .canary, "it can be looked at")
  }

  @Test func `the idlest backend is chosen and full ones never are`() {
    var random = SplitMix(seed: 1)
    let backends = [backend("a", 4), backend("b", 4), backend("c", 1)]
    let busy = ["a": 3, "b": 2, "c": 1]
    #expect(backends.leastOutstanding({ busy[$0] ?? 0 }, using: &random)?.id == "b")
    #expect(backends.leastOutstanding({ _ in 4 }, using: &random) == nil)
  }

  @Test func `idle backends share evenly`() {
    var random = SplitMix(seed: 5)
    let backends = (0..<4).map { backend("\($0)") }
    var counts: [String: Int] = [:]
    for _ in 0..<40_000 {
      guard let chosen = backends.leastOutstanding({ _ in 0 }, using: &random) else { continue }
      counts[chosen.id, default: 0] += 1
    }
    #expect(counts.count == 4)
    #expect(counts.values.allSatisfy { (9_600...10_400).contains($0) })
  }

  @Test func `shares that do not total 100 percent are our own bug`() async {
    await #expect(processExitsWith: .failure) {
      let revision = Digest(hex: String(repeating: "a", count: 64))!
      let stable = VariantRoute(role: .stable, fleet: "s", revision: revision, share: Percent(80)!, backends: [])
      _ = EndpointRoute(name: "e", variants: [stable])
    }
  }
}
