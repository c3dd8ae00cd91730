package import RolloutCore
import RolloutDigest

/// What is registered.
package enum ModelsView {
  package static let schema = "rollout/models/1"

  package static func list(
    _ packages: [ModelPackage], group: String, of registry: RegistrySpec, style: Style
  ) -> String {
    guard !packages.isEmpty else {
      return switch registry {
      case .local: "No model is registered in \(group). Register one: rollout models register DIR --group \(group)"
      case .sageMaker(let region, _):
        "No model is registered in \(group) in \(region). Is that the right region? rollout models register --help says "
          + "how to register one."
      }
    }
    let header = ["version", "status", "metrics", "size", "builds", "registered"].map(style.dim)
    let rows = packages.map { package in
      [
        "\(package.version)", status(package.approval.status, style), metrics(package.metrics),
        Figures.size(package.sizeBytes), (["full"] + package.variants.keys.sorted()).joined(separator: ", "),
        "\(Figures.moment(package.registeredAt)) by \(package.registeredBy)",
      ]
    }
    return ([style.bold(group)] + Layout.table([header] + rows)).map { Layout.cut($0, to: style.width, style) }
      .joined(separator: "\n")
  }

  package static func show(_ package: ModelPackage, style: Style) -> String {
    let approval = package.approval
    let comment = approval.comment.map { ": \(Printable.line($0))" } ?? ""
    let decided =
      approval.status == .pending ? "" : " by \(approval.by) on \(Figures.moment(approval.at))\(comment)"
    var rows = [
      ["status", "\(status(approval.status, style))\(decided)"], ["digest", "\(package.digest)"],
      ["registered", "\(Figures.moment(package.registeredAt)) by \(package.registeredBy)"],
      ["full", build(package.metrics, package.sizeBytes, [:])],
    ]
    for name in package.variants.keys.sorted() {
      guard let variant = package.variants[name] else { continue }
      rows.append([name, build(variant.metrics, variant.sizeBytes, variant.environment)])
    }
    rows += serving(package)
    let column = rows.map { Layout.width($0[0]) }.max() ?? 0
    let lines = rows.flatMap { row in
      Layout.wrap(
        row[1], prefix: "  " + style.dim(Layout.padded(row[0], column)) + "  ", hanging: column + 4,
        width: style.width)
    }
    return ([style.bold("\(package.group) version \(package.version)")] + lines).joined(separator: "\n")
  }

  private static func serving(_ package: ModelPackage) -> [[String]] {
    let serve = package.serve
    let settings = serve.environment.isEmpty ? [] : [["environment", environment(serve.environment)]]
    if let arn = package.arn {
      return [["package", arn], ["image", Printable.line(serve.image ?? "unknown")]] + settings
    }
    return [["command", Printable.line(serve.command.joined(separator: " "))]] + settings + [
      ["port", "told in \(serve.portVariable), healthy when GET \(serve.healthPath) answers 200"],
      [
        "instance",
        "\(shortNumber(serve.cores)) core\(serve.cores == 1 ? "" : "s"), "
          + "\(Figures.counted(serve.concurrencyMax, "request")) at a time",
      ],
    ]
  }

  /// `{"schema":"rollout/models/1","models":[…]}`
  package static func json(_ packages: [ModelPackage]) throws -> String {
    try CanonicalJSON.pretty(Document(models: packages))
  }

  package static func json(_ package: ModelPackage) throws -> String { try json([package]) }

  private struct Document: Encodable {
    var schema = ModelsView.schema
    var models: [ModelPackage]
  }

  private static func build(_ metrics: [String: Double], _ size: Int64, _ changed: [String: String]) -> String {
    [self.metrics(metrics), size == 0 ? "size unknown" : Figures.size(size), environment(changed)].filter {
      !$0.isEmpty
    }.joined(separator: ", ")
  }

  private static func metrics(_ metrics: [String: Double]) -> String {
    ModelText.names(metrics).map { "\($0) \(Figures.metric(metrics[$0] ?? .nan))" }.joined(separator: ", ")
  }

  private static func environment(_ environment: [String: String]) -> String {
    environment.sorted { $0.key < $1.key }.map { Printable.line("\($0.key)=\($0.value)") }.joined(separator: " ")
  }

  private static func status(_ status: ModelApproval.Status, _ style: Style) -> String {
    switch status {
    case .pending: style.yellow("waits for approval")
    case .approved: style.green("approved")
    case .rejected: style.red("rejected")
    }
  }
}
