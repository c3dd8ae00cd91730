extension Scaffold {
  /// Whether a service on AWS may have this name: its endpoint on staging has a longer one, its stack begins with it,
  /// and so do its folder in the bucket and its IAM resources.
  package static func isServiceNameOnAWS(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z]([A-Za-z0-9\-]{0,42}[A-Za-z0-9])?/) != nil
  }

  /// The set for SageMaker, made from the product's own: what is particular to EyeCatcher is left out, and what is
  /// particular to an account is filled in.
  package static func filesOnAWS(service: String, at place: AWSPlace) -> [File] {
    precondition(isServiceNameOnAWS(service), "the caller has checked the name")
    let access = ServiceAccess(service: service, place: place)
    let product = ProductFiles(service: service, place: place)
    let written = [
      withSchema("Environments/pipeline.yaml", .pipeline, product.pipeline),
      withSchema("Environments/staging.yaml", .environment, product.staging),
      withSchema("Environments/production.yaml", .environment, product.production),
      withSchema("Environments/smoke/answers.yaml", .smoke, smoke + "\n"),
      withSchema("Alarms/model-errors.yaml", .alarm, product.alarm(PackageResources.model_errors_yaml)),
      withSchema("Alarms/cpu.yaml", .alarm, product.alarm(PackageResources.cpu_yaml)),
      withSchema("Alarms/latency.yaml", .alarm, product.alarm(PackageResources.latency_yaml)),
      File(path: "Templates/staging.yaml", text: product.template(PackageResources.staging_template_yaml)),
      File(path: "Templates/production.yaml", text: product.template(PackageResources.production_template_yaml)),
      File(path: "Access/rollout-policy.json", text: access.rolloutPolicy.text),
      File(path: "Access/rollout-trust.json", text: access.rolloutTrust.text),
      File(path: "Access/plan-policy.json", text: access.planPolicy.text),
      File(path: "Access/plan-trust.json", text: access.planTrust.text),
      File(path: "Access/endpoint-policy.json", text: access.endpointPolicy.text),
      File(path: "Access/endpoint-trust.json", text: access.endpointTrust.text),
      File(path: ".github/workflows/rollout.yml", text: workflow(place)),
    ]
    return written + schemas([.pipeline, .environment, .smoke, .alarm])
  }
}

/// The product's own files for AWS, with the words of another service.
private struct ProductFiles {
  var service: String
  var place: AWSPlace

  var pipeline: String {
    var text = renamed(PackageResources.pipeline_yaml)
    text.replaceLine(
      startingWith: "# \(service) on SageMaker",
      with:
        "# One service on SageMaker. A model passes through the stages in this order; each is described by NAME.yaml\n"
        + "# beside this file.")
    text.cut(from: "# Read from the environment")
    return text + """
      # Who is told what; ${NAME} is read from the environment when a message is sent.
      # notify:
      #   - discord: ${ROLLOUT_DISCORD_WEBHOOK}
      #     on: [approval-needed, rolled-back, succeeded]

      """
  }

  var staging: String { environment(PackageResources.staging_yaml) }

  var production: String {
    var text = environment(PackageResources.production_yaml)
    text.replaceLine(
      startingWith: "approval:",
      with: "# Who started the rollout does not approve it. With 'approvers: [ana, ben]' only they may.\n"
        + "approval: {minimum: 1, selfApproval: false, expires: 72h}")
    return text
  }

  func alarm(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  func template(_ bytes: [UInt8]) -> String { renamed(bytes) }

  private func environment(_ bytes: [UInt8]) -> String {
    var text = renamed(bytes).replacing("../../", with: "../").replacing(
      "../smoke/images.yaml", with: "smoke/answers.yaml")
    text.cut(from: "  require:", upTo: "smoke:")
    text.replaceLine(
      startingWith: "  select:",
      with: """
          # The newest version that was approved in the registry; 'version: 7' stays with one.
          select: latest-approved
          # What it must have reached, by the numbers in the package's metadata.
          # require: {accuracy: ">= 0.60", sizeMB: "<= 400"}
        """)
    return text
  }

  private func renamed(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
      .replacing("eye-catcher-rollout", with: place.bucket).replacing("eye-catcher", with: service)
      .replacing("EyeCatcher", with: service).replacing("us-east-1", with: place.region)
      .replacing("arn:aws:", with: "arn:\(place.partition):").replacing("123456789012", with: place.account)
  }
}

extension String {
  /// The product's files are part of the program: an edit that finds nothing is a mistake of ours.
  fileprivate mutating func replaceLine(startingWith start: String, with text: String) {
    var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let index = lines.firstIndex(where: { $0.hasPrefix(start) }) else {
      preconditionFailure("the product's file has a line '\(start)…'")
    }
    lines[index] = text
    self = lines.joined(separator: "\n")
  }

  /// Without the lines from one to before another, or to the end.
  fileprivate mutating func cut(from start: String, upTo end: String? = nil) {
    let lines = split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(where: { $0.hasPrefix(start) }) else {
      preconditionFailure("the product's file has a line '\(start)…'")
    }
    let rest = end.flatMap { end in lines[first...].firstIndex { $0.hasPrefix(end) }.map { lines[$0...] } } ?? []
    self = (lines[..<first] + rest).joined(separator: "\n") + (end == nil ? "\n" : "")
  }
}
