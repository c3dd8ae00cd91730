import Testing

@Suite struct BuildSettingTests {
  /// The compiler accepts a misspelt feature in silence, and it then does nothing.
  static let features: Set<String> = [
    "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility", "NonisolatedNonsendingByDefault",
  ]

  @Test func `upcoming features are spelt as the compiler knows them`() throws {
    let manifest = try Checkout.file("Package.swift").lines.joined(separator: "\n")
    let named = manifest.matches(of: /enableUpcomingFeature\("(\w+)"\)/).map { String($0.output.1) }
    #expect(Set(named) == Self.features)
  }

  @Test func `every target compiles under the strict rules`() throws {
    let manifest = try Checkout.file("Package.swift").lines.joined(separator: "\n")
    let targets = manifest.matches(of: /\.(?:target|testTarget|executableTarget)\(/).count
    #expect(manifest.matches(of: /swiftSettings: strict\b/).count == targets)
  }
}
