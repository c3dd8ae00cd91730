import RolloutCore
package import RolloutEngine

/// What smoke tests found, for people: an approver reads the failures first.
package struct SmokeSummary: Sendable {
  package let results: [SmokeResult]

  package init(_ results: [SmokeResult]) { self.results = results }

  package var headline: String {
    let passed = results.filter(\.passed).count
    return results.isEmpty ? "no smoke cases ran" : "\(passed) of \(results.count) smoke cases passed"
  }

  /// Plain lines for a terminal or a log.
  package var text: String {
    let width = results.map(\.name.count).max() ?? 0
    var lines = [headline]
    for result in results {
      let padding = String(repeating: " ", count: width - result.name.count)
      let mark = result.passed ? "ok  " : "FAIL"
      lines.append("  \(mark) \(result.name)\(padding)  \(result.times)  \(result.latency)")
      for failure in result.failures { lines.append("         \(result.counted(failure))") }
    }
    return lines.joined(separator: "\n")
  }

  /// A table and the failures under it, for a pull request.
  package var markdown: String {
    var lines = [
      "**\(headline)**", "", "| | case | repetitions | p50 | p95 | max |", "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for result in results {
      let cells = [
        result.passed ? "✅" : "❌", escaped("\(result.suite): \(result.name)"), "\(result.repetitions)",
        milliseconds(result.latencyP50), milliseconds(result.latencyP95), milliseconds(result.latencyMax),
      ]
      lines.append("| \(cells.joined(separator: " | ")) |")
    }
    let failed = results.filter { !$0.passed }
    if !failed.isEmpty { lines.append("") }
    for result in failed {
      for failure in result.failures { lines.append("- \(escaped("\(result.name): \(result.counted(failure))"))") }
    }
    return lines.joined(separator: "\n")
  }

  /// An answer must not end a cell or become markup.
  private func escaped(_ text: String) -> String {
    onOneLine(text).reduce(into: "") { escaped, character in
      if "\\|<>*_`[]".contains(character) { escaped += "\\" }
      escaped.append(character)
    }
  }
}

extension SmokeResult {
  fileprivate var times: String { repetitions == 1 ? "once" : "\(repetitions) times" }

  fileprivate var latency: String {
    latencyP50 == nil
      ? "no answer"
      : "p50 \(milliseconds(latencyP50)), p95 \(milliseconds(latencyP95)), max \(milliseconds(latencyMax))"
  }

  /// `3 of 10: expected $.nsfw < 0.1, got 0.83 (images.yaml:12)`.
  fileprivate func counted(_ failure: Failure) -> String {
    let share = repetitions == 1 ? "" : "\(failure.count) of \(repetitions): "
    return share + onOneLine(failure.message) + (failure.source.map { " (\($0))" } ?? "")
  }
}

/// Names and answers come from outside; a line of ours stays one.
private func onOneLine(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

/// `16 ms`, `0.4 ms`; `–` without a value.
private func milliseconds(_ value: Double?) -> String {
  guard let value else { return "–" }
  let rounded = value < 10 ? (value * 10).rounded() / 10 : value.rounded()
  return shortNumber(rounded) + " ms"
}
