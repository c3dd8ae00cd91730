/// What there is in AWS: as much of `GET /emulator/state` as tests look at.
struct CloudState: Decodable, Sendable, Equatable {
  struct Endpoint: Decodable, Sendable, Equatable {
    var status: String
    var config: String
    var pendingConfig: String?
    /// Those that get traffic.
    var fleets: [Fleet]

    /// Instances of the old fleet.
    var desired: Int? { fleets.first?.variants.values.map(\.desired).reduce(0, +) }
    /// Of the traffic, what goes to the new one.
    var newShare: Double { pendingConfig.flatMap { new in fleets.first { $0.config == new }?.share } ?? 0 }
    /// The version that serves everybody, out of the package's name.
    var version: Int? {
      guard pendingConfig == nil, let package = fleets.first?.variants.values.first?.modelPackage else { return nil }
      return package.split(separator: "/").last.flatMap { Int($0) }
    }
  }
  struct Fleet: Decodable, Sendable, Equatable {
    var config: String
    var share: Double
    var variants: [String: Variant]
  }
  struct Variant: Decodable, Sendable, Equatable {
    var modelPackage: String?
    var inferenceSpecification: String?
    var desired: Int
    var current: Int
  }

  var endpoints: [String: Endpoint]
  /// Name → state.
  var alarms: [String: String]
  var configurations: [String]
  var models: [String]
  /// Name → status.
  var stacks: [String: String]

  /// Ours, not those that scaling keeps for itself.
  func isTripped(_ alarm: String) -> Bool { alarms["eye-catcher-prod-\(alarm)"] == "ALARM" }
  var isQuiet: Bool { !["model-errors", "model-errors-new", "cpu", "latency", "abort"].contains { isTripped($0) } }

  var production: Endpoint? { endpoints["eye-catcher-prod"] }
  var staging: Endpoint? { endpoints["eye-catcher-staging"] }

  private enum Keys: String, CodingKey { case endpoints, alarms, configurations, models, stacks }

  /// A region that nobody has asked yet has no more than no endpoints.
  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Keys.self)
    endpoints = try values.decode([String: Endpoint].self, forKey: .endpoints)
    alarms = try values.decodeIfPresent([String: String].self, forKey: .alarms) ?? [:]
    configurations = try values.decodeIfPresent([String].self, forKey: .configurations) ?? []
    models = try values.decodeIfPresent([String].self, forKey: .models) ?? []
    stacks = try values.decodeIfPresent([String: String].self, forKey: .stacks) ?? [:]
  }
}

/// A request that reached AWS: as much of `GET /emulator/log` as tests look at.
struct CloudRequest: Decodable, Sendable, CustomStringConvertible {
  /// A parameter that is text; others count as none.
  struct Parameter: Decodable, Sendable {
    var text: String?

    init(from decoder: any Decoder) throws {
      text = try? decoder.singleValueContainer().decode(String.self)
    }
  }

  var service: String?
  var operation: String?
  var status: Int?
  var error: String?
  var parameters: [String: Parameter]
  var fault: String?
  /// A copy that came late.
  var late: Bool?
  /// `cloudformation` if a stack's work asked for it.
  var by: String?

  var description: String {
    let names = parameters.filter { $0.value.text.map { $0.count < 120 } ?? false && $0.key != "AlarmDescription" }
      .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text ?? "")" }
    return "\(by ?? "client"): \(operation ?? "?") \(names.joined(separator: " ")) → \(status ?? 0) \(error ?? "")"
      + (fault.map { " [\($0)]" } ?? "") + (late == true ? " [late]" : "")
  }

  var isRead: Bool {
    let words = ["Describe", "Get", "List", "Head", "BatchDescribe", "BatchGet"]
    return words.contains { operation?.hasPrefix($0) == true }
  }

  /// Carries out a change set of ours on this stack.
  func executes(on stack: String) -> Bool { operation == "ExecuteChangeSet" && parameters["StackName"]?.text == stack }
}
