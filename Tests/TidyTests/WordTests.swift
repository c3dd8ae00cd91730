import Testing

@Suite struct WordTests {
  @Test func `nothing switches the compiler's checks off`() throws {
    expectNone(
      try Checkout.swiftFiles(in: "Sources").flatMap { file in
        file.violations(of: /\btry!/, "an error nobody planned for ends the process without a word; handle it")
          + file.violations(of: /\bas!/, "make the type certain, or say with a precondition why it is")
          + file.violations(of: /@unchecked\s+Sendable/, "use a Mutex or an actor; the compiler can check those")
          + file.violations(of: /nonisolated\(unsafe\)/, "use a Mutex or an actor; the compiler can check those")
          + file.violations(of: /@preconcurrency\b/, "it hides data races of the module it imports")
      })
  }

  @Test func `every task has an owner`() throws {
    let unowned = /\bTask(?:\.detached|\.immediate)?(?:<[^>]*>)?\s*(?:\([^)]*\))?\s*\{|\bTask\.(?:detached|init)\b/
    let violations = try Checkout.swiftFiles(in: "Sources").flatMap { file in
      file.code.filter { $0.text.contains(unowned) && !file.isJustified(line: $0.number) }
        .map { "\(file.path):\($0.number): use a task group, or say in a comment above '// Unstructured: why'" }
    }
    expectNone(violations)
  }

  @Test func `declarations stay inside the package`() throws {
    let exported = /^\s*(?:@\w+\s+)*(?:public|open)\s+(?!import)/
    expectNone(
      try Checkout.swiftFiles(in: "Sources").flatMap {
        $0.violations(of: exported, "'package' is enough: nobody links us")
      })
  }

  @Test func `types are named for what they are`() throws {
    let vague = /\b(?:class|struct|enum|actor|protocol)\s+\w*(?:Manager|Helpers?|Util(?:s|ities)?)\b/
    expectNone(
      try (Checkout.swiftFiles(in: "Sources") + Checkout.swiftFiles(in: "Tests")).flatMap {
        $0.violations(of: vague, "say what it does instead of Manager, Helper or Utils")
      })
  }

  @Test func `nothing is left for later`() throws {
    // Spelt apart, so that this file keeps its own rule.
    let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    let violations = try (Checkout.swiftFiles(in: "Sources") + Checkout.swiftFiles(in: "Tests")).flatMap { file in
      file.lines.enumerated().filter { line in marks.contains { line.element.contains($0) } }
        .map { "\(file.path):\($0.offset + 1): do it, or open an issue" }
    }
    expectNone(violations)
  }

  @Test func `numbers of exit statuses are written in one file`() throws {
    let number = /\b(?:ExitCode|exit|_exit)\(\s*(?:rawValue:\s*)?[0-9]/
    let files = try Checkout.swiftFiles(in: "Sources").filter { file in
      file.code.contains { $0.text.contains(number) }
    }
    #expect(files.count <= 1, "\(files.map(\.path))")
  }
}

extension TidyFile {
  /// Whether the comment right above this line gives the reason for an unstructured task.
  fileprivate func isJustified(line: Int) -> Bool {
    lines[..<(line - 1)].reversed().prefix { $0.contains(/^\s*\/\//) }.contains { $0.contains("// Unstructured:") }
  }
}
