/// The numbers in a package's metadata: `accuracy`, `sizeBytes`, and for a variant `quantised.accuracy`.
struct PackageFigures: Hashable {
  struct Build: Hashable {
    var metrics: [String: Double] = [:]
    /// 0 where nobody has said.
    var sizeBytes: Int64 = 0
  }

  var full = Build()
  var variants: [String: Build] = [:]

  init(_ metadata: [String: String], variants names: Set<String>) {
    for (key, text) in metadata where !key.hasPrefix(Decision.prefix) {
      guard let number = Self.number(text) else { continue }
      let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
      if parts.count == 2, names.contains(parts[0]) {
        Self.note(number, as: parts[1], in: &variants[parts[0], default: Build()])
      } else {
        Self.note(number, as: key, in: &full)
      }
    }
  }

  private static func note(_ number: Double, as name: String, in build: inout Build) {
    if name == "sizeBytes" {
      build.sizeBytes = Int64(exactly: number.rounded()).map { max(0, $0) } ?? 0
    } else {
      build.metrics[name] = number
    }
  }

  /// A decimal number and nothing else: `nan`, `0x10` and `7 days` are text.
  private static func number(_ text: String) -> Double? {
    guard text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }) else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}
