import NIOCore
import NIOPosix

/// A connection for requests that no proper client would send.
struct RawClient: Sendable {
  private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// Sends each text in turn, the next one as soon as the answer so far holds what is awaited, and returns all that came
  /// back until the last awaited text or the end of the connection.
  static func talk(_ port: Int, _ exchanges: [(send: String, await: String?)]) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      var received = ""
      var bytes = inbound.makeAsyncIterator()
      for exchange in exchanges {
        if !exchange.send.isEmpty { try await outbound.write(ByteBuffer(string: exchange.send)) }
        while exchange.await.map({ !received.contains($0) }) ?? true {
          guard let more = try await bytes.next() else { return received }
          received += String(buffer: more)
        }
      }
      return received
    }
  }

  static func talk(_ port: Int, _ text: String) async throws -> String { try await talk(port, [(text, nil)]) }
}
