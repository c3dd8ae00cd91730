/// One HTTP request. Exactly these headers are sent, beside `Host`, `Content-Length` and `Accept: */*`.
package struct HTTPRequest: Sendable {
  package var method: String
  /// `http://…` or `https://…`; sent as it stands, dot segments included.
  package var url: String
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  /// From the start of the transfer to the last byte of the answer. Waiting for a free slot is not counted.
  package var timeout: Duration
  package var connectTimeout: Duration
  /// Path of a Unix socket to connect to, in place of the host that `url` names.
  package var unixSocket: String?
  package var followsRedirects: Bool
  /// What a kept connection swallowed without a word is sent again by libcurl itself. A request that must not arrive twice
  /// gets a connection of its own.
  package var arrivesOnce: Bool
  /// A longer answer ends the transfer with `HTTPError.Code.tooLarge`.
  package var responseBytesMax: Int

  package init(
    method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(60), connectTimeout: Duration = .seconds(5), unixSocket: String? = nil,
    followsRedirects: Bool = false, arrivesOnce: Bool = false, responseBytesMax: Int = 67_108_864
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.unixSocket = unixSocket
    self.followsRedirects = followsRedirects
    self.arrivesOnce = arrivesOnce
    self.responseBytesMax = responseBytesMax
  }
}
