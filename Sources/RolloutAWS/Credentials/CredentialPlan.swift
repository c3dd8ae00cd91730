/// Where credentials come from, as the settings decide it: a value, and nothing was asked yet. The order is that of
/// Amazon's own tools.
indirect enum CredentialPlan: Hashable, Sendable {
  case fixed(AWSCredentials)
  case role(Role, as: CredentialPlan)
  case webIdentity(WebIdentity)
  case singleSignOn(SingleSignOn)
  /// Split into words without a shell.
  case process([String])
  case container(ContainerAddress)
  case instance(endpoint: String)

  struct Role: Hashable, Sendable {
    var arn: String
    var sessionName: String?
    var externalID: String?
    var seconds: Int?
  }

  struct WebIdentity: Hashable, Sendable {
    var arn: String
    /// Read again at every refresh: whoever wrote it renews it.
    var tokenPath: String
    var sessionName: String?
  }

  struct SingleSignOn: Hashable, Sendable {
    /// Session name or start URL: the name of the cached token is made from it.
    var cacheKey: String
    var region: String
    var account: String
    var role: String
  }

  struct ContainerAddress: Hashable, Sendable {
    var url: String
    var token: String?
    /// Wins over `token`, and is read again at every refresh.
    var tokenPath: String?
  }
}

extension CredentialPlan {
  init(_ settings: AWSSettings) throws(AWSConfigError) {
    if settings.namedProfile == nil, let keys = try Self.environmentKeys(settings) {
      self = .fixed(keys)
      return
    }
    let name = settings.namedProfile ?? "default"
    let profile = settings.namedProfile == nil ? settings.profile : try settings.profile(named: name)
    if let plan = try Self.plan(of: profile, named: name, settings, through: []) {
      self = plan
      return
    }
    if let plan = try Self.ambient(settings) {
      self = plan
      return
    }
    throw AWSConfigError(
      "there are no AWS credentials: not in the environment, not in \(settings.configPath), and none of this machine's own",
      help: "log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
  }

  /// What a profile's settings say; `nil` when they say nothing of credentials. `path`: the profiles that led here.
  private static func plan(
    of profile: AWSSettings.Profile, named name: String, _ settings: AWSSettings, through path: [String]
  ) throws(AWSConfigError) -> CredentialPlan? {
    if let arn = profile["role_arn"] { return try role(arn, profile, name, settings, through: path) }
    if settings.namedProfile == nil, path.isEmpty, let web = webIdentity(settings) { return web }
    if let sso = try singleSignOn(profile, name, settings) { return sso }
    if let keys = try keys(profile.credentials, of: name) { return .fixed(keys) }
    if let command = profile["credential_process"] { return .process(words(of: command)) }
    return try keys(profile.config, of: name).map { .fixed($0) }
  }

  private static func role(
    _ arn: String, _ profile: AWSSettings.Profile, _ name: String, _ settings: AWSSettings, through path: [String]
  ) throws(AWSConfigError) -> CredentialPlan {
    if let token = profile["web_identity_token_file"] {
      return .webIdentity(WebIdentity(arn: arn, tokenPath: token, sessionName: profile["role_session_name"]))
    }
    guard profile["mfa_serial"] == nil else {
      throw AWSConfigError(
        "profile '\(name)' asks for a one-time code, and nobody is there to type it",
        help:
          "get a session with your own tool, and export its AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
      )
    }
    let role = Role(
      arn: arn, sessionName: profile["role_session_name"], externalID: profile["external_id"],
      seconds: profile["duration_seconds"].flatMap { Int($0) })
    if let source = profile["source_profile"] {
      guard !path.contains(source) else {
        throw AWSConfigError(
          "profile '\(source)' is its own source: \((path + [name, source]).joined(separator: " → "))",
          help: "name a profile with keys as source_profile")
      }
      let other = try settings.profile(named: source)
      // A profile that names itself means the keys that stand beside its role.
      if source == name, let own = try keys(of: other, named: source) { return .role(role, as: .fixed(own)) }
      if source != name, let plan = try plan(of: other, named: source, settings, through: path + [name]) {
        return .role(role, as: plan)
      }
      throw AWSConfigError(
        "profile '\(source)', which '\(name)' takes its credentials from, has none", help: "give it keys, or a login")
    }
    switch profile["credential_source"] {
    case "Environment": if let keys = try environmentKeys(settings) { return .role(role, as: .fixed(keys)) }
    case "EcsContainer": if let address = try container(settings) { return .role(role, as: address) }
    case "Ec2InstanceMetadata": return .role(role, as: instance(settings))
    default: break
    }
    throw AWSConfigError(
      "profile '\(name)' has a role, and nobody to take it as",
      help: "add source_profile, or credential_source with credentials behind it")
  }

  // MARK: - One source each

  private static func environmentKeys(_ settings: AWSSettings) throws(AWSConfigError) -> AWSCredentials? {
    guard let access = settings["AWS_ACCESS_KEY_ID"] else { return nil }
    guard let secret = settings["AWS_SECRET_ACCESS_KEY"] else {
      throw AWSConfigError(
        "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not", help: "set both, or neither")
    }
    return AWSCredentials(
      accessKey: access, secretKey: secret,
      sessionToken: settings["AWS_SECURITY_TOKEN"] ?? settings["AWS_SESSION_TOKEN"])
  }

  private static func keys(of profile: AWSSettings.Profile, named name: String) throws(AWSConfigError)
    -> AWSCredentials?
  {
    if let keys = try keys(profile.credentials, of: name) { return keys }
    return try keys(profile.config, of: name)
  }

  private static func keys(_ values: [String: String], of name: String) throws(AWSConfigError) -> AWSCredentials? {
    guard let access = values["aws_access_key_id"], !access.isEmpty else { return nil }
    guard let secret = values["aws_secret_access_key"], !secret.isEmpty else {
      throw AWSConfigError(
        "profile '\(name)' has an aws_access_key_id and no aws_secret_access_key", help: "add the secret")
    }
    return AWSCredentials(
      accessKey: access, secretKey: secret, sessionToken: values["aws_session_token"].flatMap { $0.isEmpty ? nil : $0 })
  }

  private static func webIdentity(_ settings: AWSSettings) -> CredentialPlan? {
    guard let path = settings["AWS_WEB_IDENTITY_TOKEN_FILE"], let arn = settings["AWS_ROLE_ARN"] else { return nil }
    return .webIdentity(WebIdentity(arn: arn, tokenPath: path, sessionName: settings["AWS_ROLE_SESSION_NAME"]))
  }

  private static func singleSignOn(
    _ profile: AWSSettings.Profile, _ name: String, _ settings: AWSSettings
  ) throws(AWSConfigError) -> CredentialPlan? {
    guard let account = profile["sso_account_id"], let role = profile["sso_role_name"] else { return nil }
    if let session = profile["sso_session"] {
      guard let region = settings.sessions[session]?["sso_region"] else {
        throw AWSConfigError(
          "profile '\(name)' names the session '\(session)', which is not in \(settings.configPath)",
          help: "add [sso-session \(session)] with sso_region and sso_start_url")
      }
      return .singleSignOn(SingleSignOn(cacheKey: session, region: region, account: account, role: role))
    }
    guard let url = profile["sso_start_url"], let region = profile["sso_region"] else { return nil }
    return .singleSignOn(SingleSignOn(cacheKey: url, region: region, account: account, role: role))
  }

  /// Of the machine or container that this runs in.
  private static func ambient(_ settings: AWSSettings) throws(AWSConfigError) -> CredentialPlan? {
    if let container = try container(settings) { return container }
    guard settings["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
    return instance(settings)
  }

  private static func instance(_ settings: AWSSettings) -> CredentialPlan {
    let endpoint = settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
    return .instance(endpoint: endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)
  }

  private static func container(_ settings: AWSSettings) throws(AWSConfigError) -> CredentialPlan? {
    let token = settings["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    let tokenPath = settings["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
    if let path = settings["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      guard path.hasPrefix("/") else {
        throw AWSConfigError("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path", help: "it begins with /")
      }
      return .container(ContainerAddress(url: "http://169.254.170.2" + path, token: token, tokenPath: tokenPath))
    }
    guard let url = settings["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else { return nil }
    guard isTrustedContainerAddress(url) else {
      throw AWSConfigError(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that credentials are not asked from in the clear",
        help: "use https, this machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]")
    }
    return .container(ContainerAddress(url: url, token: token, tokenPath: tokenPath))
  }

  private static func isTrustedContainerAddress(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@") else { return false }
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    let isLoopback =
      host == "localhost" || host == "[::1]"
      || host.hasPrefix("127.") && host.split(separator: ".").allSatisfy { UInt8($0) != nil }
    return isLoopback || ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"].contains(String(host))
  }

  /// A command as a shell would split it, without running one: quotes hold words together.
  static func words(of command: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in command {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let done = word { words.append(done) }
    return words
  }
}
