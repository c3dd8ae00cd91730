import Foundation
import RolloutCore
import RolloutDigest
import RolloutHTTP
import Subprocess
import SystemPackage

/// Carries out what a plan says of where credentials come from. Nothing is kept: files are read and services asked anew
/// each time.
struct CredentialFetcher: Sendable {
  let settings: AWSSettings
  let http: HTTPClient
  let pace: AWSClient.Pace
  /// Where roles are taken, unless the settings say otherwise.
  let region: String

  func fetch() async throws(AWSFailure) -> AWSCredentials {
    let plan: CredentialPlan
    do { plan = try CredentialPlan(settings) } catch { throw .noCredentials(error.message, help: error.help) }
    return try await fetch(plan)
  }

  func fetch(_ plan: CredentialPlan) async throws(AWSFailure) -> AWSCredentials {
    switch plan {
    case .fixed(let credentials): credentials
    case .role(let role, let source): try await take(role, as: source)
    case .webIdentity(let identity): try await take(identity)
    case .singleSignOn(let login): try await credentials(of: login)
    case .process(let words): try await run(words)
    case .container(let address): try await ask(address)
    case .instance(let endpoint): try await askInstance(endpoint)
    }
  }

  // MARK: - Roles

  private func take(_ role: CredentialPlan.Role, as source: CredentialPlan) async throws(AWSFailure) -> AWSCredentials {
    let client = AWSClient(region: settings.region ?? region, settings, http: http, pace: pace) {
      () throws(AWSFailure) in try await fetch(source)
    }
    var form = [("RoleArn", role.arn), ("RoleSessionName", role.sessionName ?? "rollout")]
    if let id = role.externalID { form.append(("ExternalId", id)) }
    if let seconds = role.seconds { form.append(("DurationSeconds", "\(seconds)")) }
    return try await session(client, "AssumeRole", form, isUnsigned: false)
  }

  private func take(_ identity: CredentialPlan.WebIdentity) async throws(AWSFailure) -> AWSCredentials {
    let token = try read(identity.tokenPath, as: "the token of a web identity").trimmed
    let client = AWSClient(region: settings.region ?? region, settings, http: http, pace: pace) {
      () throws(AWSFailure) in throw .noCredentials("nobody signs a web identity", help: nil)
    }
    let form = [
      ("RoleArn", identity.arn), ("RoleSessionName", identity.sessionName ?? "rollout"), ("WebIdentityToken", token),
    ]
    return try await session(client, "AssumeRoleWithWebIdentity", form, isUnsigned: true)
  }

  private func session(
    _ client: AWSClient, _ operation: String, _ form: [(String, String)], isUnsigned: Bool
  ) async throws(AWSFailure) -> AWSCredentials {
    let answer: XMLElement
    do throws(AWSError) {
      answer = try await client.query(.sts, version: "2011-06-15", operation, form, isUnsigned: isUnsigned)
    } catch {
      throw .noCredentials("\(error)", help: error.help)
    }
    guard let session = answer["Credentials"], let access = session.text("AccessKeyId"),
      let secret = session.text("SecretAccessKey"), let token = session.text("SessionToken"),
      let expires = session.text("Expiration").flatMap({ Timestamp(awsText: $0) })
    else {
      throw .noCredentials("sts:\(operation) answered without credentials", help: nil)
    }
    return AWSCredentials(accessKey: access, secretKey: secret, sessionToken: token, expires: expires)
  }

  // MARK: - Single sign-on

  private struct Login: Decodable {
    var accessToken: String
    var expiresAt: String
  }

  private struct LoginAnswer: Decodable {
    struct Keys: Decodable {
      var accessKeyId: String
      var secretAccessKey: String
      var sessionToken: String
      /// Milliseconds since 1970.
      var expiration: Double
    }
    var roleCredentials: Keys
  }

  private func credentials(of login: CredentialPlan.SingleSignOn) async throws(AWSFailure) -> AWSCredentials {
    let again = "log in again: aws sso login"
    let path = "\(settings.home)/.aws/sso/cache/\(SHA1.hex(of: login.cacheKey)).json"
    let text = try read(path, as: "the login of \(login.cacheKey)", help: again)
    guard let cached = try? CanonicalJSON.value(Login.self, from: Array(text.utf8)),
      let expires = Timestamp(awsText: cached.expiresAt)
    else {
      throw .noCredentials("\(path) does not hold a login", help: again)
    }
    guard expires > pace.now() else {
      throw .noCredentials("the login of \(login.cacheKey) was over at \(expires)", help: again)
    }
    let url =
      settings["AWS_ENDPOINT_URL_SSO"] ?? "https://portal.sso.\(login.region).amazonaws.com"
    let answer = try await get(
      url + "/federation/credentials?role_name=\(PercentEncoding.encode(login.role))"
        + "&account_id=\(PercentEncoding.encode(login.account))",
      headers: [("x-amz-sso_bearer_token", cached.accessToken)], help: again)
    guard let keys = try? CanonicalJSON.value(LoginAnswer.self, from: answer.body).roleCredentials else {
      throw .noCredentials("single sign-on answered without credentials", help: again)
    }
    return AWSCredentials(
      accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey, sessionToken: keys.sessionToken,
      expires: Timestamp(epochSeconds: keys.expiration / 1_000))
  }

  // MARK: - Programs, containers and machines

  /// What all three answer. Times are as RFC 3339 writes them.
  private struct Keys: Decodable {
    var Version: Int?
    var Code: String?
    var AccessKeyId: String?
    var SecretAccessKey: String?
    var Token: String?
    var SessionToken: String?
    var Expiration: String?
  }

  private func keys(_ bytes: [UInt8], from source: String) throws(AWSFailure) -> AWSCredentials {
    guard let keys = try? CanonicalJSON.value(Keys.self, from: bytes), let access = keys.AccessKeyId,
      let secret = keys.SecretAccessKey, keys.Code ?? "Success" == "Success"
    else {
      throw .noCredentials("\(source) answered without credentials", help: nil)
    }
    let expires = keys.Expiration.map { Timestamp(awsText: $0) }
    if case .some(.none) = expires {
      throw .noCredentials("\(source) says '\(keys.Expiration ?? "")' for when its credentials expire", help: nil)
    }
    return AWSCredentials(
      accessKey: access, secretKey: secret, sessionToken: keys.SessionToken ?? keys.Token,
      expires: expires.flatMap(\.self))
  }

  private func run(_ words: [String]) async throws(AWSFailure) -> AWSCredentials {
    guard let program = words.first else { throw .noCredentials("credential_process names no program", help: nil) }
    let help = "run it by hand: \(words.joined(separator: " "))"
    do {
      let result = try await Subprocess.run(
        program.contains("/") ? .path(FilePath(program)) : .name(program),
        arguments: Arguments(Array(words.dropFirst())),
        output: .bytes(limit: 65_536), error: .string(limit: 65_536))
      guard result.terminationStatus.isSuccess else {
        let said = result.standardError.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
        throw AWSFailure.noCredentials("\(program), the credential_process, failed\(said)", help: help)
      }
      let bytes = result.standardOutput
      guard let version = try? CanonicalJSON.value(Keys.self, from: bytes).Version, version == 1 else {
        throw AWSFailure.noCredentials(
          "\(program), the credential_process, did not print version 1 of its answer", help: help)
      }
      return try keys(bytes, from: program)
    } catch let failure as AWSFailure {
      throw failure
    } catch {
      throw .noCredentials("\(program), the credential_process, cannot be run: \(error)", help: help)
    }
  }

  private func ask(_ address: CredentialPlan.ContainerAddress) async throws(AWSFailure) -> AWSCredentials {
    let file = try address.tokenPath.map { path throws(AWSFailure) in try read(path, as: "the container's token") }
    let token = file?.trimmed ?? address.token
    if let token, token.contains(where: \.isNewline) {
      throw .noCredentials("the container's token holds a line break", help: nil)
    }
    let answer = try await get(
      address.url, headers: token.map { [("Authorization", $0)] } ?? [], help: nil, tries: 3)
    return try keys(answer.body, from: "the container's credentials service")
  }

  private func askInstance(_ endpoint: String) async throws(AWSFailure) -> AWSCredentials {
    let help =
      "no other credentials were found: log in, set AWS_PROFILE, or set AWS_EC2_METADATA_DISABLED=true to be told at once"
    let token = try await get(
      endpoint + "/latest/api/token", method: "PUT", headers: [("x-aws-ec2-metadata-token-ttl-seconds", "21600")],
      help: help, within: .seconds(1))
    let header = ("x-aws-ec2-metadata-token", String(decoding: token.body, as: UTF8.self).trimmed)
    let path = endpoint + "/latest/meta-data/iam/security-credentials/"
    let roles = try await get(path, headers: [header], help: help, within: .seconds(1))
    guard let role = String(decoding: roles.body, as: UTF8.self).split(whereSeparator: \.isNewline).first else {
      throw .noCredentials("this machine has no role", help: help)
    }
    let answer = try await get(
      path + PercentEncoding.encode(String(role).trimmed), headers: [header], help: help, within: .seconds(1))
    return try keys(answer.body, from: "this machine's metadata service")
  }

  private func get(
    _ url: String, method: String = "GET", headers: [(name: String, value: String)], help: String?,
    within timeout: TimeSpan = .seconds(2), tries: Int = 1
  ) async throws(AWSFailure) -> HTTPResponse {
    let request = HTTPRequest(
      method: method, url: url, headers: headers, timeout: timeout.duration, connectTimeout: timeout.duration,
      responseBytesMax: 65_536)
    var trouble = ""
    for _ in 0..<tries {
      do throws(HTTPError) {
        let answer = try await http.send(request)
        if answer.status == 200 { return answer }
        trouble = "answered with status \(answer.status)"
      } catch { trouble = error.message }
    }
    throw .noCredentials("no credentials from \(url.prefix { $0 != "?" }): \(trouble)", help: help)
  }

  private func read(_ path: String, as title: String, help: String? = nil) throws(AWSFailure) -> String {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw .noCredentials("\(title) is not in \(path)", help: help)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
