import RolloutCore
import RolloutDigest

extension ChainLink {
  func next(_ body: [UInt8]) -> ChainLink {
    var number = (sequence + 1).bigEndian
    let numberBytes = withUnsafeBytes(of: &number) { Array($0) }
    return ChainLink(sequence: sequence + 1, hash: Digest(of: hash + numberBytes + body).bytes)
  }
}
