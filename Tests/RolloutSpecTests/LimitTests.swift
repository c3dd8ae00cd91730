import FoundationEssentials
import RolloutDiagnostics
import RolloutSpec
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct `Files that would do harm` {
  let alarm = SpecFixture.alarm

  @Test func `a file of 100 MB is refused before it is read`() throws {
    let files = try SpecFixture()
    try #require(truncate(files.path(alarm), 100_000_000) == 0)
    #expect(
      files.text() == """
        error[R0004]: 'Alarms/errors.yaml' is too large: it has 100000000 bytes, and at most 1000000 are read
          --> Environments/production.yaml:12:10
           |
        12 | alarms: [../Alarms/errors.yaml]
           |          ^^^^^^^^^^^^^^^^^^^^^ listed here
           = help: check that it is the right file

        """)
  }

  @Test func `a bomb of aliases costs nothing`() throws {
    var bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for (name, inner) in zip("bcdefghij", "abcdefghi") {
      bomb += "\(name): &\(name) [\(Array(repeating: "*\(inner)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(try SpecFixture([alarm: bomb]).codes() == ["R0013"])
  }

  @Test func `a thousand aliases of one small value are fine`() throws {
    let items = Array(repeating: "*a", count: 1_000).joined(separator: ", ")
    let smoke = "suite: s\ncases: [{name: n, request: {json: {a: &a [1], b: [\(items)]}}}]"
    #expect(try SpecFixture([SpecFixture.smoke: smoke]).codes() == [])
  }

  @Test func `values that nest without end are refused`() throws {
    for opening in ["[", "{a: ", "- ", "? "] {
      let deep =
        "alarm: " + (opening == "- " || opening == "? " ? "\n  " : "") + String(repeating: opening, count: 50_000)
      #expect(try SpecFixture([alarm: deep]).codes() == ["R0014"], "\(opening)")
    }
  }

  @Test func `a file that is wrong throughout is reported within bounds`() throws {
    let keys = (1...20_000).map { "key\($0): 1" }.joined(separator: "\n")
    #expect(try SpecFixture([alarm: keys]).load().diagnostics.count == Diagnostics.keptMax + 1)
  }

  @Test func `text that is not UTF-8 is shown where it begins`() throws {
    let files = try SpecFixture()
    try files.write(alarm, Array("alarm: x\nmetric: é".utf8) + [0xE9, 0x0A])
    #expect(
      files.text() == """
        error[R0005]: the file is not UTF-8 text
         --> Alarms/errors.yaml:2:10
          |
        2 | metric: é\u{FFFD}
          |          ^ from here on
          = help: save it as UTF-8

        """)
  }

  @Test func `a control character is shown where it stands`() throws {
    let files = try SpecFixture([alarm: "alarm: x\nmetric: a\u{1}b\n"])
    #expect(files.codes() == ["R0006"])
    #expect(files.text().contains("Alarms/errors.yaml:2:10"))
  }

  @Test func `a byte order mark is no character`() throws {
    let text = "\u{FEFF}" + (SpecFixture.working[alarm] ?? "")
    #expect(try SpecFixture([alarm: text]).codes() == [])
  }

  @Test func `a directory is no file`() throws {
    let files = try SpecFixture(SpecFixture.production, "../Alarms/errors.yaml", becomes: "../Alarms")
    #expect(files.codes() == ["R0002"])
  }

  @Test func `a pipe is refused rather than waited for`() throws {
    let files = try SpecFixture([alarm: nil])
    try files.write("Alarms/other.yaml", [])
    try #require(mkfifo(files.path(alarm), 0o600) == 0)
    #expect(files.codes() == ["R0002"])
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func `a file without permission is refused`() throws {
    let files = try SpecFixture()
    try #require(chmod(files.path(alarm), 0) == 0)
    #expect(files.codes() == ["R0003"])
  }

  @Test func `a directory without files says how to begin`() throws {
    let files = try SpecFixture(SpecFixture.working.mapValues { _ in nil })
    try files.write("README", [])
    #expect(
      files.text() == """
        error[R0001]: there are no files in 'Environments'
         --> Environments/pipeline.yaml
          = help: 'rollout init' writes a working set of files; '--environments' names another directory

        """)
  }
}
