import CLibCurl

/// What the client must know about a URL before it asks it, read by the parser that will ask it.
struct RequestURL {
  /// `http://127.0.0.1:8080`: all that messages may show, because paths and queries can carry secrets.
  let origin: String
  /// Whether the host is this machine by name or by address, so that no proxy can be in between.
  let isLoopback: Bool

  init(_ text: String) throws(HTTPError) {
    let url = curl_url()
    defer { curl_url_cleanup(url) }
    let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
    guard !text.utf8.contains(0), curl_url_set(url, CURLUPART_URL, text, flags) == CURLUE_OK,
      let scheme = Self.part(CURLUPART_SCHEME, of: url), ["http", "https"].contains(scheme),
      let host = Self.part(CURLUPART_HOST, of: url), !host.isEmpty
    else {
      throw HTTPError(
        .invalidURL, "this is not an http:// or https:// address", help: "write it as http://HOST:PORT/PATH")
    }
    let port = Self.part(CURLUPART_PORT, of: url).map { ":" + $0 } ?? ""
    origin = "\(scheme)://\(host)\(port)"
    isLoopback = Self.isLoopback(host.lowercased())
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer?) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
  }
}
