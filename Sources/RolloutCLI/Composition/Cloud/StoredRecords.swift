import RolloutAWS
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore

/// Records of endpoints as objects beside the journal.
struct StoredRecords: EndpointRecords {
  let store: any ObjectStore

  func load(_ endpoint: String) async throws(TargetError) -> KeptRecord? {
    let found: StoredObject?
    do throws(ObjectError) { found = try await store.object(Self.key(endpoint)) } catch { throw TargetError(error) }
    guard let found else { return nil }
    do {
      return KeptRecord(record: try CanonicalJSON.value(GuardedEndpoint.self, from: found.bytes), version: found.tag)
    } catch {
      throw TargetError(
        .refused,
        "the record of \(endpoint) (\(Self.key(endpoint))) cannot be read: it was changed by hand, or by a newer version"
      )
    }
  }

  func save(_ record: GuardedEndpoint, replacing version: String?) async throws(TargetError) -> String? {
    let bytes: [UInt8]
    do { bytes = try CanonicalJSON.bytes(record) } catch {
      preconditionFailure("a record can be written as JSON: \(error)")
    }
    do throws(ObjectError) {
      let condition = version.map { PutCondition.unchanged(tag: $0) } ?? .absent
      switch try await store.put(bytes, as: Self.key(record.name), if: condition) {
      case .stored(let tag): return tag
      case .lost: return nil
      }
    } catch { throw TargetError(error) }
  }

  private static func key(_ endpoint: String) -> String { "endpoints/\(endpoint).json" }
}

extension TargetError {
  fileprivate init(_ error: ObjectError) {
    switch error {
    case .unreachable(let message, _): self.init(.failed, message)
    case .noAnswer(let message), .damaged(let message): self.init(.ambiguous, message)
    case .refused(_, let message, let help): self.init(.failed, help.map { "\(message) (\($0))" } ?? message)
    }
  }
}
