package import RolloutCore
import RolloutDigest

/// Signs requests as AWS asks for them (Signature Version 4). The moment is an argument: the same request at the same
/// moment has the same signature.
package struct SigV4: Hashable, Sendable {
  /// What the signature makes of a path.
  package enum Paths: Hashable, Sendable {
    /// Encoded once, nothing left out: S3, whose keys may hold anything.
    case asSent
    /// Without `.`, `..` and empty segments, encoded once.
    case normalized
    /// The same, encoded once more than it is sent: every service but S3.
    case encodedTwice
  }

  package static let algorithm = "AWS4-HMAC-SHA256"

  package var credentials: AWSCredentials
  /// `eu-central-1`.
  package var region: String
  /// The name under which the service is signed for: `sagemaker` for the runtime as well.
  package var service: String
  package var paths: Paths
  /// Says the body's digest in a header, as S3 asks for.
  package var namesPayload: Bool
  /// Adds the session token without signing it, as a few old services want.
  package var addsTokenUnsigned: Bool

  package init(
    _ credentials: AWSCredentials, region: String, service: String, paths: Paths = .encodedTwice,
    namesPayload: Bool = false, addsTokenUnsigned: Bool = false
  ) {
    self.credentials = credentials
    self.region = region
    self.service = service
    self.paths = paths
    self.namesPayload = namesPayload
    self.addsTokenUnsigned = addsTokenUnsigned
  }

  /// The request with everything that it needs to be believed in its headers.
  package func signed(_ request: AWSRequest, at moment: Timestamp) -> AWSRequest {
    let time = Time(moment)
    let payload = Digest(of: request.body)
    var request = request
    request.headers.append(AWSRequest.Field("X-Amz-Date", time.long))
    if namesPayload { request.headers.append(AWSRequest.Field("x-amz-content-sha256", payload.hex)) }
    let token = credentials.sessionToken.map { AWSRequest.Field("X-Amz-Security-Token", $0) }
    if let token, !addsTokenUnsigned { request.headers.append(token) }
    let canonical = CanonicalRequest(request, paths, payload: payload)
    if let token, addsTokenUnsigned { request.headers.append(token) }
    request.headers.append(
      AWSRequest.Field(
        "Authorization",
        "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope(time)), "
          + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature(of: canonical, time))"))
    return request
  }

  /// The request with its signature in the query, for whoever holds the address: for `lasting` at most.
  package func presigned(_ request: AWSRequest, at moment: Timestamp, lasting span: TimeSpan) -> AWSRequest {
    let time = Time(moment)
    var request = request
    let token = credentials.sessionToken.map { AWSRequest.Field("X-Amz-Security-Token", $0) }
    let names = Set(request.headers.map { $0.name.lowercased() }).union(["host"]).sorted()
    request.query += [
      AWSRequest.Field("X-Amz-Algorithm", Self.algorithm),
      AWSRequest.Field("X-Amz-Credential", "\(credentials.accessKey)/\(scope(time))"),
      AWSRequest.Field("X-Amz-Date", time.long),
      AWSRequest.Field("X-Amz-SignedHeaders", names.joined(separator: ";")),
      AWSRequest.Field("X-Amz-Expires", "\(span.milliseconds / 1_000)"),
    ]
    if let token, !addsTokenUnsigned { request.query.append(token) }
    let canonical = CanonicalRequest(request, paths, payload: Digest(of: request.body))
    if let token, addsTokenUnsigned { request.query.append(token) }
    request.query.append(AWSRequest.Field("X-Amz-Signature", signature(of: canonical, time)))
    return request
  }

  func stringToSign(_ canonical: CanonicalRequest, _ time: Time) -> String {
    [Self.algorithm, time.long, scope(time), canonical.digest.hex].joined(separator: "\n")
  }

  private func signature(of canonical: CanonicalRequest, _ time: Time) -> String {
    let key = [time.day, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secretKey)".utf8)) {
      HMAC.sha256($1.utf8, key: $0)
    }
    return Digest(bytes: HMAC.sha256(stringToSign(canonical, time).utf8, key: key)).hex
  }

  private func scope(_ time: Time) -> String { "\(time.day)/\(region)/\(service)/aws4_request" }
}

extension SigV4 {
  /// A moment as signatures write it: `20150830` and `20150830T123600Z`.
  struct Time: Hashable {
    let day: String
    let long: String

    init(_ moment: Timestamp) {
      let digits = moment.description.filter(\.isNumber)
      day = String(digits.prefix(8))
      long = "\(day)T\(digits.dropFirst(8).prefix(6))Z"
    }
  }
}
