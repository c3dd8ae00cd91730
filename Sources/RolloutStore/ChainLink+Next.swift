import RolloutCore
import RolloutDigest

extension ChainLink {
  func next(_ body: [UInt8]) -> ChainLink {
    var sum = SHA256()
    hash.withUnsafeBytes { sum.update($0) }
    withUnsafeBytes(of: (sequence + 1).bigEndian) { sum.update($0) }
    body.withUnsafeBytes { sum.update($0) }
    return ChainLink(sequence: sequence + 1, hash: sum.finish().bytes)
  }
}
