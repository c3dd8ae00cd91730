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
  static let pathsOnAWS = [
    "Environments/aws/pipeline.yaml", "Environments/aws/staging.yaml", "Environments/aws/production.yaml",
    "Alarms/model-errors.yaml", "Alarms/cpu.yaml", "Alarms/latency.yaml", "Templates/production.yaml",
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
    try spoil(Self.paths, beside: ["Environments/smoke/gradient.png"], in: "Environments", seed)
  }

  @Test(arguments: 4...5)
  func `never stop the reader on AWS either`(seed: UInt64) throws {
    let others = ["gradient.png", "images.yaml"].map { "Environments/smoke/" + $0 } + ["Templates/staging.yaml"]
    try spoil(Self.pathsOnAWS, beside: others, in: "Environments/aws", seed)
  }

  private func spoil(_ paths: [String], beside others: [String], in directory: String, _ seed: UInt64) throws {
    func original(_ path: String) throws -> [UInt8] {
      Array(try Data(contentsOf: URL(filePath: repositoryRoot + "/" + path)))
    }
    var chance = Chance(state: seed)
    let originals = try paths.map(original)
    let files = try SpecFixture(SpecFixture.working.mapValues { _ in nil })
    for path in others { try files.write(path, try original(path)) }
    for (path, bytes) in zip(paths, originals) { try files.write(path, bytes) }
    #expect(files.load(directory).diagnostics == [])

    for _ in 0..<100 {
      let index = paths.indices.randomElement(using: &chance) ?? 0
      var bytes = originals[index]
      for _ in 0...Int.random(in: 0..<8, using: &chance) { Self.spoil(&bytes, &chance) }
      try files.write(paths[index], bytes)
      let loaded = files.load(directory)
      let hasErrors = loaded.diagnostics.contains { $0.severity == .error }
      #expect((loaded.specs == nil) == hasErrors)
      #expect(!DiagnosticText(coloured: true).render(loaded.diagnostics).contains("\0"))
      for diagnostic in loaded.diagnostics {
        #expect(!diagnostic.message.isEmpty && diagnostic.help?.isEmpty == false)
      }
      try files.write(paths[index], originals[index])
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
