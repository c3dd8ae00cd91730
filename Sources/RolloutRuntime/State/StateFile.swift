import RolloutCore
import RolloutDigest

/// What the runtime must know after it was killed, as one file that is replaced whole.
struct StateFile: Sendable {
  private struct Document: Codable {
    var format: Int
    /// Of the canonical JSON of `endpoints`: a file that was cut or edited is noticed, not believed.
    var digest: Digest
    var endpoints: [EndpointRecord]
  }

  static let format = 1
  let path: String

  /// The endpoints by name; none when there is no file yet.
  func load() throws(RuntimeError) -> [EndpointRecord] {
    guard let bytes = try FileSystem.read(path) else { return [] }
    let document: Document
    do {
      document = try CanonicalJSON.value(Document.self, from: bytes)
    } catch {
      throw corrupt("cannot be read: \(error)")
    }
    guard document.format == Self.format else {
      throw RuntimeError(
        .stateCorrupt, "\(path) has format \(document.format), and this program reads format \(Self.format)",
        help: "use the newer rollout that wrote it")
    }
    guard (try? CanonicalJSON.digest(document.endpoints)) == document.digest else {
      throw corrupt("was changed or damaged: its digest does not match")
    }
    return document.endpoints
  }

  func save(_ endpoints: [EndpointRecord]) throws(RuntimeError) {
    let bytes: [UInt8]
    do {
      let document = Document(
        format: Self.format, digest: try CanonicalJSON.digest(endpoints), endpoints: endpoints)
      bytes = try CanonicalJSON.bytes(document)
    } catch {
      preconditionFailure("our own values can be written as JSON: \(error)")
    }
    try FileSystem.replace(path, with: bytes)
  }

  private func corrupt(_ what: String) -> RuntimeError {
    RuntimeError(
      .stateCorrupt, "the runtime's state \(path) \(what)",
      help: "put a copy of it back, or move it away and run `rollout apply`, which sets the endpoints up again")
  }
}
