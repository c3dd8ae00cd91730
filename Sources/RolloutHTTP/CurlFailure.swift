import CLibCurl

/// Turns what libcurl says into what a caller must know: whether the request can have arrived, and what to do.
struct CurlFailure {
  let result: CURLcode
  let detail: String
  let place: String
  let wasSent: Bool
  let isTooLarge: Bool
  let timeout: Duration
  let connectTimeout: Duration
  let responseBytesMax: Int

  var error: HTTPError {
    if isTooLarge {
      return HTTPError(
        .tooLarge, "the answer of \(place) is longer than \(responseBytesMax) bytes",
        help: "check that the address is the right one; the answer was not read to its end")
    }
    switch result {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      return HTTPError(.invalidURL, "\(place) cannot be asked: \(reason)")
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS:
      return HTTPError(
        wasSent ? .connectionLost : .tls, "no trusted connection to \(place): \(reason)",
        help:
          "name its certificate authority in AWS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE, and check this machine's clock"
      )
    case CURLE_OPERATION_TIMEDOUT where wasSent:
      return HTTPError(
        .timedOut, "\(place) did not answer within \(timeout)", help: "look at what it is busy with, or allow more time"
      )
    case CURLE_OPERATION_TIMEDOUT:
      return couldNotConnect("it did not take a connection within \(min(timeout, connectTimeout))")
    default:
      return wasSent
        ? HTTPError(
          .connectionLost, "\(place) broke the connection before it had answered: \(reason)",
          help: "look at its log; the request may have been carried out")
        : couldNotConnect(reason)
    }
  }

  private var reason: String { detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail }

  private func couldNotConnect(_ reason: String) -> HTTPError {
    HTTPError(
      .couldNotConnect, "no connection to \(place): \(reason)",
      help: "check that it is running and that the address is right")
  }
}
