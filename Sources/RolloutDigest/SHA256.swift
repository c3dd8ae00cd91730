import CLibCrypto
package import RolloutCore

/// SHA-256 of bytes as they arrive, by libcrypto.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers SHA-256 and memory for its state")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "hashing bytes in memory cannot fail")
  }

  package consuming func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    precondition(EVP_DigestFinal_ex(context, &bytes, nil) == 1, "hashing bytes in memory cannot fail")
    return Digest(bytes: bytes)
  }
}

extension Digest {
  /// The digest that these 32 raw bytes are.
  package init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "SHA-256 has 32 bytes")
    let digits = Array("0123456789abcdef".utf8)
    let hex = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    self.init(hex: String(decoding: hex, as: UTF8.self))!
  }

  package init(of bytes: some Collection<UInt8>) {
    var hash = SHA256()
    Array(bytes).withUnsafeBytes { hash.update($0) }
    self = hash.finish()
  }

  package init(of text: String) { self.init(of: Array(text.utf8)) }
}

extension Digest {
  /// The 32 raw bytes.
  package var bytes: [UInt8] {
    let digits = Array(hex.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
