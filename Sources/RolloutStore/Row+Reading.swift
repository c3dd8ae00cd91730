import FoundationEssentials
import GRDB
import RolloutEngine

/// Columns of rows that may be damaged. What SQLite cannot read of a page it shows as NULL, a flipped bit makes numbers of
/// any size, and GRDB's subscripts end the process over either.
extension Row {
  func bytes(_ column: String) throws(JournalError) -> [UInt8] { Array(try value(column) as Data) }

  func text(_ column: String) throws(JournalError) -> String { try value(column) }

  func number<Number: BinaryInteger>(_ column: String) throws(JournalError) -> Number {
    guard let number = Number(exactly: try value(column) as Int64) else { throw Self.damaged(column) }
    return number
  }

  private func value<Value: DatabaseValueConvertible>(_ column: String) throws(JournalError) -> Value {
    guard let value = Value.fromDatabaseValue(self[column]) else { throw Self.damaged(column) }
    return value
  }

  private static func damaged(_ column: String) -> JournalError {
    JournalError(
      .corrupt, "the journal's database is damaged: a row's '\(column)' cannot be read",
      help: "restore it from a copy; nothing was changed")
  }
}
