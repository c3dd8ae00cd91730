/// What the environment and the files of the AWS tools say, read once.
package struct AWSSettings: Hashable, Sendable {
  /// Of the process.
  var environment: [String: String]
  /// Profile name → its settings from both files; the credentials file wins.
  var profiles: [String: Profile] = [:]
  /// `sso-session` name → its settings.
  var sessions: [String: [String: String]] = [:]
  /// For messages: where profiles were looked for.
  var configPath: String
  var home: String

  /// The settings of one profile, and which of them stand in the credentials file.
  struct Profile: Hashable, Sendable {
    var config: [String: String] = [:]
    var credentials: [String: String] = [:]

    subscript(_ key: String) -> String? { (credentials[key] ?? config[key]).flatMap { $0.isEmpty ? nil : $0 } }
  }

  /// `read` gives the text of a file, or `nil` where there is none.
  package init(environment: [String: String], read: (String) throws(AWSConfigError) -> String?) throws(AWSConfigError) {
    self.environment = environment
    let home = environment["HOME"] ?? "/"
    self.home = home
    let expand = { (path: String) in path.hasPrefix("~/") ? home + path.dropFirst() : path }
    configPath = expand(environment["AWS_CONFIG_FILE"].nonEmpty ?? "~/.aws/config")
    let credentialsPath = expand(environment["AWS_SHARED_CREDENTIALS_FILE"].nonEmpty ?? "~/.aws/credentials")
    let config = try read(configPath).map { text throws(AWSConfigError) in try AWSConfigFile(text, path: configPath) }
    let credentials = try read(credentialsPath).map { text throws(AWSConfigError) in
      try AWSConfigFile(text, path: credentialsPath)
    }
    for (title, values) in config?.sections ?? [:] {
      if title == "default" { profiles["default", default: Profile()].config = values }
      if let name = title.word(after: "profile") { profiles[name, default: Profile()].config = values }
      if let name = title.word(after: "sso-session") { sessions[name] = values }
    }
    for (name, values) in credentials?.sections ?? [:] { profiles[name, default: Profile()].credentials = values }
  }

  subscript(_ variable: String) -> String? { environment[variable].nonEmpty }

  /// Asked for by name; `nil` leaves the default.
  var namedProfile: String? { self["AWS_PROFILE"] ?? self["AWS_DEFAULT_PROFILE"] }

  var profile: Profile { profiles[namedProfile ?? "default"] ?? Profile() }

  /// Where requests go unless a file of ours says otherwise.
  package var region: String? { self["AWS_REGION"] ?? self["AWS_DEFAULT_REGION"] ?? profile["region"] }

  func profile(named name: String) throws(AWSConfigError) -> Profile {
    if let found = profiles[name] { return found }
    let names = profiles.keys.sorted().joined(separator: ", ")
    throw AWSConfigError(
      "there is no profile '\(name)' in \(configPath)",
      help: names.isEmpty ? "add a section [profile \(name)]" : "there are: \(names)")
  }
}

extension String? {
  fileprivate var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}

extension String {
  fileprivate func word(after keyword: String) -> String? {
    guard hasPrefix(keyword + " ") else { return nil }
    let rest = dropFirst(keyword.count + 1).filter { $0 != "\"" && $0 != "'" }
    return rest.isEmpty ? nil : String(rest)
  }
}
