import GRDB
import RolloutEngine

extension JournalError {
  init(opening path: String, _ error: any Error) { self.init(using: path, error) }

  /// What SQLite's refusal means for whoever asked.
  init(using path: String, _ error: any Error) {
    if let own = error as? JournalError {
      self = own
      return
    }
    guard let database = error as? DatabaseError else {
      self.init(.storageUnavailable, "\(path): \(error)")
      return
    }
    switch database.resultCode {
    case .SQLITE_FULL:
      self.init(
        .storageUnavailable, "the disk that holds \(path) is full",
        help: "make room and run the command again; nothing was written, and nothing was done")
    case .SQLITE_IOERR:
      self.init(
        .storageUnavailable, "the disk failed while using \(path): \(database.message ?? "I/O error")",
        help: "check the disk and its free space, then run the command again; nothing was written")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(
        .storageUnavailable, "cannot write to \(path): \(database.message ?? "no permission")",
        help: "give this user the right to write the file and its folder")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .storageUnavailable, "\(path) was in use by others for too long", help: "run the command again")
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      self.init(
        .corrupt, "\(path) is not an intact database: \(database.message ?? "corrupt")",
        help: "restore it from a copy; nothing was changed")
    case .SQLITE_ERROR:
      // Every statement is right for the tables that belong there.
      self.init(
        .corrupt, "\(path) does not hold what a journal holds: \(database.message ?? "error")",
        help: "restore it from a copy; nothing was changed")
    default:
      self.init(.storageUnavailable, "\(path): \(database.message ?? String(describing: database.resultCode))")
    }
  }
}
