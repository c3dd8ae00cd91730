import Testing

@Suite struct LayoutTests {
  static let topLevel: Set<String> = [
    ".ci", ".editorconfig", ".gitignore", ".swift-format", "Alarms", "Benchmarks", "Environments", "Examples",
    "Makefile", "Package.swift", "README.md", "Sources", "Templates", "Tests",
  ]

  @Test func `the top level holds only what was agreed`() throws {
    #expect(try Checkout.names(in: ".").filter { !Self.topLevel.contains($0) } == [])
  }

  @Test func `the README can be read in one go`() throws {
    #expect(try Checkout.file("README.md").lines.count < 150)
  }

  @Test(arguments: ["Sources", "Tests"]) func `no file grows beyond 600 lines`(folder: String) throws {
    let violations = try Checkout.swiftFiles(in: folder).filter { $0.lines.count > 600 }.map {
      "\($0.path): \($0.lines.count) lines hold more than one idea"
    }
    expectNone(violations)
  }

  @Test func `tests of a module lie in a folder named for it`() throws {
    let modules = Set(ModuleTable.rows.map { $0.module + "Tests" })
    let others: Set<String> = ["AWSEmulator", "EndToEndTests", "JournalConformance", "LoopbackServer", "TidyTests"]
    #expect(try Checkout.names(in: "Tests").filter { !modules.union(others).contains($0) } == [])
  }
}
