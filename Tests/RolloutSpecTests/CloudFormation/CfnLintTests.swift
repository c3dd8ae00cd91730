import FoundationEssentials
import Glibc
import Testing

/// A second opinion on the product's templates, by the linter that their users have.
@Suite struct `A second opinion` {
  private static let tool = ProductTemplate.root.appending(path: ".venv/bin/cfn-lint").path

  /// Skipped, and said to be, where the tests' Python environment has no cfn-lint.
  @Test(
    .enabled(if: access(tool, X_OK) == 0, "there is no .venv/bin/cfn-lint; .ci/setup installs it"),
    arguments: ["staging", "production"])
  func `finds nothing in a template of the product`(_ name: String) throws {
    let template = ProductTemplate.root.appending(path: "Templates/\(name).yaml").path
    // What it finds goes to the test's own output.
    #expect(try status(of: [Self.tool, "-c", "I", "-r", "us-east-1", "eu-west-1", "-t", template]) == 0)
  }

  /// The exit status of a command.
  private func status(of arguments: [String]) throws -> Int32 {
    let words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid = pid_t()
    try #require(posix_spawn(&pid, arguments[0], nil, nil, words, environ) == 0)
    var status: Int32 = 0
    try #require(waitpid(pid, &status, 0) == pid)
    return status
  }
}
