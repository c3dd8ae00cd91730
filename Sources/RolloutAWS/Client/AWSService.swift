/// A service of AWS: where it is asked, and what its signatures call it.
package struct AWSService: Hashable, Sendable {
  /// As in `AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`.
  var id: String
  /// `api.sagemaker`, of `api.sagemaker.eu-central-1.amazonaws.com`.
  var host: String
  var fipsHost: String
  var signingName: String
  /// As policies name it: `cloudwatch`, of `cloudwatch:DescribeAlarms`.
  var policyName: String

  /// `fipsHost`, `signingName` and `policyName` follow from the host unless they are given.
  init(_ id: String, host: String, fipsHost: String? = nil, signingName: String? = nil, policyName: String? = nil) {
    self.id = id
    self.host = host
    self.fipsHost = fipsHost ?? host + "-fips"
    self.signingName = signingName ?? host
    self.policyName = policyName ?? signingName ?? host
  }

  package static let sageMaker = AWSService(
    "SAGEMAKER", host: "api.sagemaker", fipsHost: "api-fips.sagemaker", signingName: "sagemaker")
  package static let sageMakerRuntime = AWSService(
    "SAGEMAKER_RUNTIME", host: "runtime.sagemaker", fipsHost: "runtime-fips.sagemaker", signingName: "sagemaker")
  package static let cloudFormation = AWSService("CLOUDFORMATION", host: "cloudformation")
  package static let cloudWatch = AWSService("CLOUDWATCH", host: "monitoring", policyName: "cloudwatch")
  package static let scaling = AWSService("APPLICATION_AUTO_SCALING", host: "application-autoscaling")
  package static let quotas = AWSService("SERVICE_QUOTAS", host: "servicequotas")
  package static let s3 = AWSService("S3", host: "s3")
  package static let sts = AWSService("STS", host: "sts")
}

/// Where a service answers.
struct AWSAddress: Hashable, Sendable {
  /// `https`.
  var scheme: String
  /// With its port where that is not the scheme's own.
  var host: String
  /// In front of every path; empty, or `/prefix`.
  var prefix: String
  /// Set by whoever runs this, for an emulator or an endpoint of their own.
  var isOverridden: Bool
}

extension AWSAddress {
  /// The regional address of a service, unless the settings name another.
  init(_ service: AWSService, region: String, _ settings: AWSSettings) throws(AWSConfigError) {
    if let url = Self.override(service, settings) {
      try self.init(url: url)
      return
    }
    let isOn = { (name: String, key: String) in (settings[name] ?? settings.profile[key])?.lowercased() == "true" }
    let isDual = isOn("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
    let isFIPS = isOn("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    guard region.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil else {
      throw AWSConfigError("'\(region)' is not a region", help: "write it as in eu-central-1")
    }
    let isChina = region.hasPrefix("cn-")
    let name = isFIPS ? service.fipsHost : service.host
    // S3 writes the family of addresses into its own name.
    let host = isDual && service == .s3 ? "\(name).dualstack.\(region)" : "\(name).\(region)"
    let suffix =
      isDual && service != .s3
      ? (isChina ? "api.amazonwebservices.com.cn" : "api.aws") : (isChina ? "amazonaws.com.cn" : "amazonaws.com")
    self.init(scheme: "https", host: "\(host).\(suffix)", prefix: "", isOverridden: false)
  }

  private static func override(_ service: AWSService, _ settings: AWSSettings) -> String? {
    guard settings["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() != "true" else { return nil }
    return settings["AWS_ENDPOINT_URL_\(service.id)"] ?? settings["AWS_ENDPOINT_URL"]
      ?? settings.profile["endpoint_url"]
  }

  private init(url: String) throws(AWSConfigError) {
    guard let match = url.wholeMatch(of: /(https?):\/\/([^\/?#@]+)(\/[^?#]*)?/) else {
      throw AWSConfigError("'\(url)' is not an address to send AWS requests to", help: "write it as http://HOST:PORT")
    }
    let path = match.3.map(String.init) ?? ""
    self.init(
      scheme: String(match.1), host: String(match.2), prefix: path.hasSuffix("/") ? String(path.dropLast()) : path,
      isOverridden: true)
  }
}
