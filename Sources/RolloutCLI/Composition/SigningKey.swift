import FoundationEssentials

/// Which key a person signs approvals with: what they name, else what their environment names, else OpenSSH's default.
enum SigningKey {
  static let variable = "ROLLOUT_SIGNING_KEY"

  static func path(named: String?, _ environment: [String: String]) throws -> String {
    if let named { return named }
    if let path = environment[variable], !path.isEmpty { return path }
    let home = environment["HOME"] ?? ""
    let defaults = ["id_ed25519", "id_ecdsa", "id_rsa"].map { "\(home)/.ssh/\($0)" }
    guard let found = defaults.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw CommandFailure(
        .failed, "this environment wants signed approvals, and there is no key to sign with",
        help: "name one: --key PATH, or \(variable); make one with ssh-keygen -t ed25519")
    }
    return found
  }
}
