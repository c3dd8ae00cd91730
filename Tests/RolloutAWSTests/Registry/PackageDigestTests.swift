import RolloutCore
import RolloutDigest
import Testing

@testable import RolloutAWS

/// What makes a package another model.
@Suite struct PackageDigestTests {
  private static let container =
    #"{"Image":"i","ImageDigest":"sha256:a","ModelDataUrl":"s3://m","Environment":{"A":"1"}}"#
  private static let additional =
    #"{"Name":"q","Containers":[{"Image":"q"}]},{"Name":"r","Containers":[{"Image":"r"}]}"#

  private func digest(
    arn: String = "arn:p/7", _ container: String = container, additional: String = additional, more: String = ""
  ) throws -> Digest {
    let text = """
      {"ModelPackageArn":"\(arn)","ModelPackageStatus":"Completed",
       "InferenceSpecification":{"Containers":[\(container)]},
       "AdditionalInferenceSpecifications":[\(additional)]\(more)}
      """
    return try CanonicalJSON.value(PackageDescription.self, from: Array(text.utf8)).digest
  }

  @Test(arguments: [
    #"{"Image":"j","ImageDigest":"sha256:a","ModelDataUrl":"s3://m","Environment":{"A":"1"}}"#,
    #"{"Image":"i","ImageDigest":"sha256:b","ModelDataUrl":"s3://m","Environment":{"A":"1"}}"#,
    #"{"Image":"i","ImageDigest":"sha256:a","ModelDataUrl":"s3://n","Environment":{"A":"1"}}"#,
    #"{"Image":"i","ImageDigest":"sha256:a","ModelDataUrl":"s3://m","Environment":{"A":"2"}}"#,
    #"{"Image":"i","ImageDigest":"sha256:a","ModelDataUrl":"s3://m","Environment":{"A":"1"},"ModelDataETag":"e"}"#,
    #"{"Image":"i","ImageDigest":"sha256:a","ModelDataSource":{"S3DataSource":{"S3Uri":"s3://m"}},"Environment":{"A":"1"}}"#,
    container + "," + container,
  ])
  func `another way to serve it is another model`(container: String) throws {
    #expect(try digest(container) != digest())
  }

  @Test(arguments: [
    #"{"Name":"q","Containers":[{"Image":"q"}]}"#, "", additional.replacing(#""Image":"r""#, with: #""Image":"s""#),
  ])
  func `another build is another model`(additional: String) throws {
    #expect(try digest(additional: additional) != digest())
  }

  @Test func `the same contents under another name are another model`() throws {
    #expect(try digest(arn: "arn:p/8") != digest())
  }

  @Test func `what is only said about it, or in another order, is not`() throws {
    let reordered =
      #"{"Environment":{"A":"1"},"ModelDataUrl":"s3://m","ModelDataETag":null,"ImageDigest":"sha256:a","Image":"i","#
      + #""Framework":"ONNX","NewMember":1}"#
    #expect(try digest(reordered) == digest())
    let swapped =
      #"{"Name":"r","Containers":[{"Image":"r"}]},{"Name":"q","Description":"d","Containers":[{"Image":"q"}]}"#
    #expect(try digest(additional: swapped) == digest())
    let said = #","ModelApprovalStatus":"Rejected","CustomerMetadataProperties":{"accuracy":"1"},"LastModifiedTime":1"#
    #expect(try digest(more: said) == digest())
  }

  @Test func `a digest stays what it was, for plans and approvals name it`() throws {
    #expect(try digest().hex == "59bce34cbfcc936099fc1841548d0dadb1a1ca7619e50b134f1987f49211e2cf")
  }
}
