import Foundation
import Testing

/// Reference values for the judge, worked out to 60 digits without recursion. They lie in a folder beside the checkout;
/// `ROLLOUT_VECTORS` names another one.
struct Vectors {
  private let columns: [Substring: Int]
  let rows: [[Substring]]

  private static let folder: URL = {
    if let named = ProcessInfo.processInfo.environment["ROLLOUT_VECTORS"] { return URL(filePath: named) }
    let checkout = (0..<4).reduce(URL(filePath: #filePath)) { path, _ in path.deletingLastPathComponent() }
    return checkout.deletingLastPathComponent().appending(path: "shared/vectors")
  }()

  static func areThere() -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: "judge").path) }

  init(_ name: String) throws {
    let text = try String(contentsOf: Self.folder.appending(path: "judge/\(name).csv"), encoding: .utf8)
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    rows = Array(lines.dropFirst())
    columns = Dictionary(uniqueKeysWithValues: try #require(lines.first).enumerated().map { ($1, $0) })
  }

  func text(_ row: [Substring], _ column: Substring) -> Substring { columns[column].map { row[$0] } ?? "" }

  /// `nil` where the field is empty.
  func number(_ row: [Substring], _ column: Substring) -> Double? { Double(text(row, column)) }

  func count(_ row: [Substring], _ column: Substring) -> Int { Int(text(row, column)) ?? 0 }
}

extension Trait where Self == ConditionTrait {
  /// The whole files are read where they are; cases of each stand in the tests themselves.
  static var needsVectors: Self {
    .enabled(if: Vectors.areThere(), "no ../shared/vectors/judge, and ROLLOUT_VECTORS names no folder with it")
  }
}

/// Whether a logarithm of evidence is as good as its reference: 10⁻⁹, relative above 1.
func isClose(_ value: Double, _ reference: Double, _ tolerance: Double = 1e-9) -> Bool {
  abs(value - reference) <= tolerance * max(1, abs(reference))
}

/// Compares many values and tells of the worst one.
struct Differences {
  private(set) var count = 0
  private(set) var worst = 0.0
  private var place = ""

  mutating func add(_ value: Double, _ reference: Double, _ place: @autoclosure () -> String) {
    count += 1
    let distance = value == reference ? 0 : abs(value - reference) / max(1, abs(reference))
    guard !(distance <= worst) else { return }
    worst = distance
    self.place = "\(place()): \(value) instead of \(reference)"
  }

  func expect(within tolerance: Double = 1e-9, atLeast rows: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(count >= rows, "the file was read", sourceLocation: sourceLocation)
    #expect(worst <= tolerance, "\(place)", sourceLocation: sourceLocation)
  }
}
