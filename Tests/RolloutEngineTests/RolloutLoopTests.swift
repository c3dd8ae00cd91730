import RolloutCore
import RolloutDigest
import RolloutEngine
import Synchronization
import Testing

@Suite struct RolloutLoopTests {
  private let ci = Actor(name: "ci", kind: .command, host: "here", pid: 1, version: "test")
  private let suite = SmokeSuite(
    name: "pictures",
    cases: [SmokeCase(name: "moon", contentType: "image/png", body: [1, 2, 3], bodySource: "moon.png")])

  private func package(_ status: ModelApproval.Status) -> ModelPackage {
    let approval = ModelApproval(status: status, at: Timestamp(milliseconds: 0), by: "omar")
    return ModelPackage(
      group: "eye", version: 3, digest: Digest(of: "model 3"), serve: ServeSpec(command: ["serve"]), metrics: [:],
      sizeBytes: 1, registeredAt: Timestamp(milliseconds: 0), registeredBy: "ci", approval: approval)
  }

  private func journal() throws -> MemoryJournal {
    let model = DeployedModel(
      group: "eye", version: 3, digest: Digest(of: "model 3"), variant: "full", metrics: [:], sizeBytes: 1,
      registryPath: "/r")
    let content = Revision.Content(
      model: model, serve: ServeSpec(command: ["serve"]), endpoint: EndpointSpec(name: "eye-prod"),
      template: EndpointTemplate(), alarms: [], autoscaling: nil)
    let revision = Revision(digest: try CanonicalJSON.digest(content), content: content)
    let stage = Program.Stage(
      environment: "production", endpoint: "eye-prod", revision: revision, base: nil,
      steps: [
        .verify, .prepare(within: .minutes(1)), .smoke(suites: [try CanonicalJSON.digest(suite)]), .shift(.all),
        .promote(keepWarm: .zero),
      ])
    return try MemoryJournal(
      [
        .laneCreated(service: "eye", lineage: "l"),
        .rolloutStarted(id: "r1", plan: Digest(of: "plan"), program: Program(stages: [stage])),
      ], by: ci)
  }

  private func run(
    _ journal: MemoryJournal, target: ObedientTarget = ObedientTarget(), registry: any Registry,
    notifier: any Notifier = NotingNotifier(), announcing announced: [Entry] = [],
    prover: @escaping @Sendable ([SmokeSuite], EndpointAddress) async -> [SmokeResult] = { suites, _ in
      Self.passing(suites)
    }
  ) async throws -> Driver.Ending {
    _ = try await journal.put(try CanonicalJSON.bytes(suite))
    let ports = RolloutLoop<ImpatientClock>.Ports(
      journal: journal, target: target, registry: registry, prover: ScriptedProver(answer: prover),
      notifier: notifier, authority: NobodySigns(),
      address: { stage, variant in
        EndpointAddress(base: "http://127.0.0.1:1", endpoint: stage.endpoint, variant: variant)
      })
    let loop = RolloutLoop(
      ports, clock: ImpatientClock(), now: { Timestamp(milliseconds: 0) }, report: { _ in })
    // Whoever announces what it wrote knows what state that made.
    let state = try LaneState.folding(announced.isEmpty ? [] : journal.all)
    return try await loop.run(
      Driver(actor: ci, role: .drive(waitsAtGates: false), state: state, seed: 1), announcing: announced)
  }

  private static func passing(_ suites: [SmokeSuite]) -> [SmokeResult] {
    suites.flatMap { suite in
      suite.cases.map { SmokeResult(suite: suite.name, name: $0.name, repetitions: 1, failures: [], latencyMax: 12) }
    }
  }

  @Test func `the suites that were planned are run against the canary and what they measured is kept`() async throws {
    let journal = try journal()
    let notifier = NotingNotifier()
    let asked = Asked()
    let ending = try await run(journal, registry: OnePackage(package: package(.approved)), notifier: notifier) {
      suites, address in
      asked.note(suites, address)
      return Self.passing(suites)
    }
    #expect(ending == .done(.promoted))
    #expect(asked.suites == [suite])
    #expect(asked.address == EndpointAddress(base: "http://127.0.0.1:1", endpoint: "eye-prod", variant: "canary"))
    let evidence = journal.all.compactMap { entry in
      if case .evidenceRecorded(let evidence) = entry.event { evidence } else { nil }
    }
    #expect(evidence.map(\.kind) == [.verification, .smoke])
    let last = try #require(evidence.last)
    let document = try CanonicalJSON.value(EvidenceDocument.self, from: try await journal.blob(last.digest))
    #expect(document.smoke.map(\.name) == ["moon"])
    #expect(last.root == Digest(of: "\(evidence[0].root)\n\(last.digest)"))
    #expect(notifier.occasions == [.succeeded])
  }

  @Test(arguments: [ModelApproval.Status.rejected, .pending])
  func `a version that is not approved any more starts no server`(status: ModelApproval.Status) async throws {
    let target = ObedientTarget()
    let ending = try await run(try journal(), target: target, registry: OnePackage(package: package(status)))
    guard case .done(.failed(.proofFailed(let summary))) = ending else {
      Issue.record("it ended as \(ending)")
      return
    }
    #expect(summary.contains(status.rawValue))
    #expect(target.orders.isEmpty)
  }

  @Test func `a version rejected after its tests gets no share, and its servers are taken away`() async throws {
    let target = ObedientTarget()
    let registry = ChangingPackage(package: package(.approved), changed: package(.rejected))
    let ending = try await run(try journal(), target: target, registry: registry) { suites, _ in
      registry.change()
      return Self.passing(suites)
    }
    guard case .done(.failed(.stepFailed(_, let error))) = ending else {
      Issue.record("it ended as \(ending)")
      return
    }
    #expect(error.contains("Rejected in the registry"))
    #expect(!target.orders.contains(.shift(.all)))
    #expect(target.orders.last == .restore(nil))
  }

  @Test func `a model whose digest does not match starts no server`() async throws {
    let target = ObedientTarget()
    let registry = OnePackage(package: package(.approved), isIntact: false)
    let ending = try await run(try journal(), target: target, registry: registry)
    #expect(ending == .done(.failed(.proofFailed(summary: "model.onnx is not what was registered"))))
    #expect(target.orders.isEmpty)
  }

  @Test func `a failing case takes the new fleet away again and says which`() async throws {
    let target = ObedientTarget()
    let notifier = NotingNotifier()
    let ending = try await run(
      try journal(), target: target, registry: OnePackage(package: package(.approved)), notifier: notifier
    ) { suites, _ in
      Self.passing(suites).map { result in
        var result = result
        result.failures = [.init(message: "expected $.nsfw < 0.1, got 0.83", source: "images.yaml:12")]
        return result
      }
    }
    let summary = "1 of 1 smoke cases failed, first 'moon': expected $.nsfw < 0.1, got 0.83"
    #expect(ending == .done(.failed(.proofFailed(summary: summary))))
    #expect(target.orders.last == .restore(nil))
    #expect(notifier.occasions == [.failed])
  }

  @Test func `a hook that never answers holds up neither the rollout nor its end`() async throws {
    let hook = HangingNotifier()
    let ending = try await run(try journal(), registry: OnePackage(package: package(.rejected)), notifier: hook)
    guard case .done(.failed) = ending else {
      Issue.record("it ended as \(ending)")
      return
    }
    #expect(hook.gaveUp)
  }

  @Test func `whoever started a rollout has that told`() async throws {
    let journal = try journal()
    let notifier = NotingNotifier()
    let started = journal.all.filter { $0.sequence == 2 }
    _ = try await run(
      journal, registry: OnePackage(package: package(.approved)), notifier: notifier, announcing: started)
    #expect(notifier.occasions == [.started, .succeeded])
  }

  @Test func `lost races are read again and tried again`() async throws {
    let journal = try journal()
    journal.loseRaces(5)
    let ending = try await run(journal, registry: OnePackage(package: package(.approved)))
    #expect(ending == .done(.promoted))
  }

  @Test func `a journal that cannot be read stops the driver before it acts`() async throws {
    let journal = try journal()
    let target = ObedientTarget()
    journal.breakDown()
    await #expect(throws: JournalError.self) {
      try await run(journal, target: target, registry: OnePackage(package: package(.approved)))
    }
    #expect(target.orders.isEmpty)
  }

  @Test func `the lease is kept while a proof takes its time`() async throws {
    let journal = try journal()
    let ending = try await run(journal, registry: OnePackage(package: package(.approved))) { suites, _ in
      // Two proofs, each renewed at least once before its work may end.
      while journal.renewals < 2 { await Task.yield() }
      return Self.passing(suites)
    }
    #expect(ending == .done(.promoted))
  }
}

private final class Asked: Sendable {
  private let contents = Mutex<([SmokeSuite], EndpointAddress?)>(([], nil))
  var suites: [SmokeSuite] { contents.withLock { $0.0 } }
  var address: EndpointAddress? { contents.withLock { $0.1 } }
  func note(_ suites: [SmokeSuite], _ address: EndpointAddress) { contents.withLock { $0 = (suites, address) } }
}
