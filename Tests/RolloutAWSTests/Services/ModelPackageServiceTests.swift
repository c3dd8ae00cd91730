import LoopbackServer
import RolloutCore
import Testing

@testable import RolloutAWS

/// Model packages, in SageMaker's own words.
@Suite struct ModelPackageServiceTests {
  private static let absent = LoopbackServer.Reply.json(
    #"{"__type":"ValidationException","message":"ModelPackage arn:p/9 does not exist."}"#, status: 400)

  private static let described = #"""
    {"ModelPackageArn":"arn:p/7","ModelPackageName":"p/7","ModelPackageGroupName":"p","ModelPackageVersion":7,
     "ModelPackageStatus":"Failed","ModelApprovalStatus":"Approved","ApprovalDescription":"good",
     "ModelPackageStatusDetails":{"ValidationStatuses":[{"Name":"v","Status":"Completed"}],
       "ImageScanStatuses":[{"Name":"i","Status":"Failed","FailureReason":"CVE"}]},
     "CreationTime":1764064800.25,"CreatedBy":{"UserProfileName":"alice"},
     "LastModifiedTime":1764068400,"LastModifiedBy":{"IamIdentity":{"Arn":"arn:aws:sts::1:assumed-role/ci/bob"}},
     "InferenceSpecification":{"Containers":[{"Image":"i","ModelDataUrl":"s3://b/m","Environment":{"A":"1"}}],
       "SupportedRealtimeInferenceInstanceTypes":["ml.m5.xlarge"]},
     "AdditionalInferenceSpecifications":[{"Name":"quantised","Containers":[{"Image":"q"}]}],
     "ModelMetrics":{"ModelQuality":{"Statistics":{"ContentType":"application/json","S3Uri":"s3://b/stats.json"}}},
     "CustomerMetadataProperties":{"accuracy":"0.6"}}
    """#

  @Test func `a package is read with how it is served and what is known of it`() async throws {
    let aws = try FakeAWS(.json(Self.described), Self.absent)
    let service = ModelPackageService(try aws.client())
    let package = try #require(try await service.package("arn:p/7"))
    #expect(package.version == 7 && package.status == "Failed" && package.failureReason == "CVE")
    #expect(package.approvalStatus == "Approved" && package.approvalDescription == "good")
    #expect(package.createdBy == "alice" && package.changedBy == "bob")
    #expect(package.changedAt == Timestamp(milliseconds: 1_764_068_400_000))
    #expect(package.specification?.containers.first?["ModelDataUrl"] == .string("s3://b/m"))
    #expect(package.specification?.instanceTypes == ["ml.m5.xlarge"])
    #expect(package.additionalSpecifications.map(\.name) == ["quantised"])
    #expect(package.metadata == ["accuracy": "0.6"] && package.qualityReport == "s3://b/stats.json")
    #expect(aws.requests.first?.text == #"{"ModelPackageName":"arn:p/7"}"#)
    #expect(try await service.package("arn:p/9") == nil)
  }

  @Test func `a group is listed over its pages and described by version`() async throws {
    let aws = try FakeAWS(
      .json(#"{"ModelPackageSummaryList":[{"ModelPackageArn":"a"}],"NextToken":"n"}"#),
      .json(#"{"ModelPackageSummaryList":[{"ModelPackageArn":"b"},{"ModelPackageArn":"c"}]}"#),
      .json(#"{"ModelPackageArn":"x","ModelPackageVersion":2,"ModelPackageStatus":"Completed"}"#),
      .json(#"{"ModelPackageArn":"y","ModelPackageVersion":1,"ModelPackageStatus":"Completed"}"#), Self.absent)
    let packages = try await ModelPackageService(try aws.client()).packages(in: "p")
    #expect(packages.map(\.version) == [1, 2])
    #expect(
      aws.requests[1].text
        == #"{"MaxResults":100,"ModelPackageGroupName":"p","NextToken":"n","SortBy":"CreationTime","SortOrder":"Ascending"}"#
    )
    let described = aws.requests[2...].map(\.text).sorted()
    #expect(described == ["a", "b", "c"].map { #"{"ModelPackageName":"\#($0)"}"# })
  }

  @Test func `an unknown group has no packages, and one that may not be read is an error`() async throws {
    let aws = try FakeAWS(
      .json(
        #"{"__type":"ValidationException","message":"Model package group arn:g does not exist."}"#, status: 400),
      .json(#"{"__type":"AccessDeniedException"}"#, status: 400))
    let service = ModelPackageService(try aws.client())
    #expect(try await service.packages(in: "p").isEmpty)
    await #expect(throws: AWSError.self) { try await service.packages(in: "p") }
  }

  @Test func `a description that fails fails the list`() async throws {
    let aws = try FakeAWS(
      .json(#"{"ModelPackageSummaryList":[{"ModelPackageArn":"a"}]}"#),
      .json(#"{"__type":"AccessDeniedException"}"#, status: 400))
    let service = ModelPackageService(try aws.client())
    let error = await #expect(throws: AWSError.self) { try await service.packages(in: "p") }
    #expect(error?.help == "allow sagemaker:DescribeModelPackage in the policy of whoever runs this")
  }

  @Test func `an update keeps the metadata and the description that it does not change`() async throws {
    let aws = try FakeAWS(
      .json(Self.described), .json(#"{"ModelPackageArn":"arn:p/7"}"#), Self.absent)
    let service = ModelPackageService(try aws.client())
    let updated = try await service.update(arn: "arn:p/7", status: "Rejected", metadata: ["by": "carol"])
    #expect(
      aws.requests[1].text
        == #"{"ApprovalDescription":"good","CustomerMetadataProperties":{"accuracy":"0.6","by":"carol"},"#
        + #""ModelApprovalStatus":"Rejected","ModelPackageArn":"arn:p/7"}"#)
    #expect(updated?.metadata == ["accuracy": "0.6", "by": "carol"] && updated?.approvalStatus == "Rejected")
    #expect(try await service.update(arn: "arn:p/9", status: "Approved") == nil)
    #expect(aws.requests.count == 3)
  }
}
