import RolloutCore
import Testing

struct SelectionTests {
  private func package(
    _ version: Int, _ status: ModelApproval.Status = .approved, at: Int64 = 0, metrics: [String: Double] = [:],
    variants: [String: ModelVariant] = [:], comment: String? = nil
  ) throws -> ModelPackage {
    ModelPackage(
      group: "eye", version: version, digest: try #require(Digest(hex: String(repeating: "a", count: 64))),
      serve: ServeSpec(command: ["./serve"], environment: ["MODEL": "full.onnx", "THREADS": "1"]), metrics: metrics,
      sizeBytes: 300_000_000, variants: variants, registeredAt: Timestamp(milliseconds: 0), registeredBy: "ana",
      approval: ModelApproval(status: status, at: Timestamp(milliseconds: at), by: "ben", comment: comment))
  }

  private func quantised(accuracy: Double?) -> [String: ModelVariant] {
    let metrics = accuracy.map { ["accuracy": $0] } ?? [:]
    return ["quantised": ModelVariant(environment: ["MODEL": "int8.onnx"], metrics: metrics, sizeBytes: 80_000_000)]
  }

  private let rule = VariantRule(prefer: "quantised", accuracyDropMax: Percent(5)!)

  @Test func `the latest approval wins, not the highest version`() throws {
    let packages = [try package(1, at: 30), try package(2, at: 20), try package(3, .pending, at: 90)]
    #expect(try ModelSpec(selection: .latestApproved).choose(from: packages, group: "eye").package.version == 1)
  }

  @Test func `of two approvals at once the higher version wins`() throws {
    let packages = [try package(4, at: 20), try package(2, at: 20)]
    #expect(try ModelSpec(selection: .latestApproved).choose(from: packages, group: "eye").package.version == 4)
  }

  @Test func `a rejected version is never chosen, pinned or not`() throws {
    let packages = [try package(1, at: 1), try package(2, .rejected, at: 2, comment: "biased")]
    #expect(try ModelSpec(selection: .latestApproved).choose(from: packages, group: "eye").package.version == 1)
    let refusal = #expect(throws: SelectionRefusal.self) {
      try ModelSpec(selection: .version(2)).choose(from: packages, group: "eye")
    }
    #expect(refusal?.description == "version 2 of eye was rejected by ben: biased")
  }

  @Test func `a pinned version must be approved as well`() throws {
    let refusal = try #require(throws: SelectionRefusal.self) {
      try ModelSpec(selection: .version(1)).choose(from: [try package(1, .pending)], group: "eye")
    }
    #expect(refusal.description == "version 1 of eye is not approved")
    #expect(refusal.help == "approve it first: rollout models approve 1 --group eye")
  }

  @Test func `without a choice the refusal says what to do`() throws {
    let empty = try #require(throws: SelectionRefusal.self) {
      try ModelSpec(selection: .latestApproved).choose(from: [], group: "eye")
    }
    #expect(empty.help == "register one: rollout models register DIR --group eye")
    let pending = try #require(throws: SelectionRefusal.self) {
      try ModelSpec(selection: .latestApproved).choose(
        from: [try package(1, .pending), try package(2, .pending)], group: "eye")
    }
    #expect(pending == .nothingApproved(group: "eye", pending: [1, 2]))
    #expect(pending.help == "approve one: rollout models approve 2 --group eye")
    let absent = try #require(throws: SelectionRefusal.self) {
      try ModelSpec(selection: .version(9)).choose(from: [try package(1)], group: "eye")
    }
    #expect(absent.description == "eye has no version 9; the newest is 1")
  }

  @Test func `requirements compare the metrics and the size in millions of bytes`() throws {
    let spec = ModelSpec(
      selection: .latestApproved,
      requirements: [
        Requirement(metric: "accuracy", comparison: Comparison(.greaterOrEqual, 0.6)),
        Requirement(metric: "recall", comparison: Comparison(.greaterOrEqual, 0.9)),
        Requirement(metric: "sizeMB", comparison: Comparison(.lessOrEqual, 300)),
      ])
    let choice = try spec.choose(from: [try package(1, metrics: ["accuracy": 0.58])], group: "eye")
    #expect(choice.requirements.map(\.outcome) == [.failed, .missing, .passed])
    #expect(
      choice.requirements.map(\.description) == [
        "accuracy is 0.58, required >= 0.6", "recall was not registered, required >= 0.9",
        "sizeMB is 300, required <= 300",
      ])
    #expect(!choice.meetsRequirements)
  }

  @Test func `a size that nobody knows is not small enough`() throws {
    let spec = ModelSpec(
      selection: .latestApproved,
      requirements: [Requirement(metric: "sizeMB", comparison: Comparison(.lessOrEqual, 300))])
    var unknown = try package(1)
    unknown.sizeBytes = 0
    let choice = try spec.choose(from: [unknown], group: "eye")
    #expect(choice.requirements.map(\.description) == ["sizeMB was not registered, required <= 300"])
    #expect(!choice.meetsRequirements)
  }

  @Test func `a drop of exactly the limit is close enough`() throws {
    let spec = ModelSpec(selection: .latestApproved, variants: rule)
    let choice = try spec.choose(
      from: [try package(1, metrics: ["accuracy": 0.6], variants: quantised(accuracy: 0.57))], group: "eye")
    #expect(choice.variant.description == "quantised, whose accuracy is 5% lower (at most 5%)")
    #expect(choice.serve.environment == ["MODEL": "int8.onnx", "THREADS": "1"])
    let deployed = choice.deployed(registryPath: "/registry")
    #expect(deployed.title == "eye version 1 (quantised)")
    #expect(deployed.sizeBytes == 80_000_000)
    #expect(deployed.metrics == ["accuracy": 0.57])
  }

  @Test(arguments: [
    (0.55, "full, because the accuracy of quantised is 8.3% lower (at most 5%)"),
    (0.62, "quantised, whose accuracy is no lower"),
    (nil, "full, because quantised cannot be compared: no accuracy is registered for quantised"),
  ])
  func `the preferred build goes out only if it is close enough`(accuracy: Double?, reason: String) throws {
    let spec = ModelSpec(selection: .latestApproved, variants: rule)
    let choice = try spec.choose(
      from: [try package(1, metrics: ["accuracy": 0.6], variants: quantised(accuracy: accuracy))], group: "eye")
    #expect(choice.variant.description == reason)
  }

  @Test func `without the preferred build the full one goes out and says so`() throws {
    let spec = ModelSpec(selection: .latestApproved, variants: rule)
    let without = try spec.choose(from: [try package(1, metrics: ["accuracy": 0.6])], group: "eye")
    #expect(without.variant.description == "full, because the package has no build named quantised")
    let unknown = try spec.choose(from: [try package(1, variants: quantised(accuracy: 0.6))], group: "eye")
    #expect(
      unknown.variant.description
        == "full, because quantised cannot be compared: no accuracy is registered for full")
  }

  @Test func `a build that is close but short of a requirement gives way to the full model`() throws {
    let spec = ModelSpec(
      selection: .latestApproved,
      requirements: [Requirement(metric: "accuracy", comparison: Comparison(.greaterOrEqual, 0.6))], variants: rule)
    let choice = try spec.choose(
      from: [try package(1, metrics: ["accuracy": 0.61], variants: quantised(accuracy: 0.59))], group: "eye")
    #expect(choice.variant.description == "full, because for quantised accuracy is 0.59, required >= 0.6")
    #expect(choice.meetsRequirements)
    let neither = try spec.choose(
      from: [try package(1, metrics: ["accuracy": 0.5], variants: quantised(accuracy: 0.49))], group: "eye")
    #expect(neither.variant.name == "quantised")
    #expect(!neither.meetsRequirements)
  }
}
