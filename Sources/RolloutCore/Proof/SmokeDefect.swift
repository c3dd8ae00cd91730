/// One way in which an answer was not what a smoke case expects.
package struct SmokeDefect: Hashable, Sendable {
  package enum Finding: Hashable, Sendable {
    /// A measured number: answers that differ only in it fail in the same way.
    case number(Double)
    case text(String)
  }

  /// `expected $.nsfw < 0.1, got `
  package var expectation: String
  package var finding: Finding
  /// ` ms`
  package var unit: String
  /// More about the first such answer, for people; the start of its body.
  package var detail: String?
  /// `images.yaml:12`
  package var source: String?

  package init(
    _ expectation: String, _ finding: Finding, unit: String = "", detail: String? = nil, source: String? = nil
  ) {
    self.expectation = expectation
    self.finding = finding
    self.unit = unit
    self.detail = detail
    self.source = source
  }
}

/// Counts defects by kind, in the order in which they first appeared. Numbers are kept as a range, so that a hundred
/// answers with a hundred scores are one line.
package struct SmokeDefectTally: Sendable {
  private struct Kind: Hashable {
    var expectation: String
    var text: String?
    var source: String?
  }

  private struct Row {
    var first: SmokeDefect
    var count = 0
    var numbers: ClosedRange<Double>?

    var finding: String {
      if case .text(let text) = first.finding { return text }
      guard let numbers else { return "NaN" }
      let low = shortNumber(numbers.lowerBound)
      return numbers.lowerBound == numbers.upperBound ? low : "\(low) to \(shortNumber(numbers.upperBound))"
    }
  }

  private var order: [Kind] = []
  private var rows: [Kind: Row] = [:]

  package init() {}

  package mutating func add(_ defect: SmokeDefect) {
    var kind = Kind(expectation: defect.expectation, source: defect.source)
    if case .text(let text) = defect.finding { kind.text = text }
    var row = rows[kind] ?? Row(first: defect)
    if rows[kind] == nil { order.append(kind) }
    row.count += 1
    if case .number(let number) = defect.finding, !number.isNaN {
      let seen = row.numbers ?? number...number
      row.numbers = min(seen.lowerBound, number)...max(seen.upperBound, number)
    }
    rows[kind] = row
  }

  package var lines: [(message: String, source: String?, count: Int)] {
    order.compactMap { kind in
      rows[kind].map { row in
        (
          row.first.expectation + row.finding + row.first.unit + (row.first.detail.map { ": \($0)" } ?? ""),
          kind.source, row.count
        )
      }
    }
  }
}
