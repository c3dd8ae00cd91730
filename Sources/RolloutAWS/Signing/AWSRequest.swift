/// One HTTP request to AWS before it is signed: everything a signature covers, nothing encoded yet.
package struct AWSRequest: Hashable, Sendable {
  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var method: String
  /// With its port where that is not the scheme's own.
  package var host: String
  /// Begins with `/`; as people would write it, not percent-encoded.
  package var path: String
  /// In the order in which they are sent; not percent-encoded.
  package var query: [Field]
  /// Without `Host`.
  package var headers: [Field]
  package var body: [UInt8]

  package init(
    _ method: String, host: String, path: String = "/", query: [Field] = [], headers: [Field] = [], body: [UInt8] = []
  ) {
    precondition(path.hasPrefix("/"), "a request's path begins at the root")
    self.method = method
    self.host = host
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }
}
