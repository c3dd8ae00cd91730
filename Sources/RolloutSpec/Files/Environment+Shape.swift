import RolloutCore

/// An environment file as far as it could be read, with the files it names still to be read. What is `nil` has been
/// reported.
struct EnvironmentDraft: Sendable {
  var name: Located<String>?
  var target: TargetDraft?
  var endpoint: EndpointDraft?
  var model: ModelSpec?
  var smoke: [Located<String>]?
  var approval: ApprovalPolicy??
  var strategy: StrategyWords?
  var alarms: [Located<String>]?
  var autoscaling: ScalingPolicy??
}

extension Shape where Value == EnvironmentDraft {
  /// A file under `Environments/` that a stage names.
  static var environment: Shape {
    .object(
      "A place models run, and what should be true there.",
      Field.required("environment", Shape<String>.name.located, "The environment's name, which is the file's.")
        .tolerant,
      Field.required("target", .target, "What carries rollouts out.").tolerant,
      Field.required("endpoint", .endpoint, "What users reach.").tolerant,
      Field.required("model", .model, "Which registered model the environment wants.").tolerant,
      Field.optional(
        "smoke", .list(Shape<String>.path.located), default: [], written: [],
        "Files with smoke tests, run against a new revision before it sees a user."
      ).tolerant,
      Field.optional("approval", .approval, "Who must approve; nobody is asked when it is left out.").tolerant,
      Field.optional(
        "strategy", .strategy, default: .allAtOnce(bakeAfter: .zero, keepWarm: nil), written: ["allAtOnce": [:]],
        "How traffic moves to a new revision."
      ).tolerant,
      Field.optional(
        "alarms", .list(Shape<String>.path.located), default: [], written: [], "Files with alarms."
      ).tolerant,
      Field.optional("autoscaling", .autoscaling, "How the number of instances follows the load.").tolerant
    ) { name, target, endpoint, model, smoke, approval, strategy, alarms, autoscaling in
      EnvironmentDraft(
        name: name, target: target, endpoint: endpoint, model: model, smoke: smoke, approval: approval,
        strategy: strategy, alarms: alarms, autoscaling: autoscaling)
    }
  }
}

extension Shape where Value == ModelSpec {
  static var model: Shape {
    Shape<(Bool?, Int?, [Requirement], VariantRule?)>.object(
      "Which registered model the environment wants. Give 'select' or 'version'.",
      Field.optional("select", .choice([("latest-approved", true)]), "Follow the registry."),
      Field.optional("version", .integer(1...1_000_000_000), "Stay with this version."),
      Field.optional(
        "require", .requirements, default: [], written: [:], "What the model must have reached; sizeMB is in 10⁶ bytes."
      ),
      Field.optional("variants", .variants, "Which build of the model to deploy.")
    ) { ($0, $1, $2, $3) }
    .refined { parts, node, reading in
      let (_, version, requirements, variants) = parts
      guard reading.hasOne(of: ["select", "version"], in: node) else { return nil }
      return ModelSpec(
        selection: version.map { .version($0) } ?? .latestApproved, requirements: requirements, variants: variants)
    }
  }
}

extension Shape where Value == [Requirement] {
  static var requirements: Shape {
    Shape<[Keyed<Comparison>]>.dictionary(.comparison, keys: "names of metrics").map { items in
      items.map { Requirement(metric: $0.key, comparison: $0.value) }.sorted { $0.metric < $1.metric }
    }
  }
}

extension Shape where Value == VariantRule {
  static var variants: Shape {
    .object(
      "Which build of the model to deploy.",
      Field.required("prefer", .name, "The build to prefer over the full one."),
      Field.required(
        "when",
        .object(
          "When it is close enough.",
          Field.required(
            "accuracyDrop", .largestShare, "The largest relative drop of 'accuracy' against the full model, '<= 5%'.")
        ) { $0 }, "When it is close enough.")
    ) { VariantRule(prefer: $0, accuracyDropMax: $1) }
  }
}

extension Shape where Value == Percent {
  /// `<= 5%`.
  static var largestShare: Shape {
    Shape.bound("a largest share", example: "<= 5%", pattern: "^<= *[0-9]+(\\.[0-9]+)?%$") { text in
      guard let written = WrittenThreshold(text), written.relation == .lessOrEqual, case .percent? = written.unit else {
        return nil
      }
      return Percent(written.number)
    }
  }
}

extension Shape where Value == ApprovalPolicy {
  static var approval: Shape {
    .object(
      "Who must approve before the environment is touched.",
      Field.optional(
        "approvers", .list(.title), default: [], written: [], "Who may approve; anybody when it is empty."),
      Field.optional("minimum", .integer(1...100), default: 1, written: 1, "How many must approve."),
      Field.optional(
        "selfApproval", .boolean, default: false, written: false, "Whether who started a rollout may approve it."),
      Field.optional(
        "expires", .duration, default: ApprovalPolicy().expires, written: "72h", "How long the question stays open."),
      Field.optional(
        "signers", Shape<String>.path, "An OpenSSH allowed_signers file; approvals must be signed by a key in it.")
    ) { approvers, minimum, selfApproval, expires, signers in
      ApprovalPolicy(
        approvers: approvers, minimum: minimum, selfApproval: selfApproval, expires: expires,
        signers: signers.map { SignersFile(path: $0, text: "") })
    }
  }
}

extension Shape where Value == ScalingPolicy {
  static var autoscaling: Shape {
    .object(
      "Target tracking on requests per instance per minute.",
      Field.required(
        "instances", .instances, standIn: InstanceBounds(lowest: 1, highest: 9_999),
        "The fewest and the most instances, '1...4'."),
      Field.required(
        "invocationsPerInstance", .number(0.01...1_000_000, "a rate above zero", example: "70"), standIn: 1_000_000,
        "The target: requests per instance per minute."),
      Field.optional(
        "scaleOutCooldown", .duration, default: .minutes(5), written: "5m", "The pause after growing."),
      Field.optional(
        "scaleInCooldown", .duration, default: .minutes(5), written: "5m", "The pause after shrinking."),
      Field.optional(
        "period", .duration, default: .minutes(1), written: "1m", "The length of one datapoint; AWS's is a minute.")
    ) {
      ScalingPolicy(
        minimum: $0.lowest, maximum: $0.highest, invocationsPerInstance: $1, scaleOutCooldown: $2, scaleInCooldown: $3,
        period: $4)
    }
  }
}

/// `1...4`. Not a Swift range, which could not hold a minimum above the maximum long enough to say so.
struct InstanceBounds: Sendable {
  var lowest: Int
  var highest: Int
}

extension Shape where Value == InstanceBounds {
  static var instances: Shape {
    written(
      "the fewest and the most instances, each at least 1", example: "1...4",
      schema: [
        "type": ["string", "integer"], "pattern": "^[1-9][0-9]{0,3}\\.\\.\\.[1-9][0-9]{0,3}$", "minimum": 0,
        "maximum": 9999,
      ]
    ) { scalar, text in
      if case .integer(let count) = scalar {
        return (0...9_999).contains(count) ? InstanceBounds(lowest: count, highest: count) : nil
      }
      guard let match = text.wholeMatch(of: /([0-9]{1,4})\.\.\.([0-9]{1,4})/), let lowest = Int(match.1),
        let highest = Int(match.2)
      else { return nil }
      return InstanceBounds(lowest: lowest, highest: highest)
    }
  }
}
