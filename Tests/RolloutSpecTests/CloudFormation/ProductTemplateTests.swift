import FoundationEssentials
import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

/// The templates that come with the product.
@Suite struct `The product's templates` {
  static let names = ["staging", "production"]

  @Test(arguments: names) func `are clean as they stand`(_ name: String) throws {
    #expect(try ProductTemplate(name).problems() == "")
  }

  @Test(arguments: names) func `are clean with what a deployment fills in`(_ name: String) throws {
    #expect(try ProductTemplate(name).problems(given: ProductTemplate.deployment) == "")
  }

  @Test(arguments: names) func `are clean for a new endpoint, and for a way back`(_ name: String) throws {
    for parameter in [["FirstDeployment": "true"], ["Guarded": "false", "Routing": "ALL_AT_ONCE"]] {
      let given = ProductTemplate.deployment.merging(parameter) { $1 }
      #expect(try ProductTemplate(name).problems(given: given) == "")
    }
  }

  @Test(arguments: names) func `let no alarm end a way back`(_ name: String) throws {
    let given = ProductTemplate.deployment.merging(["Guarded": "false", "Routing": "ALL_AT_ONCE"]) { $1 }
    let stack = try #require(ProductTemplate(name).reading(given: given))
    #expect(stack.endpoint?.deployment?.rollbackAlarms == [])
    #expect(stack.alarms.count == 5)
  }

  @Test(arguments: names) func `are small enough for one request`(_ name: String) throws {
    #expect(try ProductTemplate(name).text.utf8.count <= 51_200)
  }

  @Test(arguments: names) func `declare every parameter that is filled in, and only alarms' beside`(_ name: String)
    throws
  {
    let declared = try #require(ProductTemplate(name).reading()).parameters.map(\.name)
    let alarms = ["ModelErrors", "Cpu", "Latency"].flatMap { alarm in
      ["Threshold", "Period", "Datapoints", "Periods"].map { alarm + $0 }
    }
    #expect(Set(declared) == Set(StackParameters.filled + alarms))
  }
}

/// A template of the product, as a test spoils it.
struct ProductTemplate {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  var text: String
  let path: String

  init(_ name: String) throws {
    path = "Templates/\(name).yaml"
    text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
  }

  /// With the one place of a text replaced.
  func with(_ old: String, _ new: String) throws -> ProductTemplate {
    try #require(text.firstRange(of: old) != nil, "there is something to replace")
    var changed = self
    changed.text.replace(old, with: new, maxReplacements: 1)
    return changed
  }

  /// What `rollout` gives a canary of 10 % of four instances.
  static let deployment: [String: String] = [
    "EndpointName": "eye-catcher-prod", "EndpointConfigName": "eye-catcher-prod-12",
    "ModelPackageArn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/eye-catcher/2",
    "InferenceSpecificationName": "", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/eye-catcher",
    "InstanceType": "ml.m5.xlarge", "VCPUs": "4", "InitialInstanceCount": "4", "FirstDeployment": "false",
    "Guarded": "true",
    "Routing": "CANARY", "TrafficPercent": "10", "WaitSeconds": "600", "TerminationWaitSeconds": "600",
    "TimeoutSeconds": "3600", "MinCapacity": "4", "MaxCapacity": "7", "InvocationsPerInstance": "70",
    "ScaleOutCooldown": "300", "ScaleInCooldown": "600",
  ]

  func reading(given parameters: [String: String] = [:]) -> StackReading? {
    var diagnostics = Diagnostics()
    return readTemplate(text, path: path, parameters: parameters, into: &diagnostics)
  }

  func diagnostics(given parameters: [String: String] = [:], live: StackReading? = nil) -> [Diagnostic] {
    var diagnostics = Diagnostics()
    lintTemplate(text, path: path, parameters: parameters, live: live, into: &diagnostics)
    return diagnostics.sorted
  }

  /// What a person would see.
  func problems(given parameters: [String: String] = [:], live: StackReading? = nil) -> String {
    DiagnosticText().render(diagnostics(given: parameters, live: live))
  }
}
