import CLibCrypto

/// SHA-1 by libcrypto, for the one use that is left of it: names that others made with it.
package enum SHA1 {
  /// 40 digits.
  package static func hex(of text: String) -> String {
    var digest = [UInt8](repeating: 0, count: 20)
    var count: UInt32 = 0
    let bytes = Array(text.utf8)
    let result = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha1(), nil)
    precondition(result == 1 && count == 20, "libcrypto offers SHA-1")
    return digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
