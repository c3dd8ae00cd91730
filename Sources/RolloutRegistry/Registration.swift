package import RolloutCore
import RolloutDigest
import RolloutEngine

/// What a person hands over to have a model registered.
package struct Registration: Sendable {
  /// A build of the model beside the full one.
  package struct Variant: Sendable {
    package var environment: [String: String]
    package var metrics: [String: Double]
    /// Files or folders of the directory that belong to this build only; their size is its size. None: the build is
    /// the full model's files served differently, and as large.
    package var files: [String]

    package init(environment: [String: String] = [:], metrics: [String: Double] = [:], files: [String] = []) {
      self.environment = environment
      self.metrics = metrics
      self.files = files
    }
  }

  package var directory: String
  package var group: String
  package var serve: ServeSpec
  package var variants: [String: Variant]
  package var metrics: [String: Double]
  package var status: ModelApproval.Status
  package var by: String
  package var comment: String?

  package init(
    directory: String, group: String, serve: ServeSpec, variants: [String: Variant] = [:],
    metrics: [String: Double] = [:], status: ModelApproval.Status = .pending, by: String, comment: String? = nil
  ) {
    self.directory = directory
    self.group = group
    self.serve = serve
    self.variants = variants
    self.metrics = metrics
    self.status = status
    self.by = by
    self.comment = comment
  }
}

extension Registration {
  /// Everything about the words and numbers that cannot be, before any file is read.
  var problems: [String] {
    var problems = RegistryName.problem(with: group, as: "the group").map { [$0] } ?? []
    if by.isEmpty { problems.append("it must be known who registers a model") }
    problems += Self.problems(in: metrics, of: "the model")
    for (name, variant) in variants.sorted(by: { $0.key < $1.key }) {
      if let problem = RegistryName.problem(with: name, as: "the variant") { problems.append(problem) }
      if name == ModelPackage.fullVariant {
        problems.append("a variant cannot be called full: that is the model itself")
      }
      problems += Self.problems(in: variant.metrics, of: "variant \(name)")
      problems += Self.problems(inEnvironment: variant.environment)
    }
    return problems + serve.problems
  }

  private static func problems(in metrics: [String: Double], of owner: String) -> [String] {
    metrics.sorted { $0.key < $1.key }.compactMap { name, value in
      if name == "sizeMB" { return "sizeMB is measured, it cannot be given" }
      if name.isEmpty { return "a metric of \(owner) has no name" }
      return value.isFinite ? nil : "metric \(name) of \(owner) is not a finite number"
    }
  }

  fileprivate static func problems(inEnvironment environment: [String: String]) -> [String] {
    environment.keys.sorted().filter { !RegistryName.isVariable($0) }.map {
      "'\($0)' cannot be the name of an environment variable"
    }
  }
}

extension ServeSpec {
  fileprivate var problems: [String] {
    var problems = Registration.problems(inEnvironment: environment)
    if command.first?.isEmpty ?? true { problems.append("the command that serves the model is empty") }
    if command.contains(where: { $0.utf8.contains(0) }) { problems.append("the command holds a NUL byte") }
    if !RegistryName.isVariable(portVariable) {
      problems.append("'\(portVariable)' cannot be the name of the port variable")
    }
    if !healthPath.hasPrefix("/") { problems.append("the health path '\(healthPath)' must begin with /") }
    if !(cores.isFinite && cores > 0) { problems.append("cores must be a number above 0") }
    if concurrencyMax < 1 { problems.append("an instance must handle at least one request at a time") }
    return problems
  }

  /// The part of the package that the command names, if it names one: `./serve` and `bin/serve`, not `python3`.
  private var programInPackage: String? {
    guard let program = command.first, program.contains("/"), !program.hasPrefix("/") else { return nil }
    return program.hasPrefix("./") ? String(program.dropFirst(2)) : program
  }

  func problem(in files: FileTree) -> String? {
    guard let program = programInPackage else { return nil }
    guard let entry = files.entries.first(where: { $0.path == program }) else {
      return "the command runs \(program), which is not in the directory"
    }
    if case .file(_, _, false) = entry.content { return "the command runs \(program), which is not executable" }
    return nil
  }
}

extension FileTree {
  /// Size of these files and of all that lies below these folders; `nil` when one of them is not in the tree.
  func sizeBytes(of paths: [String]) -> Int64? {
    var chosen = Set<String>()
    for path in paths {
      let below = entries.filter { $0.path == path || $0.path.hasPrefix(path + "/") }
      guard !below.isEmpty else { return nil }
      chosen.formUnion(below.map(\.path))
    }
    return FileTree(entries: entries.filter { chosen.contains($0.path) }).sizeBytes
  }
}

/// Names become folders here and resources in AWS, so they are what both take.
enum RegistryName {
  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// SageMaker's rule: letters, digits and hyphens, at most 63, a hyphen neither first nor last.
  static func problem(with name: String, as role: String) -> String? {
    let bytes = Array(name.utf8)
    let isFine =
      (1...63).contains(bytes.count) && bytes.allSatisfy { isLetterOrDigit($0) || $0 == 45 } && bytes.first != 45
      && bytes.last != 45
    return isFine
      ? nil
      : "'\(name)' cannot be the name of \(role): use 1 to 63 letters, digits and hyphens, no hyphen first or last"
  }

  /// POSIX: letters, digits and underscores, no digit first.
  static func isVariable(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return !bytes.isEmpty && bytes.allSatisfy { isLetterOrDigit($0) || $0 == 95 } && !(48...57).contains(bytes[0])
  }
}
