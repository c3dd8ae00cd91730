import LoopbackServer
import RolloutCore
import Testing

@testable import RolloutAWS

/// Objects, and writes that depend on what is there.
@Suite struct S3BucketTests {
  private func reply(_ status: Int, _ body: String = "", etag: String? = nil) -> LoopbackServer.Reply {
    let dates = [("Date", "Tue, 25 Nov 2025 10:00:05 GMT"), ("Last-Modified", "Tue, 25 Nov 2025 10:00:00 GMT")]
    return .answer(status: status, headers: dates + (etag.map { [("ETag", $0)] } ?? []), body: Array(body.utf8))
  }

  private func error(_ status: Int, _ code: String) -> LoopbackServer.Reply {
    reply(status, "<Error><Code>\(code)</Code><Message>m</Message></Error>")
  }

  @Test func `an object comes with its version and with both of its times`() async throws {
    let aws = try FakeAWS(reply(200, "text", etag: "\"v1\""), error(404, "NoSuchKey"))
    let bucket = S3Bucket("b", try aws.client())
    let object = try #require(try await bucket.object("a b/ü"))
    #expect(object.bytes == Array("text".utf8) && object.etag == "\"v1\"")
    #expect(object.servedAt.flatMap { served in object.changedAt.map { served - $0 } } == .seconds(5))
    #expect(aws.requests.first?.path == "/b/a%20b/%C3%BC")
    #expect(aws.requests.first?.header("x-amz-content-sha256")?.count == 64)
    #expect(try await bucket.object("nothing") == nil)
  }

  @Test func `a bucket that is not there is not an object that is not there`() async throws {
    let bucket = S3Bucket("b", try FakeAWS(error(404, "NoSuchBucket")).client())
    await #expect(throws: AWSError.self) { try await bucket.object("k") }
  }

  @Test func `a write says what it expects, and is told when that is not so`() async throws {
    let aws = try FakeAWS(
      reply(200, etag: "\"v1\""), error(412, "PreconditionFailed"), error(412, "PreconditionFailed"),
      error(404, "NoSuchKey"))
    let bucket = S3Bucket("b", try aws.client())
    #expect(try await bucket.put("k", [1], if: .absent) == .written(etag: "\"v1\""))
    #expect(try await bucket.put("k", [1], if: .absent) == .conditionFailed)
    #expect(try await bucket.put("k", [1], if: .unchanged(etag: "\"v0\"")) == .conditionFailed)
    #expect(try await bucket.put("gone", [1], if: .unchanged(etag: "\"v0\"")) == .conditionFailed)
    #expect(aws.requests.map { $0.header("If-None-Match") } == ["*", "*", nil, nil])
    #expect(aws.requests.map { $0.header("If-Match") } == [nil, nil, "\"v0\"", "\"v0\""])
  }

  @Test func `a conditional write whose answer is lost is not sent again`() async throws {
    let aws = try FakeAWS(.reset(), reply(200, etag: "\"v1\""))
    let bucket = S3Bucket("b", try aws.client())
    let error = await #expect(throws: AWSError.self) { try await bucket.put("k", [1], if: .absent) }
    #expect(error?.failure.mayHaveHappened == true && aws.left == 1)
    let again = try FakeAWS(.reset(), reply(200, etag: "\"v1\""))
    #expect(try await S3Bucket("b", try again.client()).put("k", [1]) == .written(etag: "\"v1\""))
  }

  @Test func `a write that S3 gave up because others wrote is sent again`() async throws {
    let contest = error(409, "ConditionalRequestConflict")
    let aws = try FakeAWS(contest, error(412, "PreconditionFailed"), contest, reply(200, etag: "\"v1\""))
    let bucket = S3Bucket("b", try aws.client())
    #expect(try await bucket.put("k", [1], if: .absent) == .conditionFailed)
    #expect(try await bucket.put("k", [1], if: .absent) == .written(etag: "\"v1\""))
    #expect(aws.requests.allSatisfy { $0.header("If-None-Match") == "*" } && aws.left == 0)
    let endless = try FakeAWS(contest, contest, contest)
    let failure = await #expect(throws: AWSError.self) {
      try await S3Bucket("b", try endless.client()).put("k", [1], if: .absent)
    }
    #expect(failure?.failure.mayHaveHappened == false && failure?.failure.refusal?.code == "ConditionalRequestConflict")
  }

  @Test func `what is deleted twice is deleted`() async throws {
    let aws = try FakeAWS(reply(204), .reset(), reply(204), error(403, "AccessDenied"))
    let bucket = S3Bucket("b", try aws.client())
    try await bucket.delete("a b")
    try await bucket.delete("k")
    #expect(aws.requests.map(\.method) == ["DELETE", "DELETE", "DELETE"])
    #expect(aws.requests.first?.path == "/b/a%20b")
    let failure = await #expect(throws: AWSError.self) { try await bucket.delete("k") }
    #expect(failure?.help?.contains("s3:DeleteObject") == true)
  }

  @Test func `a list goes on over all its pages`() async throws {
    let page = { (keys: [String], next: String?) in
      let contents = keys.map { "<Contents><Key>\($0)</Key></Contents>" }.joined()
      let more = next.map { "<IsTruncated>true</IsTruncated><NextContinuationToken>\($0)</NextContinuationToken>" }
      return reply(200, "<ListBucketResult>\(contents)\(more ?? "<IsTruncated>false</IsTruncated>")</ListBucketResult>")
    }
    let aws = try FakeAWS(page(["j/2", "j/3"], "t/1"), page(["j/4"], nil))
    #expect(try await S3Bucket("b", try aws.client()).keys(under: "j/", after: "j/1") == ["j/2", "j/3", "j/4"])
    #expect(
      aws.requests.map(\.path) == [
        "/b/?list-type=2&prefix=j%2F&start-after=j%2F1", "/b/?continuation-token=t%2F1&list-type=2&prefix=j%2F",
      ])
  }

  @Test func `a list that is cut short is not taken for a whole one`() async throws {
    let cut = reply(200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")
    let bucket = S3Bucket("b", try FakeAWS(cut).client())
    await #expect(throws: AWSError.self) { try await bucket.keys(under: "j/") }
  }

  @Test func `a template is kept under what it holds, at an address that CloudFormation can read`() async throws {
    let aws = try FakeAWS(reply(200, etag: "\"v1\""))
    let url = try await S3Bucket("b", try aws.client()).keep(template: "Resources: {}", under: "eyes/")
    let name = "eyes/templates/6983703a8fa98a921cf6a11048021ceb65f10d1004736266b8878658097ec65e.template"
    #expect(url == "\(aws.base)/b/\(name)")
    #expect(aws.requests.first?.path == "/b/\(name)" && aws.requests.first?.method == "PUT")
  }

  @Test(arguments: [
    ("eyes", "https://eyes.s3.eu-central-1.amazonaws.com/a%20b/c"),
    ("eyes.example", "https://s3.eu-central-1.amazonaws.com/eyes.example/a%20b/c"),
  ])
  func `an object's address names its bucket where certificates allow it`(bucket: String, url: String) throws {
    let client = try FakeAWS().client(["AWS_ENDPOINT_URL": ""])
    #expect(try S3Bucket(bucket, client).url(of: "a b/c") == url)
  }
}
