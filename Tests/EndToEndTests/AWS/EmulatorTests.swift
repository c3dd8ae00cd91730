import Foundation
import Testing

/// What stands in for AWS is held to AWS's documentation by tests of its own, in Python.
struct EmulatorTests {
  @Test func `the emulator behaves as AWS documents`() async throws {
    let tests = try Command(
      Bench.checkout.appending(path: ".venv/bin/python3"), ["-m", "unittest", "discover", "-s", "Tests/AWSEmulator"],
      environment: ProcessInfo.processInfo.environment, in: Bench.checkout)
    let ended = await tests.ended()
    #expect(ended.status == 0, "\(ended)")
    #expect(ended.errors.contains("\nOK"), "\(ended.errors.suffix(2_000))")
  }
}
