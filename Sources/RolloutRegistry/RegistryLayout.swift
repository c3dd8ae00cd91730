import RolloutCore

/// Where things lie below a registry's path:
///
///     blobs/ab/abcdef…            contents of files, by SHA-256, read-only; executable ones end in .exec
///     groups/G/000007/package.json  one version: written once, never changed
///     groups/G/000007/decisions/000001.json   approvals and rejections, appended
///     directories/abcdef…/        a package's files under their names, made from blobs when a model is used
///     staging/…                   registrations under way
struct RegistryLayout: Sendable {
  let root: String

  var blobs: String { root + "/blobs" }
  var groups: String { root + "/groups" }
  var directories: String { root + "/directories" }
  var staging: String { root + "/staging" }

  func blob(_ digest: Digest, isExecutable: Bool) -> String {
    "\(blobs)/\(digest.hex.prefix(2))/\(digest.hex)\(isExecutable ? ".exec" : "")"
  }

  func group(_ name: String) -> String { groups + "/" + name }
  func lock(ofGroup name: String) -> String { group(name) + "/lock" }
  func version(_ number: Int, in group: String) -> String { self.group(group) + "/" + sixDigits(number) }
  func record(_ number: Int, in group: String) -> String { version(number, in: group) + "/package.json" }
  func decisions(_ number: Int, in group: String) -> String { version(number, in: group) + "/decisions" }
  func directory(of digest: Digest) -> String { directories + "/" + digest.hex }

  /// The number that a folder or file of this registry stands for.
  static func number(_ name: String) -> Int? {
    name.utf8.count >= 6 && name.utf8.allSatisfy { (48...57).contains($0) } ? Int(name) : nil
  }
}

func sixDigits(_ number: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
}
