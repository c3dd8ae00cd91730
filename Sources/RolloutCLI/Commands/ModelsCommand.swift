import ArgumentParser
import FoundationEssentials
import RolloutCore
import RolloutEngine
import RolloutRegistry
import RolloutSpec

struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "The registry: registered versions of models, and who approved them.",
    subcommands: [List.self, Show.self, Register.self, Approve.self, Reject.self], defaultSubcommand: List.self)

  struct GroupOption: ParsableArguments {
    @Option(name: .long, help: "The group of model packages; the pipeline's when left out.")
    var group: String?
  }

  struct List: RolloutSubcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the versions of a group.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var option: GroupOption

    func perform() async throws -> ExitStatus {
      let session = try Session(common)
      let packages = try await session.registry.packages(in: option.group ?? session.group)
      session.terminal.print(
        common.format == .json
          ? try ModelsView.json(packages)
          : ModelsView.list(
            packages, group: option.group ?? session.group, of: session.pipeline.registry,
            style: Style(session.terminal)))
      return .done
    }
  }

  struct Show: RolloutSubcommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows all about one version.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var option: GroupOption
    @Argument var version: Int

    func perform() async throws -> ExitStatus {
      let session = try Session(common)
      let package = try await session.registry.package(version, in: option.group ?? session.group)
      session.terminal.print(
        common.format == .json
          ? try ModelsView.json(package) : ModelsView.show(package, style: Style(session.terminal)))
      return .done
    }
  }

  struct Register: RolloutSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "register", abstract: "Registers a directory with a model.yaml as the next version of a group.",
      discussion: """
        The version waits for approval, unless --approve is given.

        Into SageMaker's registry, models are put by AWS's own tools (aws sagemaker create-model-package). A package's \
        customer metadata may hold what requirements and variants compare: accuracy, sizeBytes, and for an additional \
        inference specification named quantised, quantised.accuracy and quantised.sizeBytes.
        """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var option: GroupOption
    @Argument(help: "The directory: model.yaml says how it is served.")
    var directory: String
    @Option(name: .long, help: "A metric of the model, such as accuracy=0.61; again for more.")
    var metric: [String] = []
    @Flag(help: "Approve it at once.")
    var approve = false
    @Option(help: "About this version; kept with it.")
    var comment: String?

    func perform() async throws -> ExitStatus {
      let given = try metric.map(Self.metric)
      let session = try Session(common)
      let registry = try Self.localRegistry(session)
      let manifest = try SpecFiles(common, session.environment, session.terminal).model(in: directory)
      let root = URL(fileURLWithPath: directory).standardizedFileURL.resolvingSymlinksInPath().path
      let variants = manifest.variants.mapValues { variant in
        Registration.Variant(
          environment: variant.environment, metrics: variant.metrics,
          files: variant.files.map { $0.hasPrefix(root + "/") ? String($0.dropFirst(root.count + 1)) : $0 })
      }
      let package = try await registry.register(
        Registration(
          directory: root, group: option.group ?? session.group, serve: manifest.serve, variants: variants,
          metrics: manifest.metrics.merging(given) { _, typed in typed }, status: approve ? .approved : .pending,
          by: session.actor.name, comment: comment),
        at: wallTime())
      session.terminal.print(
        common.format == .json
          ? try ModelsView.json(package) : ModelsView.show(package, style: Style(session.terminal)))
      if !approve { session.terminal.say("Waits for approval: rollout models approve \(package.version)") }
      return .done
    }

    private static func localRegistry(_ session: Session) throws -> LocalRegistry {
      switch session.pipeline.registry {
      case .local(let path, _): return LocalRegistry(path: path)
      case .sageMaker(let region, let group):
        throw CommandFailure(
          .failed, "models are put into SageMaker's registry by AWS's own tools",
          help: "aws sagemaker create-model-package --model-package-group-name \(group) --region \(region); "
            + "rollout models register --help says what its metadata may hold")
      }
    }

    private static func metric(_ text: String) throws -> (String, Double) {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
        throw ValidationError("'\(text)' is not a metric: write a name and a number, as in accuracy=0.61")
      }
      return (parts[0], value)
    }
  }

  struct Approve: RolloutSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "approve", abstract: "Approves a version for deployment.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var option: GroupOption
    @Argument var version: Int
    @Option(help: "Why; kept with the version.")
    var comment: String?

    func perform() async throws -> ExitStatus {
      try await Session(common).decide(.approved, version, option.group, comment)
    }
  }

  struct Reject: RolloutSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "reject", abstract: "Rejects a version: it is never deployed from now on.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var option: GroupOption
    @Argument var version: Int
    @Option(help: "Why; kept with the version.")
    var comment: String?

    func perform() async throws -> ExitStatus {
      try await Session(common).decide(.rejected, version, option.group, comment)
    }
  }
}

extension Dictionary where Key == String, Value == Double {
  /// Later pairs win.
  fileprivate func merging(_ pairs: [(String, Double)], _ keep: (Double, Double) -> Double) -> [String: Double] {
    merging(Dictionary(pairs, uniquingKeysWith: keep), uniquingKeysWith: keep)
  }
}

extension Session {
  fileprivate func decide(
    _ status: ModelApproval.Status, _ version: Int, _ group: String?, _ comment: String?
  ) async throws -> ExitStatus {
    let package = try await registry.decide(
      status, version: version, in: group ?? self.group, by: actor.name, comment: comment, at: wallTime())
    if common.format == .json {
      terminal.print(try ModelsView.json(package))
    } else {
      terminal.print("\(package.group) version \(package.version): \(status.rawValue) by \(actor.name)")
    }
    return .done
  }
}
