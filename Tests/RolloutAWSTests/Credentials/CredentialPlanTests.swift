import Testing

@testable import RolloutAWS

/// Where credentials come from, as environment and files say it.
@Suite struct CredentialPlanTests {
  private func plan(
    _ environment: [String: String] = [:], config: String? = nil, credentials: String? = nil
  ) throws -> CredentialPlan {
    try CredentialPlan(settings(environment, config: config, credentials: credentials))
  }

  private func settings(
    _ environment: [String: String], config: String?, credentials: String?
  ) throws -> AWSSettings {
    try AWSSettings(environment: environment.merging(["HOME": "/home/maria"]) { given, _ in given }) { path in
      switch path {
      case "/home/maria/.aws/config": config
      case "/home/maria/.aws/credentials": credentials
      default: nil
      }
    }
  }

  private func fixed(_ name: String, token: String? = nil) -> CredentialPlan {
    .fixed(AWSCredentials(accessKey: "A\(name)", secretKey: "S\(name)", sessionToken: token))
  }

  private let keys = ["AWS_ACCESS_KEY_ID": "Aenv", "AWS_SECRET_ACCESS_KEY": "Senv"]
  private let file = """
    [default]
    aws_access_key_id = Adefault
    aws_secret_access_key = Sdefault
    # a comment
    [ci]   ; with a comment behind it
    aws_access_key_id=Aci
    aws_secret_access_key=Sci
    aws_session_token=T#ci
    """

  @Test func `keys in the environment come first, unless a profile is asked for`() throws {
    #expect(try plan(keys, credentials: file) == fixed("env"))
    let old = keys.merging(["AWS_SESSION_TOKEN": "new", "AWS_SECURITY_TOKEN": "old"]) { $1 }
    #expect(try plan(old) == fixed("env", token: "old"))
    #expect(try plan(keys.merging(["AWS_PROFILE": "ci"]) { $1 }, credentials: file) == fixed("ci", token: "T#ci"))
    #expect(try plan(credentials: file) == fixed("default"))
  }

  @Test func `half a key is an error, and not the next source`() {
    let error = #expect(throws: AWSConfigError.self) { try plan(["AWS_ACCESS_KEY_ID": "A"], credentials: file) }
    #expect(error?.message == "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not")
    #expect(throws: AWSConfigError.self) { try plan(credentials: "[default]\naws_access_key_id = A") }
  }

  @Test func `a role is taken by another profile, which may take one itself`() throws {
    let config = """
      [profile production]
      role_arn = arn:aws:iam::1:role/deploy
      source_profile = hub
      external_id = x-1
      duration_seconds = 900
      [profile hub]
      role_arn = arn:aws:iam::2:role/hub
      source_profile = ci
      role_session_name = nightly
      """
    let hub = CredentialPlan.role(
      .init(arn: "arn:aws:iam::2:role/hub", sessionName: "nightly"), as: fixed("ci", token: "T#ci"))
    #expect(
      try plan(["AWS_PROFILE": "production"], config: config, credentials: file)
        == .role(.init(arn: "arn:aws:iam::1:role/deploy", externalID: "x-1", seconds: 900), as: hub))
  }

  @Test func `a profile that names itself means its own keys`() throws {
    let config = "[profile ci]\nrole_arn = r\nsource_profile = ci"
    #expect(
      try plan(["AWS_PROFILE": "ci"], config: config, credentials: file)
        == .role(.init(arn: "r"), as: fixed("ci", token: "T#ci")))
  }

  @Test func `profiles that go round are told, with the way`() {
    let config = """
      [profile a]
      role_arn = r
      source_profile = b
      [profile b]
      role_arn = s
      source_profile = a
      """
    let error = #expect(throws: AWSConfigError.self) { try plan(["AWS_PROFILE": "a"], config: config) }
    #expect(error?.message == "profile 'a' is its own source: a → b → a")
  }

  @Test(arguments: [
    ("credential_source = Environment", CredentialPlan.fixed(AWSCredentials(accessKey: "Aenv", secretKey: "Senv"))),
    ("credential_source = Ec2InstanceMetadata", .instance(endpoint: "http://169.254.169.254")),
  ])
  func `a role may be taken by what the machine has`(line: String, source: CredentialPlan) throws {
    let environment = keys.merging(["AWS_PROFILE": "p"]) { $1 }
    #expect(
      try plan(environment, config: "[profile p]\nrole_arn = r\n\(line)") == .role(.init(arn: "r"), as: source))
  }

  @Test func `a role without anybody to take it, or with a code to type, is an error`() {
    for lines in [
      "", "\ncredential_source = Moon", "\nsource_profile = empty\n[profile empty]\nregion = x", "\nmfa_serial = m",
    ] {
      #expect(throws: AWSConfigError.self) {
        try plan(["AWS_PROFILE": "p"], config: "[profile p]\nrole_arn = r\(lines)")
      }
    }
  }

  @Test func `the identity of a CI job comes before keys in files`() throws {
    let environment = ["AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "r", "AWS_ROLE_SESSION_NAME": "job"]
    #expect(
      try plan(environment, credentials: file)
        == .webIdentity(.init(arn: "r", tokenPath: "/token", sessionName: "job")))
  }

  @Test func `single sign-on is found by its session, or by its old address`() throws {
    let config = """
      [profile new]
      sso_session = corp
      sso_account_id = 1
      sso_role_name = dev
      [sso-session corp]
      sso_region = eu-west-1
      sso_start_url = https://corp.example
      [profile old]
      sso_start_url = https://old.example
      sso_region = eu-west-2
      sso_account_id = 2
      sso_role_name = ops
      """
    #expect(
      try plan(["AWS_PROFILE": "new"], config: config)
        == .singleSignOn(.init(cacheKey: "corp", region: "eu-west-1", account: "1", role: "dev")))
    #expect(
      try plan(["AWS_PROFILE": "old"], config: config)
        == .singleSignOn(.init(cacheKey: "https://old.example", region: "eu-west-2", account: "2", role: "ops")))
  }

  @Test func `a program is split into words without a shell`() throws {
    let config = #"[profile p]"# + "\n" + #"credential_process = "/opt/my tools/get" --role 'a b' c\ d "" $HOME"#
    #expect(
      try plan(["AWS_PROFILE": "p"], config: config)
        == .process(["/opt/my tools/get", "--role", "a b", "c d", "", "$HOME"]))
  }

  @Test(arguments: [
    ("http://127.0.0.1:80/c", true), ("http://localhost/c", true), ("http://[::1]:1/c", true),
    ("http://169.254.170.23/v1/credentials", true), ("http://[fd00:ec2::23]/c", true), ("https://any.example/c", true),
    ("http://any.example/c", false), ("http://127.0.0.1.evil.example/c", false),
    ("http://127.0.0.1@evil.example", false),
    ("ftp://127.0.0.1/c", false), ("http://169.254.170.200/c", false),
  ])
  func `credentials are not asked from strangers in the clear`(url: String, isTrusted: Bool) throws {
    let environment = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"]
    if isTrusted {
      #expect(try plan(environment) == .container(.init(url: url, token: "t")))
    } else {
      #expect(throws: AWSConfigError.self) { try plan(environment) }
    }
  }

  @Test func `the machine is asked last, and not where that is switched off`() throws {
    #expect(
      try plan(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1/"])
        == .instance(endpoint: "http://127.0.0.1:1"))
    let error = #expect(throws: AWSConfigError.self) { try plan(["AWS_EC2_METADATA_DISABLED": "TRUE"]) }
    #expect(error?.message.contains("/home/maria/.aws/config") == true)
  }

  @Test func `a profile that is not there is told with those that are`() {
    let error = #expect(throws: AWSConfigError.self) { try plan(["AWS_PROFILE": "cu"], credentials: file) }
    #expect(error?.message == "there is no profile 'cu' in /home/maria/.aws/config")
    #expect(error?.help == "there are: ci, default")
  }

  @Test(arguments: [("[default", 1), ("[default]\n\nnonsense", 3), ("key = value", 1)])
  func `a broken file is told with its line`(text: String, line: Int) {
    let error = #expect(throws: AWSConfigError.self) { try plan(config: text) }
    #expect(error?.message.hasPrefix("/home/maria/.aws/config:\(line): ") == true)
  }

  @Test func `nested tables and regions are read past`() throws {
    let config = "[default]\ns3 =\n  addressing_style = path\n  aws_access_key_id = wrong\nregion = eu-north-1\n"
    #expect(try settings([:], config: config, credentials: file).region == "eu-north-1")
    #expect(try settings(["AWS_DEFAULT_REGION": "eu-west-3"], config: config, credentials: nil).region == "eu-west-3")
    #expect(try plan(config: config, credentials: file) == fixed("default"))
  }
}
