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
    func word(_ place: Int) -> UInt64 { bytes[place * 8..<place * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(words: (word(0), word(1), word(2), word(3)))
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
    [words.0, words.1, words.2, words.3].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }
  }
}
