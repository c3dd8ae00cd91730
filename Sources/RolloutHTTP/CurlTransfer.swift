import CLibCurl
import Glibc

/// One request on its way: libcurl's easy handle, and the answer as it arrives. Lives on the loop's thread.
final class CurlTransfer {
  /// What servers send as headers is small; a server that never ends its headers must not fill our memory.
  static let headerBytesMax = 262_144

  let easy: UnsafeMutableRawPointer
  let id: UInt64
  let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>

  private let request: HTTPRequest
  private let url: RequestURL
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var headers: [(name: String, value: String)] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false

  init(_ submission: Submission, authorities: CertificateAuthorities) {
    guard let easy = curl_easy_init() else { preconditionFailure("libcurl has memory for a transfer") }
    self.easy = easy
    id = submission.id
    continuation = submission.continuation
    request = submission.request
    url = submission.url
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    setAddress()
    setRoute(authorities)
    setBody()
    setHeaders()
    setLimits()
    setCallbacks()
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  // MARK: - The request

  private func setAddress() {
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    // A signed path must arrive as it was signed.
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_FOLLOWLOCATION, request.followsRedirects ? 1 : 0)
    set(CURLOPT_MAXREDIRS, 10)
    set(CURLOPT_FRESH_CONNECT, request.arrivesOnce ? 1 : 0)
  }

  private func setRoute(_ authorities: CertificateAuthorities) {
    if let path = request.unixSocket { set(CURLOPT_UNIX_SOCKET_PATH, path) }
    if request.unixSocket != nil || url.isLoopback { set(CURLOPT_PROXY, "") }
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if let file = authorities.file { set(CURLOPT_CAINFO, file) }
    if let directory = authorities.directory { set(CURLOPT_CAPATH, directory) }
  }

  private func setBody() {
    let carriesBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
    if carriesBody {
      set(CURLOPT_POST, 1)
      precondition(
        rollout_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)) == CURLE_OK,
        "libcurl takes a body of any length")
      request.body.withUnsafeBytes {
        set(CURLOPT_COPYPOSTFIELDS, pointer: $0.baseAddress ?? UnsafeRawPointer(errorText))
      }
    } else if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    }
    set(CURLOPT_CUSTOMREQUEST, request.method)
  }

  private func setHeaders() {
    var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    // libcurl would add these by itself: a form's content type, and a pause of a second before a large body.
    for name in ["Content-Type", "Expect"]
    where !request.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
      lines.append("\(name):")
    }
    for line in lines { headerList = curl_slist_append(headerList, line) }
    set(CURLOPT_HTTPHEADER, pointer: headerList.map { UnsafeRawPointer($0) })
  }

  private func setLimits() {
    set(CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds)
    set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
    // Signals would go to threads that know nothing of them; a name that does not resolve must not hold up the others.
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_QUICK_EXIT, 1)
  }

  private func setCallbacks() {
    let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    set(CURLOPT_ERRORBUFFER, pointer: UnsafeRawPointer(errorText))
    set(CURLOPT_WRITEDATA, pointer: context)
    set(CURLOPT_HEADERDATA, pointer: context)
    _ = rollout_curl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      CurlTransfer.from(context).receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    _ = rollout_curl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      CurlTransfer.from(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    // A child process must not hold our connections open.
    _ = rollout_curl_set_open_socket(easy) { _, _, address in
      guard let address = address?.pointee else { return CURL_SOCKET_BAD }
      return socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
    }
  }

  private func set(_ option: CURLoption, _ value: Int) {
    precondition(rollout_curl_set_long(easy, option, value) == CURLE_OK, "this libcurl knows option \(option.rawValue)")
  }

  private func set(_ option: CURLoption, _ value: String) {
    precondition(
      rollout_curl_set_string(easy, option, value) == CURLE_OK, "this libcurl knows option \(option.rawValue)")
  }

  private func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
    precondition(
      rollout_curl_set_pointer(easy, option, pointer) == CURLE_OK, "this libcurl knows option \(option.rawValue)")
  }

  // MARK: - The answer

  private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
    guard let context else { preconditionFailure("libcurl hands back the context it was given") }
    return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
  }

  /// Returns how much was taken; anything but all of it ends the transfer.
  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= request.responseBytesMax else {
      isTooLarge = true
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    headerBytes += bytes.count
    guard headerBytes <= Self.headerBytesMax else {
      isTooLarge = true
      return 0
    }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // An interim answer or a redirect came first; only the last answer's headers count.
      headers = []
      return bytes.count
    }
    if let colon = line.firstIndex(of: ":") {
      let isSpace = { (character: Character) in character.isWhitespace }
      let value = line[line.index(after: colon)...].drop(while: isSpace)
      headers.append((String(line[..<colon]), String(value.reversed().drop(while: isSpace).reversed())))
    }
    return bytes.count
  }

  func outcome(of result: CURLcode) -> Result<HTTPResponse, HTTPError> {
    guard result == CURLE_OK else { return .failure(failure(result)) }
    var elapsed: curl_off_t = 0
    _ = rollout_curl_get_offset(easy, CURLINFO_TOTAL_TIME_T, &elapsed)
    return .success(
      HTTPResponse(
        status: number(CURLINFO_RESPONSE_CODE), headers: headers, body: body,
        elapsed: .microseconds(Int64(elapsed))))
  }

  private func failure(_ result: CURLcode) -> HTTPError {
    let place = request.unixSocket.map { "the socket \($0)" } ?? url.origin
    // Counts over retries too: libcurl asks again on a new connection when a kept one turns out to be dead.
    let wasSent = number(CURLINFO_REQUEST_SIZE) > 0
    return CurlFailure(
      result: result, detail: String(cString: errorText), place: place, wasSent: wasSent, isTooLarge: isTooLarge,
      timeout: request.timeout, connectTimeout: request.connectTimeout, responseBytesMax: request.responseBytesMax
    ).error
  }

  private func number(_ info: CURLINFO) -> Int {
    var value = 0
    _ = rollout_curl_get_long(easy, info, &value)
    return value
  }
}

extension Duration {
  /// At least one, because libcurl takes zero for "no limit".
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return max(
      1,
      Int(clamping: seconds.multipliedReportingOverflow(by: 1_000).partialValue + attoseconds / 1_000_000_000_000_000))
  }
}
