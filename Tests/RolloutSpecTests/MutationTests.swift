import FoundationEssentials
import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

/// SplitMix64: the same seed gives the same files.
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

@Suite struct `Spoiled product files` {
  static let paths = [
    "Environments/pipeline.yaml", "Environments/staging.yaml", "Environments/production.yaml",
    "Environments/smoke/images.yaml", "Alarms/model-errors.yaml", "Alarms/cpu.yaml", "Alarms/latency.yaml",
    "Templates/local-endpoint.yaml",
  ]
  private static let scraps: [[UInt8]] =
    [
      "{", "}", "[", "]", ":", ": ", "- ", "\n", "\t", "#", "&a ", "*a", "<<: ", "---\n", "\"", "'", "|", ">", "%",
      "${",
      "${HOME}", "-1", "999999999999999999999", ".nan", "1e999", "0x", "!!str ", "? ", "\0", "\u{1F98A}", "\u{2028}",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80]]

  /// A hundred sets of files per seed, each spoiled in up to eight places.
  @Test(arguments: 1...3)
  func `never stop the reader, and are never taken for right without being so`(seed: UInt64) throws {
    var chance = Chance(state: seed)
    let originals = try Self.paths.map { Array(try Data(contentsOf: URL(filePath: repositoryRoot + "/" + $0))) }
    let files = try SpecFixture(SpecFixture.working.mapValues { _ in nil })
    try files.write(
      "Environments/smoke/gradient.png",
      Array(try Data(contentsOf: URL(filePath: repositoryRoot + "/Environments/smoke/gradient.png"))))
    for (path, bytes) in zip(Self.paths, originals) { try files.write(path, bytes) }
    #expect(files.codes() == [])

    for _ in 0..<100 {
      let index = Self.paths.indices.randomElement(using: &chance) ?? 0
      var bytes = originals[index]
      for _ in 0...Int.random(in: 0..<8, using: &chance) { Self.spoil(&bytes, &chance) }
      try files.write(Self.paths[index], bytes)
      let loaded = files.load()
      let hasErrors = loaded.diagnostics.contains { $0.severity == .error }
      #expect((loaded.specs == nil) == hasErrors)
      #expect(!DiagnosticText(coloured: true).render(loaded.diagnostics).contains("\0"))
      for diagnostic in loaded.diagnostics {
        #expect(!diagnostic.message.isEmpty && diagnostic.help?.isEmpty == false)
      }
      try files.write(Self.paths[index], originals[index])
    }
  }

  private static func spoil(_ bytes: inout [UInt8], _ chance: inout Chance) {
    let start = Int.random(in: 0...bytes.count, using: &chance)
    let length = min(Int.random(in: 0..<12, using: &chance), bytes.count - start)
    switch Int.random(in: 0..<5, using: &chance) {
    case 0: bytes.removeSubrange(start..<start + length)
    case 1: bytes.insert(contentsOf: scraps.randomElement(using: &chance) ?? [], at: start)
    case 2: bytes.replaceSubrange(start..<start + length, with: scraps.randomElement(using: &chance) ?? [])
    case 3:
      bytes.insert(
        contentsOf: Array(bytes[start..<start + length]), at: Int.random(in: 0...bytes.count, using: &chance))
    default: if start < bytes.count { bytes[start] = UInt8.random(in: 0...255, using: &chance) }
    }
  }
}
