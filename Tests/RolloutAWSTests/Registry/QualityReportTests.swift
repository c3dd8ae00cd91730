import LoopbackServer
import RolloutCore
import RolloutEngine
import Testing

@testable import RolloutAWS

/// What reports in S3 say about a model.
@Suite struct QualityReportTests {
  private static let report = """
    {"version": 0.1, "dataset": {"item_count": 500},
     "multiclass_classification_metrics": {
       "accuracy": {"value": 0.61, "standard_deviation": 0.02}, "weighted_recall": 0.58,
       "confusion_matrix": {"0": {"0": 10, "1": 2}}, "labels": [1, 2]},
     "baseline": {"weighted_recall": 0.58, "f1": 0.5}, "other": {"f1": 0.7}}
    """

  private static func package(_ metadata: String) -> LoopbackServer.Reply {
    .json(
      #"""
      {"ModelPackageArn":"arn:p","ModelPackageVersion":7,"ModelPackageStatus":"Completed",
       "ModelApprovalStatus":"Approved","CustomerMetadataProperties":\#(metadata),
       "ModelMetrics":{"ModelQuality":{"Statistics":{"ContentType":"application/json","S3Uri":"s3://reports/a b/q.json"}}}}
      """#)
  }

  private static let list = LoopbackServer.Reply.json(
    #"{"ModelPackageSummaryList":[{"ModelPackageArn":"arn:p","ModelPackageVersion":7}]}"#)

  private func s3(_ status: Int, _ body: String) -> LoopbackServer.Reply {
    .answer(status: status, headers: [("ETag", "\"v\"")], body: Array(body.utf8))
  }

  private func metrics(_ metadata: String, _ report: LoopbackServer.Reply) async throws -> [String: Double] {
    let aws = try FakeAWS(Self.list, Self.package(metadata), report)
    let package = try await SageMakerRegistry(try aws.client()).package(7, in: "p")
    #expect(aws.requests[2].path == "/reports/a%20b/q.json")
    return package.metrics
  }

  @Test func `numbers are known by the last word of their place, unless that means two numbers`() {
    #expect(
      QualityReport(Array(Self.report.utf8)).metrics == [
        "version": 0.1, "item_count": 500, "accuracy": 0.61, "weighted_recall": 0.58,
      ])
  }

  @Test(arguments: ["", "<html>", "[1, 2]", "3", #"{"accuracy": "high"}"#, #"{"accuracy": {"value": null}}"#])
  func `what holds no numbers measures nothing`(text: String) {
    #expect(QualityReport(Array(text.utf8)).metrics.isEmpty)
  }

  @Test func `a report is read from where the package says, and its own metadata counts more`() async throws {
    let metrics = try await metrics(#"{"accuracy":"0.7","latency":"3"}"#, s3(200, Self.report))
    #expect(metrics["accuracy"] == 0.7 && metrics["weighted_recall"] == 0.58 && metrics["latency"] == 3)
  }

  @Test(arguments: [(404, "NoSuchKey"), (403, "AccessDenied"), (301, "PermanentRedirect"), (404, "NoSuchBucket")])
  func `a report that may not be read measures nothing`(status: Int, code: String) async throws {
    let refused = s3(status, "<Error><Code>\(code)</Code></Error>")
    #expect(try await metrics("{}", refused).isEmpty)
  }

  @Test func `a report that cannot be asked for now is not taken for none`() async throws {
    let broken = s3(500, "<Error><Code>InternalError</Code></Error>")
    let aws = try FakeAWS(Self.list, Self.package("{}"), broken, broken, broken)
    let registry = SageMakerRegistry(try aws.client())
    let error = await #expect(throws: RegistryError.self) { try await registry.package(7, in: "p") }
    #expect(error?.code == .storageUnavailable)
  }
}
