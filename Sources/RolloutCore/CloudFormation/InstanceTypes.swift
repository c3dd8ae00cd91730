/// The instance types that SageMaker hosts endpoints on. Sources: the enumeration ProductionVariantInstanceType of
/// SageMaker's API (botocore 1.43), and EC2's tables of instance types.
package enum InstanceTypes {
  /// Whether SageMaker knows the type; new ones appear, so this is no proof for a family that is not known either.
  package static func isKnown(_ type: String) -> Bool { facts(of: type) != nil }

  package static func isKnownFamily(_ type: String) -> Bool {
    parts(of: type).map { part in families.contains { $0.name == part.family } } ?? false
  }

  /// All of them, `ml.m5.xlarge`.
  package static var names: [String] {
    families.flatMap { family in family.sizes.map { "ml.\(family.name).\($0)" } }
  }

  package static func vCPUs(of type: String) -> Int? { facts(of: type)?.cores }

  /// In GiB, where the family has a fixed amount for each core.
  package static func memoryGiB(of type: String) -> Double? {
    facts(of: type).flatMap { facts in facts.family.memoryPerCore.map { $0 * Double(facts.cores) } }
  }

  /// GPUs, or chips for inference and training.
  package static func accelerators(of type: String) -> Int? {
    guard let facts = facts(of: type), let counts = facts.family.accelerators,
      let index = facts.family.sizes.firstIndex(of: facts.size)
    else { return nil }
    return counts[index]
  }
}

extension InstanceTypes {
  private struct Family {
    var name: String
    var sizes: [String]
    var memoryPerCore: Double?
    /// For each size.
    var accelerators: [Int]?

    init(_ name: String, _ sizes: String, memory: Double? = nil, accelerators: [Int]? = nil) {
      self.name = name
      self.sizes = sizes.split(separator: " ").map(String.init)
      memoryPerCore = memory
      self.accelerators = accelerators
    }
  }

  private static func parts(of type: String) -> (family: String, size: String)? {
    let parts = type.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "ml" else { return nil }
    return (String(parts[1]), String(parts[2]))
  }

  private static func facts(of type: String) -> (family: Family, size: String, cores: Int)? {
    guard let (name, size) = parts(of: type), let family = families.first(where: { $0.name == name }),
      family.sizes.contains(size)
    else { return nil }
    switch (name, size) {
    case ("t2", "medium"): return (family, size, 2)
    case ("c4", "8xlarge"): return (family, size, 36)
    case (_, "medium"): return (family, size, 1)
    case (_, "large"): return (family, size, 2)
    case (_, "xlarge"): return (family, size, 4)
    default: return Int(size.prefix { $0.isNumber }).map { (family, size, 4 * $0) }
    }
  }

  private static let fifth = "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge"
  private static let compute = "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge"
  private static let sixth = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge"
  private static let seventh = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge"
  private static let eighth = "medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge"
  private static let graviton = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
  private static let graphics = "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge"

  private static let families: [Family] = general + accelerated

  private static let general: [Family] = [
    Family("t2", "medium large xlarge 2xlarge"),
    Family("m4", "xlarge 2xlarge 4xlarge 10xlarge 16xlarge", memory: 4),
    Family("m5", fifth, memory: 4), Family("m5d", fifth, memory: 4), Family("r5", fifth, memory: 8),
    Family("r5d", fifth, memory: 8), Family("c4", "large xlarge 2xlarge 4xlarge 8xlarge"),
    Family("c5", compute, memory: 2), Family("c5d", compute, memory: 2), Family("c6i", sixth, memory: 2),
    Family("c6in", sixth, memory: 2), Family("m6i", sixth, memory: 4), Family("r6i", sixth, memory: 8),
    Family("m7i", seventh, memory: 4), Family("c7i", seventh, memory: 2), Family("r7i", seventh, memory: 8),
    Family("c6g", graviton, memory: 2), Family("c6gd", graviton, memory: 2), Family("c6gn", graviton, memory: 2),
    Family("c7g", graviton, memory: 2), Family("m6g", graviton, memory: 4), Family("m6gd", graviton, memory: 4),
    Family("r6g", graviton, memory: 8), Family("r6gd", graviton, memory: 8),
    Family("r7gd", "medium " + graviton, memory: 8), Family("c8g", eighth, memory: 2),
    Family("m8g", eighth, memory: 4), Family("r8g", eighth, memory: 8),
  ]

  private static let accelerated: [Family] = [
    Family("p2", "xlarge 8xlarge 16xlarge", accelerators: [1, 8, 16]),
    Family("p3", "2xlarge 8xlarge 16xlarge", accelerators: [1, 4, 8]),
    Family("p4d", "24xlarge", memory: 12, accelerators: [8]), Family("p4de", "24xlarge", memory: 12, accelerators: [8]),
    Family("p5", "48xlarge 4xlarge", accelerators: [8, 1]), Family("p5e", "48xlarge", accelerators: [8]),
    Family("p5en", "48xlarge", accelerators: [8]), Family("p6-b200", "48xlarge", accelerators: [8]),
    Family("p6-b300", "48xlarge", accelerators: [8]), Family("p6e-gb200", "36xlarge", accelerators: [4]),
    Family("g4dn", "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", memory: 4, accelerators: [1, 1, 1, 1, 4, 1]),
    Family("g5", graphics, memory: 4, accelerators: [1, 1, 1, 1, 4, 1, 4, 8]),
    Family("g6", graphics, memory: 4, accelerators: [1, 1, 1, 1, 4, 1, 4, 8]),
    Family("g6e", graphics, memory: 8, accelerators: [1, 1, 1, 1, 4, 1, 4, 8]),
    Family("g7e", "2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge", accelerators: [1, 1, 1, 2, 4, 8]),
    Family("inf1", "xlarge 2xlarge 6xlarge 24xlarge", memory: 2, accelerators: [1, 1, 4, 16]),
    Family("inf2", "xlarge 8xlarge 24xlarge 48xlarge", memory: 4, accelerators: [1, 1, 6, 12]),
    Family("trn1", "2xlarge 32xlarge", memory: 4, accelerators: [1, 16]),
    Family("trn1n", "32xlarge", memory: 4, accelerators: [16]), Family("trn2", "48xlarge", accelerators: [16]),
    Family("dl1", "24xlarge", memory: 8, accelerators: [8]),
  ]
}
