import RolloutCore
import RolloutDigest

/// A request in the one form in which AWS signs it.
struct CanonicalRequest: Hashable {
  let text: String
  /// `host;x-amz-date`.
  let signedHeaders: String

  init(_ request: AWSRequest, _ paths: SigV4.Paths, payload: Digest) {
    let headers = Self.headers(request)
    signedHeaders = headers.map(\.name).joined(separator: ";")
    let lines =
      [request.method, Self.path(request.path, paths), Self.query(request.query)]
      + headers.map { "\($0.name):\($0.value)" } + ["", signedHeaders, payload.hex]
    text = lines.joined(separator: "\n")
  }

  var digest: Digest { Digest(of: text) }

  /// Lower-case names, ascending; values of one name joined in their order, white space in and round them made one space.
  private static func headers(_ request: AWSRequest) -> [AWSRequest.Field] {
    var values: [String: [String]] = ["host": [request.host]]
    for field in request.headers { values[field.name.lowercased(), default: []].append(field.value) }
    return values.sorted { $0.key < $1.key }.map { name, values in
      let trimmed = values.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
      return AWSRequest.Field(name, trimmed.joined(separator: ","))
    }
  }

  private static func path(_ path: String, _ paths: SigV4.Paths) -> String {
    switch paths {
    case .asSent: PercentEncoding.encode(path, keepsSlashes: true)
    case .normalized: PercentEncoding.encode(normalized(path), keepsSlashes: true)
    case .encodedTwice:
      PercentEncoding.encode(PercentEncoding.encode(normalized(path), keepsSlashes: true), keepsSlashes: true)
    }
  }

  /// Without empty segments, `.` and `..` (RFC 3986, section 5.2.4).
  static func normalized(_ path: String) -> String {
    var kept: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
    }
    let end = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let isFolder = end.isEmpty || end == "." || end == ".."
    return kept.isEmpty ? "/" : "/" + kept.joined(separator: "/") + (isFolder ? "/" : "")
  }

  /// Encoded first, then ordered by name and value, byte by byte.
  static func query(_ fields: [AWSRequest.Field]) -> String {
    fields.map { (Array(PercentEncoding.encode($0.name).utf8), Array(PercentEncoding.encode($0.value).utf8)) }
      .sorted { $0.0 == $1.0 ? $0.1.lexicographicallyPrecedes($1.1) : $0.0.lexicographicallyPrecedes($1.0) }
      .map { String(decoding: $0.0, as: UTF8.self) + "=" + String(decoding: $0.1, as: UTF8.self) }
      .joined(separator: "&")
  }
}
