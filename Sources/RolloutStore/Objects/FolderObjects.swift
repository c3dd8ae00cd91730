import FoundationEssentials
import Glibc
import RolloutCore
import RolloutDigest
package import RolloutEngine

/// Objects as files of one folder on a local disk, for any number of processes of one machine. An object appears in its
/// place whole, and is durable when its writer hears of it. The folder is made by the first write.
package struct FolderObjects: ObjectStore {
  /// Without a slash at its end.
  let folder: String

  /// Refuses places whose locks cannot be relied on.
  package init(_ folder: String) throws(JournalError) {
    self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    try StorageRules.requireLocal(self.folder + "/")
  }

  package func object(_ key: String) async throws(ObjectError) -> StoredObject? { try read(try path(of: key)) }

  package func put(
    _ bytes: [UInt8], as key: String, if condition: PutCondition
  ) async throws(ObjectError) -> PutResult {
    let path = try path(of: key)
    let draft = "\(folder)/\(Self.drafts)/\(UUID().uuidString)"
    do throws(SystemError) {
      try DurableFile.makeFolders(to: draft)
      try DurableFile.makeFolders(to: path)
      try DurableFile.write(bytes, to: draft)
    } catch { throw refusal(of: error) }
    defer { unlink(draft) }
    switch condition {
    case .absent: return try publish(draft, as: path) ? .stored(tag: Self.tag(of: bytes)) : .lost
    case .unchanged(let tag):
      // Between the look and the change nobody else changes anything.
      return try locked { () throws(ObjectError) in
        guard try read(path)?.tag == tag else { return .lost }
        do throws(SystemError) { try DurableFile.replace(path, by: draft) } catch { throw refusal(of: error) }
        try settle(path)
        return .stored(tag: Self.tag(of: bytes))
      }
    }
  }

  package func keys(under prefix: String, after: String?) async throws(ObjectError) -> [String] {
    // Only the folder that the prefix names, if it names one.
    let start = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
    var (pending, found) = ([start], [String]())
    while let here = pending.popLast() {
      for name in try names(in: here) where !name.hasPrefix(".") {
        let key = here.isEmpty ? name : "\(here)/\(name)"
        switch kind(of: key) {
        case S_IFDIR: pending.append(key)
        case S_IFREG: if key.hasPrefix(prefix), after.map({ $0.precedes(key) }) ?? true { found.append(key) }
        default: break
        }
      }
    }
    return found.sorted { $0.precedes($1) }
  }

  package func delete(_ key: String) async throws(ObjectError) {
    let path = try path(of: key)
    guard kind(of: key) != nil else { return }
    try locked { () throws(ObjectError) in
      do throws(SystemError) { try DurableFile.remove(path) } catch { throw refusal(of: error) }
      try settle(path)
    }
  }

  private static let drafts = ".drafts"
  private static func tag(of bytes: [UInt8]) -> String { Digest(of: bytes).hex }
}

// MARK: - Files

extension FolderObjects {
  /// Names with a dot at their beginning are ours.
  private func path(of key: String) throws(ObjectError) -> String {
    let names = key.split(separator: "/", omittingEmptySubsequences: false)
    guard names.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.utf8.contains(0) }) else {
      throw .refused(code: "InvalidKey", message: "'\(key)' is no name of an object", help: nil)
    }
    return "\(folder)/\(key)"
  }

  private func read(_ path: String) throws(ObjectError) -> StoredObject? {
    do {
      var bytes: [UInt8] = []
      try FileReader(path).forEachChunk { bytes += $0 }
      return StoredObject(bytes: bytes, tag: Self.tag(of: bytes))
    } catch let error as SystemError {
      if error.isMissing { return nil }
      throw refusal(of: error)
    } catch {
      throw .damaged("\(error)")
    }
  }

  private func kind(of key: String) -> UInt32? {
    var status = stat()
    return lstat("\(folder)/\(key)", &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  private func names(in key: String) throws(ObjectError) -> [String] {
    let path = key.isEmpty ? folder : "\(folder)/\(key)"
    do { return try DirectoryWalk.names(in: path) } catch let error as SystemError {
      if error.isMissing { return [] }
      throw refusal(of: error)
    } catch {
      throw .damaged("\(error)")
    }
  }

  /// Whether the draft got the name, which one of many does.
  private func publish(_ draft: String, as path: String) throws(ObjectError) -> Bool {
    do throws(SystemError) { try DurableFile.link(draft, as: path) } catch {
      if error.number == EEXIST { return false }
      throw refusal(of: error)
    }
    try settle(path)
    return true
  }

  private func settle(_ path: String) throws(ObjectError) {
    do throws(SystemError) { try DurableFile.settle(path) } catch { throw .noAnswer(error.description) }
  }

  /// The lock is held for as long as a file takes to be written, and ends with the process that holds it.
  private func locked<T>(_ work: () throws(ObjectError) -> T) throws(ObjectError) -> T {
    let path = folder + "/.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw refusal(of: .last("write", path)) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw refusal(of: .last("lock", path)) }
    }
    return try work()
  }

  private func refusal(of error: SystemError) -> ObjectError {
    let help: String? =
      switch error.number {
      case ENOSPC, EDQUOT: "make room on the disk that holds \(folder) and run the command again"
      case EACCES, EPERM, EROFS: "give this user the right to read and write \(folder)"
      default: nil
      }
    return .refused(code: error.action, message: error.description, help: help)
  }
}

extension String {
  /// In the order of bytes, as S3's lists are.
  fileprivate func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
