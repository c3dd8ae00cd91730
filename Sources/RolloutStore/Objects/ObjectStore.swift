package import RolloutCore

/// Named objects whose writes can be made to depend on what is there, which is all that a journal needs of S3.
///
/// Every store is consistent: whoever reads or lists after a write was acknowledged sees it, as S3 has promised since
/// December 2020. Keys are relative to wherever the store begins, in UTF-8, of names that are parted by single slashes.
package protocol ObjectStore: Sendable {
  /// `nil` when there is none of this name.
  func object(_ key: String) async throws(ObjectError) -> StoredObject?

  /// Durable when it returns `.stored`. Of many writers who ask for the same at once, one is told `.stored`.
  func put(_ bytes: [UInt8], as key: String, if condition: PutCondition) async throws(ObjectError) -> PutResult

  /// All keys that begin with `prefix` and are greater than `after`, ascending by their bytes.
  func keys(under prefix: String, after: String?) async throws(ObjectError) -> [String]

  /// What is not there is as good as deleted.
  func delete(_ key: String) async throws(ObjectError)
}

package struct StoredObject: Hashable, Sendable {
  package var bytes: [UInt8]
  /// Another one for other bytes.
  package var tag: String
  /// How long it has been as it is, by one clock: the store's own. `nil` when the store does not tell.
  package var age: TimeSpan?

  package init(bytes: [UInt8], tag: String, age: TimeSpan? = nil) {
    self.bytes = bytes
    self.tag = tag
    self.age = age
  }
}

/// What must be so for a write to happen.
package enum PutCondition: Hashable, Sendable {
  case absent
  case unchanged(tag: String)
}

package enum PutResult: Hashable, Sendable {
  case stored(tag: String)
  /// The condition does not hold. After an answer that was lost it may be the writer's own object that is in the way.
  case lost
}

package enum ObjectError: Error, Hashable, Sendable {
  /// Nobody was asked; nothing happened.
  case unreachable(String, help: String?)
  /// It may have happened, and may still be about to.
  case noAnswer(String)
  /// `code` as the store calls it, such as `AccessDenied`; nothing happened.
  case refused(code: String, message: String, help: String?)
  /// The answer is none of this store's; a write may have happened.
  case damaged(String)
}
