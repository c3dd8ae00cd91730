import Testing

@Suite struct TestStyleTests {
  @Test func `the name of every test is a sentence`() throws {
    let declaration = /\bfunc\s+(\S)/
    let violations = try Checkout.swiftFiles(in: "Tests").flatMap { file in
      file.code.indices.filter { file.code[$0].text.contains(/^\s*@Test\b/) }.compactMap { start in
        let first = file.code[start...].lazy.compactMap { $0.text.firstMatch(of: declaration)?.output.1 }.first
        return first == "`" ? nil : "\(file.path):\(start + 1): say what holds: func `a thing does what it should`()"
      }
    }
    expectNone(violations)
  }

  @Test func `tests await events and do not sleep`() throws {
    let sleeping = /\b(?:Task\.sleep|Thread\.sleep|usleep\(|nanosleep\()/
    expectNone(
      try Checkout.swiftFiles(in: "Tests").flatMap {
        $0.violations(of: sleeping, "await what the test is about: a sleep is too short or too long")
      })
  }

  @Test func `tests use one framework`() throws {
    expectNone(
      try Checkout.swiftFiles(in: "Tests").flatMap { $0.violations(of: /\bimport\s+XCTest\b/, "use Swift Testing") })
  }
}
