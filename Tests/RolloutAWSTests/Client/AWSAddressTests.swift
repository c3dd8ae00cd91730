import Testing

@testable import RolloutAWS

/// Where services are asked.
@Suite struct AWSAddressTests {
  private func address(
    _ service: AWSService, _ region: String, _ environment: [String: String] = [:]
  ) throws -> String {
    let settings = try AWSSettings(environment: environment) { _ in nil }
    let address = try AWSAddress(service, region: region, settings)
    return "\(address.scheme)://\(address.host)\(address.prefix)"
  }

  @Test(arguments: [
    (AWSService.sageMaker, "eu-central-1", "https://api.sagemaker.eu-central-1.amazonaws.com"),
    (.sageMaker, "cn-north-1", "https://api.sagemaker.cn-north-1.amazonaws.com.cn"),
    (.sts, "us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com"),
    (.s3, "us-east-1", "https://s3.us-east-1.amazonaws.com"),
    (.sageMakerRuntime, "eu-central-1", "https://runtime.sagemaker.eu-central-1.amazonaws.com"),
    (.cloudFormation, "us-east-1", "https://cloudformation.us-east-1.amazonaws.com"),
    (.cloudWatch, "us-east-1", "https://monitoring.us-east-1.amazonaws.com"),
    (.scaling, "us-east-1", "https://application-autoscaling.us-east-1.amazonaws.com"),
    (.quotas, "us-east-1", "https://servicequotas.us-east-1.amazonaws.com"),
  ])
  func `a region has its own host`(service: AWSService, region: String, expected: String) throws {
    #expect(try address(service, region) == expected)
  }

  @Test func `other families of hosts are used where they are asked for`() throws {
    let fips = ["AWS_USE_FIPS_ENDPOINT": "true"]
    let dual = ["AWS_USE_DUALSTACK_ENDPOINT": "true"]
    #expect(try address(.sageMaker, "us-east-1", fips) == "https://api-fips.sagemaker.us-east-1.amazonaws.com")
    #expect(try address(.cloudWatch, "us-east-1", fips) == "https://monitoring-fips.us-east-1.amazonaws.com")
    #expect(
      try address(.sageMakerRuntime, "us-east-1", fips) == "https://runtime-fips.sagemaker.us-east-1.amazonaws.com")
    #expect(try address(.sageMaker, "us-east-1", dual) == "https://api.sagemaker.us-east-1.api.aws")
    #expect(try address(.s3, "us-east-1", dual) == "https://s3.dualstack.us-east-1.amazonaws.com")
  }

  @Test func `an address of one's own wins, and one service's over all services'`() throws {
    let own = ["AWS_ENDPOINT_URL": "http://127.0.0.1:5000/aws/", "AWS_ENDPOINT_URL_S3": "https://minio:9000"]
    #expect(try address(.sageMaker, "x", own) == "http://127.0.0.1:5000/aws")
    #expect(try address(.s3, "x", own) == "https://minio:9000")
    let ignored = own.merging(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"]) { $1 }
    #expect(try address(.sts, "us-east-1", ignored) == "https://sts.us-east-1.amazonaws.com")
  }

  @Test(arguments: ["", "frankfurt", "eu-central-1.evil.example/", "EU-CENTRAL-1"])
  func `what is no region is not made part of a host's name`(region: String) {
    #expect(throws: AWSConfigError.self) { try address(.sts, region) }
  }

  @Test(arguments: ["localhost:5000", "ftp://x", "http://", "http://a?b", "http://user@host"])
  func `what is no address is told`(url: String) {
    #expect(throws: AWSConfigError.self) { try address(.sts, "us-east-1", ["AWS_ENDPOINT_URL": url]) }
  }
}
