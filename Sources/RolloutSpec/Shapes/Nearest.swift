extension String {
  /// The candidate that a person most likely meant, when one is near enough to be a slip of the fingers.
  func nearest(in candidates: some Sequence<String>) -> String? {
    let word = Array(lowercased())
    guard word.count <= 64 else { return nil }
    let near = candidates.map { (distance: editDistance(word, Array($0.lowercased())), candidate: $0) }
      .filter { $0.distance <= max(1, min(word.count, $0.candidate.count) / 3) }
    return near.min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?.candidate
  }
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string
/// alignment distance).
private func editDistance(_ one: [Character], _ other: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...other.count)
  for (row, character) in one.enumerated() {
    var current = [row + 1]
    for (column, candidate) in other.enumerated() {
      let replaced = last[column] + (character == candidate ? 0 : 1)
      var best = min(last[column + 1] + 1, current[column] + 1, replaced)
      if row > 0, column > 0, character == other[column - 1], one[row - 1] == candidate {
        best = min(best, beforeLast[column - 1] + 1)
      }
      current.append(best)
    }
    (beforeLast, last) = (last, current)
  }
  return last[other.count]
}
