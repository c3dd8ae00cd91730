/// A complete answer.
package struct HTTPResponse: Sendable {
  package var status: Int
  /// In the order received; repeated headers are repeated.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  /// From the start of the transfer, name resolution and connecting included, to the last byte.
  package var elapsed: Duration

  package init(
    status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], elapsed: Duration = .zero
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.elapsed = elapsed
  }

  /// The first header of this name, whatever its case.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  package var text: String { String(decoding: body, as: UTF8.self) }
}
