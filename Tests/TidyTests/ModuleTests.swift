import Testing

@Suite struct ModuleTests {
  /// Every import in `Sources`, with where it stands.
  private func imports() throws -> [(file: TidyFile, line: Int, module: String)] {
    let statement = /^\s*(?:@\S+\s+)?(?:package\s+|public\s+|internal\s+|private\s+)?import\s+(?:\w+\s+(?=\w))?(\w+)/
    return try Checkout.swiftFiles(in: "Sources").flatMap { file in
      file.code.compactMap { number, text in
        text.firstMatch(of: statement).map { (file, number, String($0.output.1)) }
      }
    }
  }

  @Test func `every module imports only what the table allows`() throws {
    let table = Dictionary(uniqueKeysWithValues: ModuleTable.rows)
    let violations = try imports().compactMap { file, line, module in
      let allowed = (table[file.module] ?? []).union(
        ModuleTable.pure.contains(file.module) ? [] : ModuleTable.platform)
      return allowed.contains(module) ? nil : "\(file.path):\(line): \(file.module) may not import \(module)"
    }
    expectNone(violations)
  }

  @Test func `every module has a row in the table and every row a module`() throws {
    let systemLibraries = ["CLibCrypto", "CLibCurl", "CLibExpat", "CLibYAML", "CSpawn"]
    let modules = try Checkout.names(in: "Sources").filter { !systemLibraries.contains($0) }
    #expect(modules == ModuleTable.rows.map(\.module).sorted())
  }

  @Test func `adapters reach each other only through the engine's ports`() {
    let pairs = ModuleTable.rows.filter { ModuleTable.adapters.contains($0.module) }.flatMap { row in
      row.mayImport.intersection(ModuleTable.adapters).map { "\(row.module) imports \($0)" }
    }
    #expect(Set(pairs) == ModuleTable.adapterExceptions)
  }
}
