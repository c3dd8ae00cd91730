import FoundationEssentials
import Synchronization

/// Sends HTTP/1.1 requests by the system's libcurl, from one thread of its own. Connections are kept and reused;
/// no more than `transfersMax` requests are on their way at a time, the others wait in order.
///
/// Proxies (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`) and certificate bundles (`AWS_CA_BUNDLE`,
/// `CURL_CA_BUNDLE`, `SSL_CERT_FILE`, `SSL_CERT_DIR`) are taken from the environment. This machine is never asked
/// through a proxy.
package final class HTTPClient: Sendable {
  private let loop: CurlLoop
  private let nextID = Atomic<UInt64>(0)

  package init(transfersMax: Int = 128) {
    precondition(transfersMax > 0, "a client that may send nothing is of no use")
    loop = CurlLoop(
      transfersMax: transfersMax, authorities: CertificateAuthorities(environment: ProcessInfo.processInfo.environment))
    loop.start()
  }

  deinit { loop.stop() }

  /// Cancelling the task ends the transfer and its connection.
  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let url = try RequestURL(request.url)
    try request.checkSyntax()
    let id = nextID.add(1, ordering: .relaxed).newValue
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.submit(
          Submission(id: id, request: request, url: url, cancellation: cancellation, continuation: continuation))
      }
    } onCancel: {
      cancellation.request()
      loop.cancel(id)
    }.get()
  }
}

/// Remembers a cancellation that comes before the loop has heard of its request.
final class Cancellation: Sendable {
  private let requested = Atomic<Bool>(false)

  var isRequested: Bool { requested.load(ordering: .acquiring) }
  func request() { requested.store(true, ordering: .releasing) }
}

/// Whom to trust in place of libcurl's built-in bundle; the variables that curl and the AWS tools read.
struct CertificateAuthorities: Sendable {
  var file: String?
  var directory: String?

  init(environment: [String: String]) {
    let named = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    file = named("AWS_CA_BUNDLE") ?? named("CURL_CA_BUNDLE") ?? named("SSL_CERT_FILE")
    directory = named("SSL_CERT_DIR")
  }
}

extension HTTPRequest {
  /// Nothing from outside may end a line of the request early.
  func checkSyntax() throws(HTTPError) {
    guard Self.isToken(method) else { throw HTTPError(.invalidRequest, "'\(method)' is not an HTTP method") }
    for header in headers {
      guard Self.isToken(header.name) else {
        throw HTTPError(.invalidRequest, "'\(header.name)' is not the name of an HTTP header")
      }
      guard !header.value.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
        throw HTTPError(.invalidRequest, "the value of header \(header.name) holds a line break")
      }
    }
  }

  /// RFC 9110, section 5.6.2.
  private static func isToken(_ text: String) -> Bool {
    let marks = Array("!#$%&'*+-.^_`|~".utf8)
    return !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || marks.contains(byte)
      }
  }
}
