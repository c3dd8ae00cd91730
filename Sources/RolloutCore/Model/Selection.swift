/// Which model an environment gets by what its file says: the package, the build of it, and how each requirement came
/// out, so that a plan can show why.
package struct ModelChoice: Hashable, Codable, Sendable {
  package var package: ModelPackage
  package var variant: VariantChoice
  /// In the order of the file's requirements, for the chosen variant.
  package var requirements: [RequirementCheck]

  package init(package: ModelPackage, variant: VariantChoice, requirements: [RequirementCheck]) {
    self.package = package
    self.variant = variant
    self.requirements = requirements
  }

  package var meetsRequirements: Bool { requirements.allSatisfy { $0.outcome == .passed } }

  /// How the chosen variant is served: the package's way, with what the variant changes in the environment.
  package var serve: ServeSpec {
    var serve = package.serve
    serve.environment.merge(package.variants[variant.name]?.environment ?? [:]) { _, changed in changed }
    return serve
  }

  package func deployed(registryPath: String) -> DeployedModel {
    DeployedModel(
      group: package.group, version: package.version, digest: package.digest, variant: variant.name,
      metrics: package.metrics(of: variant.name), sizeBytes: package.sizeBytes(of: variant.name),
      registryPath: registryPath, arn: package.arn)
  }
}

/// The build that goes out, and why not the other one.
package struct VariantChoice: Hashable, Codable, Sendable {
  package enum Reason: Hashable, Codable, Sendable {
    /// The environment prefers none.
    case noPreference
    /// The preferred build's accuracy is `drop` below the full model's (a fraction; negative when it is better).
    case closeEnough(drop: Double, max: Percent)
    case dropTooLarge(preferred: String, drop: Double, max: Percent)
    case notRegistered(preferred: String)
    /// One of the two has no `accuracy` to compare.
    case accuracyUnknown(preferred: String, missingFrom: String)
    /// Close enough, but short of a requirement that the full model meets.
    case requirementFailed(preferred: String, RequirementCheck)
  }

  /// `full`, or the name of a variant of the package.
  package var name: String
  package var reason: Reason

  package init(name: String, reason: Reason) {
    self.name = name
    self.reason = reason
  }
}

extension VariantChoice: CustomStringConvertible {
  /// `full, because the accuracy of quantised is 8.3% lower (at most 5%)`.
  package var description: String {
    switch reason {
    case .noPreference: name
    case .closeEnough(let drop, _) where drop <= 0: "\(name), whose accuracy is no lower"
    case .closeEnough(let drop, let max): "\(name), whose accuracy is \(percentText(drop)) lower (at most \(max))"
    case .dropTooLarge(let preferred, let drop, let max):
      "\(name), because the accuracy of \(preferred) is \(percentText(drop)) lower (at most \(max))"
    case .notRegistered(let preferred): "\(name), because the package has no build named \(preferred)"
    case .accuracyUnknown(let preferred, let missingFrom):
      "\(name), because \(preferred) cannot be compared: no accuracy is registered for \(missingFrom)"
    case .requirementFailed(let preferred, let check): "\(name), because for \(preferred) \(check)"
    }
  }
}

/// One requirement and what was measured against it.
package struct RequirementCheck: Hashable, Codable, Sendable {
  package enum Outcome: String, Hashable, Codable, Sendable {
    case passed, failed
    /// The package carries no such metric. Counts as not met.
    case missing
  }

  package var requirement: Requirement
  package var measured: Double?

  package init(requirement: Requirement, measured: Double?) {
    self.requirement = requirement
    self.measured = measured
  }

  package var outcome: Outcome {
    guard let measured else { return .missing }
    return requirement.comparison.holds(for: measured) ? .passed : .failed
  }
}

extension RequirementCheck: CustomStringConvertible {
  /// `accuracy is 0.58, required >= 0.6`.
  package var description: String {
    let value = measured.map { "is " + shortNumber($0) } ?? "was not registered"
    return "\(requirement.metric) \(value), required \(requirement.comparison)"
  }
}

/// Why no model can be chosen.
package enum SelectionRefusal: Error, Hashable, Codable, Sendable {
  case groupIsEmpty(group: String)
  /// `pending`: versions that wait for a decision, ascending.
  case nothingApproved(group: String, pending: [Int])
  case noSuchVersion(group: String, version: Int, newest: Int)
  case notApproved(group: String, version: Int, ModelApproval)
}

extension SelectionRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .groupIsEmpty(let group): "no model is registered in \(group)"
    case .nothingApproved(let group, _): "no version of \(group) is approved"
    case .noSuchVersion(let group, let version, let newest):
      "\(group) has no version \(version); the newest is \(newest)"
    case .notApproved(let group, let version, let approval) where approval.status == .rejected:
      "version \(version) of \(group) was \(approval.rejection)"
    case .notApproved(let group, let version, _): "version \(version) of \(group) is not approved"
    }
  }

  package var help: String {
    switch self {
    case .groupIsEmpty(let group): "register one: rollout models register DIR --group \(group)"
    case .nothingApproved(let group, let pending):
      pending.last.map { "approve one: rollout models approve \($0) --group \(group)" }
        ?? "every version was rejected; register a better one"
    case .noSuchVersion(let group, _, _): "see which there are: rollout models list --group \(group)"
    case .notApproved(let group, let version, _): "approve it first: rollout models approve \(version) --group \(group)"
    }
  }
}

extension ModelSpec {
  /// The package and build that this environment gets out of `packages`, all of one group. Only approved versions are
  /// ever chosen, pinned ones included. A choice may still fall short of its requirements: see `meetsRequirements`.
  package func choose(from packages: [ModelPackage], group: String) throws(SelectionRefusal) -> ModelChoice {
    let package = try selection.package(from: packages, group: group)
    return choice(of: package)
  }

  private func choice(of package: ModelPackage) -> ModelChoice {
    let full = checks(of: package, variant: ModelPackage.fullVariant)
    guard let rule = variants else {
      return ModelChoice(
        package: package, variant: VariantChoice(name: ModelPackage.fullVariant, reason: .noPreference),
        requirements: full)
    }
    let variant = rule.choose(in: package)
    let chosen = checks(of: package, variant: variant.name)
    if let failed = chosen.first(where: { $0.outcome != .passed }), full.allSatisfy({ $0.outcome == .passed }) {
      let fallback = VariantChoice(
        name: ModelPackage.fullVariant, reason: .requirementFailed(preferred: variant.name, failed))
      return ModelChoice(package: package, variant: fallback, requirements: full)
    }
    return ModelChoice(package: package, variant: variant, requirements: chosen)
  }

  private func checks(of package: ModelPackage, variant: String) -> [RequirementCheck] {
    requirements.map { RequirementCheck(requirement: $0, measured: package.measured($0.metric, of: variant)) }
  }
}

extension ModelSpec.Selection {
  fileprivate func package(
    from packages: [ModelPackage], group: String
  ) throws(SelectionRefusal) -> ModelPackage {
    guard let newest = packages.map(\.version).max() else { throw .groupIsEmpty(group: group) }
    switch self {
    case .latestApproved:
      // Approval time, not version: who approves an older version again wants that one.
      let latest = packages.filter { $0.approval.status == .approved }.max {
        ($0.approval.at, $0.version) < ($1.approval.at, $1.version)
      }
      guard let latest else {
        let pending = packages.filter { $0.approval.status == .pending }.map(\.version).sorted()
        throw .nothingApproved(group: group, pending: pending)
      }
      return latest
    case .version(let number):
      guard let pinned = packages.first(where: { $0.version == number }) else {
        throw .noSuchVersion(group: group, version: number, newest: newest)
      }
      guard pinned.approval.status == .approved else {
        throw .notApproved(group: group, version: number, pinned.approval)
      }
      return pinned
    }
  }
}

extension VariantRule {
  /// Relative drops are quotients of decimal fractions: 0.57 for 0.60 must count as 5 %, not as a hair more.
  private static let rounding = 1e-9

  fileprivate func choose(in package: ModelPackage) -> VariantChoice {
    let full = ModelPackage.fullVariant
    if prefer == full { return VariantChoice(name: full, reason: .noPreference) }
    guard let variant = package.variants[prefer] else {
      return VariantChoice(name: full, reason: .notRegistered(preferred: prefer))
    }
    guard let reference = package.metrics["accuracy"], reference > 0 else {
      return VariantChoice(name: full, reason: .accuracyUnknown(preferred: prefer, missingFrom: full))
    }
    guard let accuracy = variant.metrics["accuracy"], accuracy.isFinite else {
      return VariantChoice(name: full, reason: .accuracyUnknown(preferred: prefer, missingFrom: prefer))
    }
    let drop = (reference - accuracy) / reference
    guard drop <= accuracyDropMax.fraction + Self.rounding else {
      return VariantChoice(name: full, reason: .dropTooLarge(preferred: prefer, drop: drop, max: accuracyDropMax))
    }
    return VariantChoice(name: prefer, reason: .closeEnough(drop: drop, max: accuracyDropMax))
  }
}

extension ModelPackage {
  /// The name of the build that every package has.
  package static let fullVariant = "full"

  package func metrics(of variant: String) -> [String: Double] {
    variant == Self.fullVariant ? metrics : variants[variant]?.metrics ?? [:]
  }

  package func sizeBytes(of variant: String) -> Int64 {
    variant == Self.fullVariant ? sizeBytes : variants[variant]?.sizeBytes ?? sizeBytes
  }

  /// What requirements compare: a registered metric, or `sizeMB` in 10⁶ bytes. A size that nobody knows keeps no bound.
  fileprivate func measured(_ metric: String, of variant: String) -> Double? {
    guard metric == "sizeMB" else { return metrics(of: variant)[metric] }
    let size = sizeBytes(of: variant)
    return size > 0 ? Double(size) / 1e6 : nil
  }
}

/// `8.3%` for 0.0833.
private func percentText(_ fraction: Double) -> String { shortNumber((fraction * 1_000).rounded() / 10) + "%" }
