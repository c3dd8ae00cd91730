extension ServiceAccess {
  /// Names of the roles; the files in `Access/` are named for what follows the service's name.
  func role(_ word: String) -> String { "\(service)-\(word)" }

  /// SageMaker, on behalf of this account's endpoints only.
  var endpointTrust: TrustPolicy {
    TrustPolicy(
      kind: "Service", principal: "sagemaker.amazonaws.com", action: "sts:AssumeRole",
      conditions: ["StringEquals": ["aws:SourceAccount": [place.account]]])
  }

  /// The job that applies what was merged.
  var rolloutTrust: TrustPolicy { gitHub("ref:refs/heads/main") }

  /// The job that plans what is proposed. Whoever proposes a change may change that job too.
  var planTrust: TrustPolicy { gitHub("pull_request") }

  /// Jobs of one repository, by what started them. Source: GitHub, "OpenID Connect reference", `sub`.
  private func gitHub(_ subject: String) -> TrustPolicy {
    let issuer = "token.actions.githubusercontent.com"
    return TrustPolicy(
      kind: "Federated", principal: place.globalARN("iam", "oidc-provider/\(issuer)", account: place.account),
      action: "sts:AssumeRoleWithWebIdentity",
      conditions: [
        "StringEquals": [
          "\(issuer):aud": ["sts.amazonaws.com"], "\(issuer):sub": ["repo:\(Self.anyRepository):\(subject)"],
        ]
      ])
  }

  /// To be filled in.
  static let anyRepository = "OWNER/REPOSITORY"
}
