import NIOHTTP1
package import RolloutCore

/// What bounds the router, whatever its clients and models do.
package struct RouterLimits: Hashable, Sendable {
  /// Largest answer of a model that is passed on.
  package var responseBytesMax = 64 * 1_048_576
  /// Requests of one variant that may wait for a free place at a backend.
  package var waitingMax = 1_024
  /// Client connections at a time.
  package var connectionsMax = 8_192
  /// How long a client may hold a connection without a request under way.
  package var clientIdle = TimeSpan.seconds(75)
  /// How long a connection to a model server is kept for the next request.
  package var backendIdle = TimeSpan.seconds(30)
  /// How long a model server may take to accept a connection: 250 ms in the container contract.
  package var connectTimeout = TimeSpan.milliseconds(250)
  /// How long requests under way may take to finish when the router shuts down.
  package var shutdownMax = TimeSpan.seconds(70)

  /// One read takes in most requests whole; NIO's 2 KB default costs more than anything else on images.
  static let receiveBytes = 65_536

  /// What a client may send that is not a whole line yet: more than a read, so that only an endless line meets it.
  static let unparsedBytesMax = 4 * receiveBytes

  /// 64 KB of headers are far more than any SDK signs.
  static var requestHead: NIOHTTPDecoderLimitConfiguration {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 65_536
    limits.maxHeaderListSize = 65_536
    return limits
  }

  package init() {}
}
