import RolloutAWS
import RolloutCore
import RolloutStore

/// A part of a bucket, as the store keeps its objects.
struct S3Objects: ObjectStore {
  private let bucket: S3Bucket
  private let prefix: String

  init(_ place: S3Place, _ client: AWSClient) {
    bucket = S3Bucket(place.bucket, client)
    prefix = place.prefix
  }

  func object(_ key: String) async throws(ObjectError) -> StoredObject? {
    try await asking(toWrite: false) { () async throws(AWSError) in
      try await bucket.object(prefix + key).map { object in
        var age: TimeSpan?
        if let changed = object.changedAt, let served = object.servedAt { age = max(.zero, served - changed) }
        return StoredObject(bytes: object.bytes, tag: object.etag, age: age)
      }
    }
  }

  func put(
    _ bytes: [UInt8], as key: String, if condition: PutCondition
  ) async throws(ObjectError) -> PutResult {
    let condition: S3Bucket.Condition =
      switch condition {
      case .absent: .absent
      case .unchanged(let tag): .unchanged(etag: tag)
      }
    return try await asking(toWrite: true) { () async throws(AWSError) in
      switch try await bucket.put(prefix + key, bytes, if: condition) {
      case .written(let etag): .stored(tag: etag)
      case .conditionFailed: .lost
      }
    }
  }

  func keys(under prefix: String, after: String?) async throws(ObjectError) -> [String] {
    let keys = try await asking(toWrite: false) { () async throws(AWSError) in
      try await bucket.keys(under: self.prefix + prefix, after: after.map { self.prefix + $0 })
    }
    return keys.map { String($0.dropFirst(self.prefix.count)) }
  }

  func delete(_ key: String) async throws(ObjectError) {
    try await asking(toWrite: true) { () async throws(AWSError) in try await bucket.delete(prefix + key) }
  }

  private func asking<Output>(
    toWrite isWrite: Bool, _ ask: () async throws(AWSError) -> Output
  ) async throws(ObjectError) -> Output {
    do throws(AWSError) { return try await ask() } catch { throw ObjectError(error, isWrite: isWrite) }
  }
}

extension ObjectError {
  /// A write that may have happened is looked for; of a read it only matters that there is none.
  fileprivate init(_ error: AWSError, isWrite: Bool) {
    switch error.failure {
    case .refused(let refusal) where !error.failure.mayHaveHappened:
      self = .refused(code: refusal.code, message: error.description, help: error.help)
    case .unreachable, .noCredentials: self = .unreachable(error.description, help: error.help)
    case .unreadable where !isWrite: self = .damaged(error.description)
    case .refused, .noAnswer, .unreadable: self = .noAnswer(error.description)
    }
  }
}
