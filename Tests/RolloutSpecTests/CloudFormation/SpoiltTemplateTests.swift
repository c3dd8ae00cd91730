import RolloutDiagnostics
import RolloutSpec
import Testing

/// Templates that somebody broke by chance or on purpose: they are refused or read, within bounds, and never crash.
@Suite struct `A spoilt template` {
  @Test(arguments: 0..<40) func `is read or refused`(_ seed: UInt64) throws {
    var random = Generator(state: seed)
    let lines = try ProductTemplate("production").text.split(separator: "\n", omittingEmptySubsequences: false)
    for _ in 0..<5 {
      var spoilt = lines.map(String.init)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let (one, other) = (
          Int.random(in: spoilt.indices, using: &random), Int.random(in: spoilt.indices, using: &random)
        )
        switch Int.random(in: 0..<5, using: &random) {
        case 0: spoilt.remove(at: one)
        case 1: spoilt.insert(spoilt[other], at: one)
        case 2: spoilt.swapAt(one, other)
        case 3:
          spoilt[one] = spoilt[one].replacing(
            " !Ref ", with: [" !Sub ", " !If ", " !Select "].randomElement(using: &random) ?? "")
        default: spoilt[one] = String(spoilt[one].dropLast(Int.random(in: 0...4, using: &random)))
        }
      }
      var diagnostics = Diagnostics()
      let reading = lintTemplate(
        spoilt.joined(separator: "\n"), path: "a.yaml", parameters: ProductTemplate.deployment, into: &diagnostics)
      #expect(reading != nil || diagnostics.hasErrors)
    }
  }

  @Test func `with conditions as deep as it is long is read within bounds`() {
    let conditions = (0..<3_000).map { "  C\($0): !Not [!Condition C\($0 + 1)]\n" }.joined()
    let text =
      "Conditions:\n\(conditions)  C3000: !Equals [a, a]\nResources:\n  A: {Type: 'AWS::SageMaker::Endpoint', Condition: C0}\n"
    var diagnostics = Diagnostics()
    _ = readTemplate(text, path: "a.yaml", parameters: [:], into: &diagnostics)
    #expect(!diagnostics.sorted.contains { $0.code == .templateCycle })
  }

  @Test func `with aliases that multiply is refused`() {
    let levels = (1..<12).map {
      "  A\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]\n"
    }
    let text = "Metadata:\n  A0: &a0 [x, x]\n\(levels.joined())Resources:\n  A: {Type: 'AWS::SageMaker::Endpoint'}\n"
    var diagnostics = Diagnostics()
    #expect(readTemplate(text, path: "a.yaml", parameters: [:], into: &diagnostics) == nil)
    #expect(diagnostics.sorted.contains { $0.code == .valuesTooMany })
  }
}

/// Splitmix64.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
