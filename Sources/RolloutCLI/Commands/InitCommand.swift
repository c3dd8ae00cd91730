import ArgumentParser
import FoundationEssentials
import RolloutSpec

struct InitCommand: ReportingSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Writes a working set of files; changes none that is there.")

  @Argument(help: "The folder to write into.")
  var directory = "."
  @Option(help: "The service's name.")
  var service = "my-service"
  @Flag(help: "Writes a set for SageMaker: with templates, IAM policies and a CI job.")
  var aws = false
  @Option(help: "The AWS region.")
  var region: String?
  @Option(help: "The number of the AWS account.")
  var account: String?
  @Option(help: "The S3 bucket that keeps the journal.")
  var bucket: String?
  @Option(help: "How results are written: text or json.")
  var format = OutputFormat.text

  private struct Document: Encodable {
    let schema = "rollout/init/1"
    let service: String
    let files: [String]
  }

  func validate() throws {
    guard aws ? Scaffold.isServiceNameOnAWS(service) : Scaffold.isServiceName(service) else {
      let rule =
        aws ? "a letter, then letters, digits and hyphens, at most 44" : "letters, digits and hyphens, at most 50"
      throw ValidationError("'\(service)' cannot be a service's name: use \(rule)")
    }
    let given = [("--region", region), ("--account", account), ("--bucket", bucket)].filter { $0.1 != nil }
    if !aws, let first = given.first { throw ValidationError("\(first.0) is for --aws") }
    if let region, !AWSPlace.isRegion(region) {
      throw ValidationError("'\(region)' is no region: write one like us-east-1")
    }
    if let account, !AWSPlace.isAccount(account) { throw ValidationError("an account's number has twelve digits") }
    if let bucket, !AWSPlace.isBucket(bucket) {
      throw ValidationError("'\(bucket)' cannot be a bucket: use 3 to 63 lower-case letters, digits, '-' and '.'")
    }
  }

  private var files: [Scaffold.File] {
    guard aws else { return Scaffold.files(service: service) }
    let example = AWSPlace.example
    return Scaffold.filesOnAWS(
      service: service,
      at: AWSPlace(
        region: region ?? example.region, account: account ?? example.account, bucket: bucket ?? example.bucket))
  }

  private var next: String {
    guard aws else { return "Next: rollout validate, rollout models register DIR --metric accuracy=0.61, rollout plan" }
    let missing = [("region", region), ("account", account), ("bucket", bucket)].filter { $0.1 == nil }.map(\.0)
    let fill =
      missing.isEmpty
      ? "" : "Still an example: the \(missing.joined(separator: ", ")); fill in your own, also in Access/.\n"
    return fill + """
      Next, once for the account: the bucket, a model package group '\(service)', and for each of endpoint, rollout and plan
        aws iam create-role --role-name \(service)-NAME --assume-role-policy-document file://Access/NAME-trust.json
        aws iam put-role-policy --role-name \(service)-NAME --policy-name NAME --policy-document file://Access/NAME-policy.json
      Two of them are for the jobs of one GitHub repository: put yours in for OWNER/REPOSITORY.
      The endpoint's may read model data under models/ of the bucket, and images of ECR's repositories \(service)*.
      Then: rollout validate, rollout plan
      """
  }

  func perform() async throws -> ExitStatus {
    let terminal = Terminal(format: format, environment: ProcessInfo.processInfo.environment)
    let files = FileManager.default
    let scaffold = self.files.map { (path: "\(directory)/\($0.path)", text: $0.text) }
    let present = scaffold.map(\.path).filter { files.fileExists(atPath: $0) }
    guard present.isEmpty else {
      throw CommandFailure(
        .failed, "\(present.joined(separator: ", ")) \(present.count == 1 ? "is" : "are") there already",
        help: "name another folder; nothing was written")
    }
    do {
      for file in scaffold {
        let folder = file.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try files.createDirectory(atPath: folder.joined(separator: "/"), withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: URL(fileURLWithPath: file.path), options: .atomic)
        terminal.say("wrote \(file.path)")
      }
    } catch {
      throw CommandFailure(
        .failed, "cannot write into \(directory): \(error)", help: "name a folder that this user may write to")
    }
    try terminal.present(
      next, Document(service: service, files: scaffold.map(\.path)))
    return .done
  }
}
