import NIOCore
import NIOHTTP1
import RolloutCore

/// What a request to the front port asks for, by its head alone.
enum FrontRequest {
  case invoke(Invocation)
  case ping
  case metrics
  case refused(FrontAnswer)

  /// The headers that reach the model; SageMaker strips all others.
  private static let forwarded = [
    "Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id",
    "X-Amzn-SageMaker-Session-Id", "X-Amzn-SageMaker-Target-Model",
  ]

  init(_ head: HTTPRequestHead, endpoint: (String) -> EndpointRoute?) {
    let path = head.uri.prefix { $0 != "?" }
    switch path {
    case "/ping": self = head.method == .GET ? .ping : .refused(.wrongMethod(head.method, allowed: "GET"))
    case "/metrics": self = head.method == .GET ? .metrics : .refused(.wrongMethod(head.method, allowed: "GET"))
    default:
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0].isEmpty, parts[1] == "endpoints", parts[3] == "invocations" else {
        self = .refused(.unknownPath(String(path)))
        return
      }
      guard head.method == .POST else {
        self = .refused(.wrongMethod(head.method, allowed: "POST"))
        return
      }
      let name = String(parts[2])
      guard let route = endpoint(name) else {
        self = .refused(.unknownEndpoint(name))
        return
      }
      var headers = HTTPHeaders()
      for name in Self.forwarded { for value in head.headers[name] { headers.add(name: name, value: value) } }
      self = .invoke(
        Invocation(
          route: route, target: head.headers.first(name: "X-Amzn-SageMaker-Target-Variant"), headers: headers,
          body: nil))
    }
  }
}

/// One call of an endpoint.
struct Invocation {
  /// As it was when the request began: its limits hold for the whole request.
  let route: EndpointRoute
  /// The variant the client insists on.
  let target: String?
  let headers: HTTPHeaders
  var body: ByteBuffer?
}
