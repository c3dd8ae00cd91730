import CLibCrypto

/// HMAC with SHA-256 (RFC 2104), by libcrypto: 32 bytes.
package enum HMAC {
  package static func sha256(_ message: some Sequence<UInt8>, key: [UInt8]) -> [UInt8] {
    let message = Array(message)
    var code = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let result = CLibCrypto.HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &count)
    precondition(result != nil && count == 32, "libcrypto offers HMAC with SHA-256")
    return code
  }
}
