import Foundation
import RolloutCore
import RolloutDigest
import Testing

@testable import RolloutAWS

/// Signatures against AWS's own reference cases.
@Suite struct SigV4Tests {
  private static let credentials = AWSCredentials(
    accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
  /// 2015-08-30T12:36:00Z.
  private static let moment = Timestamp(milliseconds: 1_440_938_160_000)

  private static func signature(_ request: AWSRequest, _ change: (inout SigV4) -> Void = { _ in }) -> String {
    var signer = SigV4(credentials, region: "us-east-1", service: "service", paths: .normalized)
    change(&signer)
    let authorization = signer.signed(request, at: moment).headers.last { $0.name == "Authorization" }?.value ?? ""
    return String(authorization.suffix(64))
  }

  @Test func `the plainest request has the signature that AWS publishes`() {
    let request = AWSRequest("GET", host: "example.amazonaws.com")
    #expect(Self.signature(request) == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
  }

  @Test func `a path that was not normalised is signed as it is sent`() {
    let request = AWSRequest("GET", host: "example.amazonaws.com", path: "/example space/")
    let signature = Self.signature(request) { $0.paths = .asSent }
    #expect(signature == "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")
  }

  @Test func `a request can carry its signature in its address`() {
    let signer = SigV4(Self.credentials, region: "us-east-1", service: "service", paths: .normalized)
    let request = AWSRequest("GET", host: "example.amazonaws.com")
    let presigned = signer.presigned(request, at: Self.moment, lasting: .seconds(3_600))
    #expect(
      presigned.query.last
        == AWSRequest.Field(
          "X-Amz-Signature", "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"))
  }

  @Test func `every byte, header and moment changes the signature`() {
    let plain = AWSRequest(
      "POST", host: "h", path: "/a", query: [.init("q", "1")], headers: [.init("n", "v")], body: [1])
    var variants = [plain]
    for change: (inout AWSRequest) -> Void in [
      { $0.method = "PUT" }, { $0.host = "i" }, { $0.path = "/b" }, { $0.query[0].value = "2" },
      { $0.headers[0].value = "w" }, { $0.body = [2] },
    ] {
      var variant = plain
      change(&variant)
      variants.append(variant)
    }
    #expect(Set(variants.map { Self.signature($0) }).count == variants.count)
    #expect(Self.signature(plain) { $0.region = "eu-central-1" } != Self.signature(plain))
  }

  @Test func `credentials do not show their secrets`() {
    #expect(!"\(Self.credentials)".contains("wJalr"))
  }

  @Test(.needsSigningVectors, arguments: SigningCase.all) func `AWS's own cases are matched`(_ name: String) throws {
    let example = try SigningCase(name)
    let signer = example.signer
    let signed = signer.signed(example.request, at: Self.moment)
    let authorization = try #require(signed.headers.last { $0.name == "Authorization" }?.value)
    #expect(authorization.hasSuffix("Signature=\(try example.text("header-signature"))"))
    var unsigned = signed
    unsigned.headers.removeLast()
    if signer.addsTokenUnsigned { unsigned.headers.removeAll { $0.name == "X-Amz-Security-Token" } }
    let canonical = CanonicalRequest(unsigned, signer.paths, payload: .init(of: example.request.body))
    #expect(canonical.text == (try example.text("header-canonical-request")))
    #expect(signer.stringToSign(canonical, .init(Self.moment)) == (try example.text("header-string-to-sign")))

    let presigned = signer.presigned(example.request, at: Self.moment, lasting: example.lasting)
    #expect(presigned.query.last?.value == (try example.text("query-signature")))
  }
}
