import RolloutCore
import RolloutDigest

extension Terminal {
  /// A command's one result: text for people, or one JSON document.
  func present(_ text: @autoclosure () -> String, _ document: some Encodable) throws {
    print(isForPrograms ? try CanonicalJSON.pretty(document) : text())
  }
}

extension Session {
  /// The result of a command that only writes into the journal: programs get what it wrote, as events.
  func present(_ text: String, _ appended: Appended) throws -> ExitStatus {
    guard common.format == .json else {
      terminal.print(text)
      return .done
    }
    for entry in appended.entries { terminal.print(try EntryJSON.line(entry, appended.state)) }
    return .done
  }
}
