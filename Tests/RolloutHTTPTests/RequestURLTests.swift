import Testing

@testable import RolloutHTTP

struct RequestURLTests {
  @Test(arguments: [
    ("http://127.0.0.1:8080/endpoints", true), ("http://localhost/", true), ("http://LOCALHOST:1/", true),
    ("http://api.localhost/", true), ("http://[::1]:80/", true), ("http://127.1.2.3/", true), ("http://127.1/", true),
    ("http://128.0.0.1/", false), ("http://localhost.example.org/", false), ("http://127.0.0.1.example.org/", false),
    ("https://runtime.sagemaker.us-east-1.amazonaws.com/", false),
  ])
  func `this machine is known by its names`(url: String, isLoopback: Bool) throws {
    #expect(try RequestURL(url).isLoopback == isLoopback)
  }

  @Test func `messages show neither path nor query nor password`() throws {
    #expect(try RequestURL("https://me:secret@example.org:8443/hook/token?x=1").origin == "https://example.org:8443")
  }

  @Test func `the certificate bundle is named as curl and the AWS tools name it`() {
    let both = CertificateAuthorities(environment: ["AWS_CA_BUNDLE": "/a", "SSL_CERT_FILE": "/b", "SSL_CERT_DIR": "/c"])
    #expect(both.file == "/a")
    #expect(both.directory == "/c")
    #expect(CertificateAuthorities(environment: ["AWS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "/d"]).file == "/d")
    #expect(CertificateAuthorities(environment: [:]).file == nil)
  }
}
