import LoopbackServer
import RolloutCore
import RolloutEngine
import Testing

@testable import RolloutAWS

/// Packages of SageMaker as models to choose from, and decisions about them.
@Suite struct SageMakerRegistryTests {
  private func package(
    _ version: Int, approval: String = "Approved", status: String = "Completed", image: String = "eyes",
    metadata: String = "{}", more: String = ""
  ) -> LoopbackServer.Reply {
    .json(
      #"""
      {"ModelPackageArn":"arn:aws:sagemaker:eu-central-1:1:model-package/eyes/\#(version)",
       "ModelPackageGroupName":"eyes","ModelPackageVersion":\#(version),"ModelPackageStatus":"\#(status)",
       "ModelApprovalStatus":"\#(approval)","CreationTime":1764000000,"CreatedBy":{"UserProfileName":"ana"},
       "LastModifiedTime":1764003600,"LastModifiedBy":{"UserProfileName":"ben"},
       "InferenceSpecification":{"Containers":[{"Image":"\#(image)","ImageDigest":"sha256:ab",
         "ModelDataUrl":"s3://m/\#(version)","Environment":{"MODEL":"full.onnx"}}]},
       "AdditionalInferenceSpecifications":[{"Name":"quantised","Containers":[{"Image":"eyes",
         "Environment":{"MODEL":"int8.onnx"}}]}],"CustomerMetadataProperties":\#(metadata)\#(more)}
      """#)
  }

  private func list(_ versions: Int...) -> LoopbackServer.Reply {
    let items = versions.map { version in
      #"{"ModelPackageArn":"arn:aws:sagemaker:eu-central-1:1:model-package/eyes/\#(version)","#
        + #""ModelPackageVersion":\#(version)}"#
    }
    return .json(#"{"ModelPackageSummaryList":[\#(items.joined(separator: ","))]}"#)
  }

  private let gone = LoopbackServer.Reply.json(
    #"{"__type":"ValidationException","message":"ModelPackage arn:x does not exist."}"#, status: 400)
  private let denied = LoopbackServer.Reply.json(
    #"{"__type":"AccessDeniedException","Message":"not yours"}"#, status: 400)

  private func refusal(_ replies: FakeAWS, _ ask: (SageMakerRegistry) async throws -> Void) async throws
    -> RegistryError
  {
    let registry = SageMakerRegistry(try replies.client())
    return try #require(await #expect(throws: RegistryError.self) { try await ask(registry) })
  }

  @Test func `a package tells its metrics, its builds and how it is served`() async throws {
    let metadata =
      #"{"accuracy":"0.61","sizeBytes":"300000000","quantised.accuracy":"0.6","quantised.sizeBytes":"8e7","note":"0x10"}"#
    let registry = SageMakerRegistry(try FakeAWS(list(7), package(7, metadata: metadata)).client())
    let model = try #require(try await registry.packages(in: "eyes").first)
    #expect(model.metrics == ["accuracy": 0.61] && model.sizeBytes == 300_000_000)
    #expect(
      model.variants == [
        "quantised": ModelVariant(
          environment: ["MODEL": "int8.onnx"], metrics: ["accuracy": 0.6], sizeBytes: 80_000_000)
      ])
    #expect(model.serve == ServeSpec(command: [], environment: ["MODEL": "full.onnx"], image: "eyes@sha256:ab"))
    #expect(model.arn == "arn:aws:sagemaker:eu-central-1:1:model-package/eyes/7" && model.version == 7)
    #expect(model.registeredBy == "ana" && model.registeredAt == Timestamp(milliseconds: 1_764_000_000_000))
  }

  @Test func `only packages that SageMaker has completed can be chosen, and the others say why not`() async throws {
    let failed = package(
      8, status: "Failed",
      more: #","ModelPackageStatusDetails":{"ValidationStatuses":[{"Status":"Failed","FailureReason":"no memory"}]}"#)
    let aws = try FakeAWS(
      list(7, 8), package(7), failed, list(8, 7), failed, list(9), package(9, status: "InProgress"))
    let registry = SageMakerRegistry(try aws.client())
    #expect(try await registry.packages(in: "eyes").map(\.version) == [7])
    let error = await #expect(throws: RegistryError.self) { try await registry.package(8, in: "eyes") }
    #expect(error?.code == .invalidPackage)
    #expect(error?.message == "eyes version 8 cannot be used: SageMaker says it is Failed (no memory)")
    let waiting = await #expect(throws: RegistryError.self) { try await registry.package(9, in: "eyes") }
    #expect(waiting?.help == "wait until SageMaker has completed it")
  }

  @Test func `the latest approved is the one that was approved last`() async throws {
    let note = { (at: String) in
      #"{"rollout-decided-status":"Approved","rollout-decided-at":"\#(at)","rollout-decided-by":"carol"}"#
    }
    let aws = try FakeAWS(
      list(1, 2, 3), package(1, metadata: note("2026-02-01T00:00:00.000Z")),
      package(2, metadata: note("2026-01-01T00:00:00.000Z")), package(3, approval: "Rejected"))
    let packages = try await SageMakerRegistry(try aws.client()).packages(in: "eyes")
    #expect(try ModelSpec(selection: .latestApproved).choose(from: packages, group: "eyes").package.version == 1)
  }

  @Test func `a version that was rejected after the fact is not chosen any more, and it is said by whom`() async throws
  {
    let rejected = package(7, approval: "Rejected", more: #","ApprovalDescription":"20 % errors""#)
    let aws = try FakeAWS(list(6, 7), package(6), package(7), list(6, 7), package(6), rejected)
    let registry = SageMakerRegistry(try aws.client())
    let pinned = ModelSpec(selection: .version(7))
    #expect(try pinned.choose(from: try await registry.packages(in: "eyes"), group: "eyes").package.version == 7)
    let after = try await registry.packages(in: "eyes")
    let refusal = #expect(throws: SelectionRefusal.self) { try pinned.choose(from: after, group: "eyes") }
    #expect(refusal?.description == "version 7 of eyes was rejected by ben: 20 % errors")
    #expect(try ModelSpec(selection: .latestApproved).choose(from: after, group: "eyes").package.version == 6)
  }

  @Test func `who decided is told as rollout wrote it, until somebody decides elsewhere`() async throws {
    let note =
      #"{"rollout-decided-status":"Approved","rollout-decided-at":"2026-02-01T00:00:00.000Z","rollout-decided-by":"carol"}"#
    let comment = #","ApprovalDescription":"good""#
    let aws = try FakeAWS(
      list(7), package(7, metadata: note, more: comment), list(7), package(7, approval: "Rejected", metadata: note),
      list(7), package(7, approval: "NewWord"))
    let registry = SageMakerRegistry(try aws.client())
    let here = try await registry.package(7, in: "eyes")
    #expect(
      here.approval
        == ModelApproval(
          status: .approved, at: try #require(Timestamp("2026-02-01T00:00:00.000Z")), by: "carol", comment: "good"))
    let changed = Timestamp(milliseconds: 1_764_003_600_000)
    let elsewhere = try await registry.package(7, in: "eyes")
    #expect(elsewhere.approval == ModelApproval(status: .rejected, at: changed, by: "ben"))
    #expect(try await registry.package(7, in: "eyes").approval.status == .pending)
    // What is only said about a model does not make it another one.
    #expect(here.digest == elsewhere.digest && here.metrics.isEmpty)
  }

  @Test func `a decision is written with whose it was and when, beside what else is known`() async throws {
    let aws = try FakeAWS(
      list(7), package(7, metadata: #"{"accuracy":"0.61"}"#, more: #","ApprovalDescription":"was good""#),
      package(7, metadata: #"{"accuracy":"0.61"}"#), .json("{}"))
    let model = try await SageMakerRegistry(try aws.client()).decide(
      .rejected, version: 7, in: "eyes", by: "Zoë <zoe@x>", comment: "too\nslow",
      at: try #require(Timestamp("2026-02-01T00:00:00.000Z")))
    #expect(model.approval.status == .rejected && model.approval.by == "Zoë _zoe@x_")
    #expect(model.approval.comment == "too slow" && model.metrics == ["accuracy": 0.61])
    #expect(aws.requests[3].header("X-Amz-Target") == "SageMaker.UpdateModelPackage")
    #expect(
      aws.requests[3].text
        == #"{"ApprovalDescription":"too slow","CustomerMetadataProperties":{"accuracy":"0.61","#
        + #""rollout-decided-at":"2026-02-01T00:00:00.000Z","rollout-decided-by":"Zoë _zoe@x_","#
        + #""rollout-decided-status":"Rejected"},"ModelApprovalStatus":"Rejected","#
        + #""ModelPackageArn":"arn:aws:sagemaker:eu-central-1:1:model-package/eyes/7"}"#)
  }

  @Test func `a package that does not work can be rejected, and not approved`() async throws {
    let broken = package(7, approval: "PendingManualApproval", status: "Failed")
    let aws = try FakeAWS(
      list(7), broken, list(7), broken, broken, .json("{}"))
    let registry = SageMakerRegistry(try aws.client())
    let decide = { (status: ModelApproval.Status) in
      try await registry.decide(
        status, version: 7, in: "eyes", by: "ana", comment: nil, at: Timestamp(milliseconds: 0))
    }
    let error = await #expect(throws: RegistryError.self) { try await decide(.approved) }
    #expect(error?.code == .invalidPackage)
    #expect(try await decide(.rejected).approval.status == .rejected)
  }

  @Test func `a package that is deleted while it is decided about is not found`() async throws {
    for replies in [[package(7), gone], [gone]] {
      let aws = try FakeAWS(list(7), package(7))
      replies.forEach(aws.answerNext)
      let error = try await refusal(aws) {
        try await $0.decide(
          .rejected, version: 7, in: "eyes", by: "ana", comment: nil, at: Timestamp(milliseconds: 0))
      }
      #expect(error.code == .notFound && aws.left == 0)
    }
  }

  @Test func `a model is verified by what would run`() async throws {
    let aws = try FakeAWS(list(7), package(7), package(7), package(7, image: "eyes:other"), gone)
    let registry = SageMakerRegistry(try aws.client())
    let model = try await registry.package(7, in: "eyes")
    try await registry.verify(model)
    let changed = await #expect(throws: RegistryError.self) { try await registry.verify(model) }
    #expect(changed?.code == .digestMismatch)
    let deleted = await #expect(throws: RegistryError.self) { try await registry.verify(model) }
    #expect(deleted?.message == "eyes version 7 was deleted from SageMaker's registry" && deleted?.code == .notFound)
  }

  @Test func `a model of another region or of another registry is not looked for here`() async throws {
    let aws = try FakeAWS(list(7), package(7))
    let registry = SageMakerRegistry(try aws.client())
    var model = try await registry.package(7, in: "eyes")
    model.arn = "arn:aws:sagemaker:us-east-1:1:model-package/eyes/7"
    let elsewhere = await #expect(throws: RegistryError.self) { try await registry.verify(model) }
    #expect(
      elsewhere?.message
        == "eyes version 7 is registered in us-east-1, and this registry is the one in eu-central-1")
    model.arn = nil
    let local = await #expect(throws: RegistryError.self) { try await registry.verify(model) }
    #expect(local?.code == .invalidPackage && aws.requests.count == 2)
  }

  @Test func `a group that is not there is empty, and a version of it is not found`() async throws {
    let noGroup = LoopbackServer.Reply.json(
      #"{"__type":"ValidationException","message":"ModelPackageGroup arn:g does not exist."}"#, status: 400)
    let aws = try FakeAWS(noGroup, noGroup, list(7), list(7), gone)
    let registry = SageMakerRegistry(try aws.client())
    #expect(try await registry.packages(in: "eyes").isEmpty)
    for version in [7, 8, 7] {
      let error = await #expect(throws: RegistryError.self) { try await registry.package(version, in: "eyes") }
      #expect(error?.code == .notFound)
      #expect(error?.message == "eyes has no version \(version) in SageMaker's registry in eu-central-1")
    }
  }

  @Test func `a missing permission and a wrong region say what to do`() async throws {
    let error = try await refusal(try FakeAWS(denied)) { _ = try await $0.packages(in: "eyes") }
    #expect(error.code == .storageUnavailable)
    #expect(error.help == "allow sagemaker:ListModelPackages in the policy of whoever runs this")
    let writing = try FakeAWS(list(7), package(7), package(7), denied)
    let decision = try await refusal(writing) {
      try await $0.decide(.approved, version: 7, in: "eyes", by: "ana", comment: nil, at: Timestamp(milliseconds: 0))
    }
    #expect(decision.help == "allow sagemaker:UpdateModelPackage in the policy of whoever runs this")
    let nowhere = SageMakerRegistry(try FakeAWS().client(["AWS_ENDPOINT_URL": "http://127.0.0.1:1"]))
    let unreachable = await #expect(throws: RegistryError.self) { try await nowhere.packages(in: "eyes") }
    #expect(unreachable?.help?.hasPrefix("is eu-central-1 the right region") == true)
  }
}
