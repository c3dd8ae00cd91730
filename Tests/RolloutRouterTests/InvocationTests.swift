import FoundationEssentials
import NIOHTTP1
import RolloutCore
import RolloutRouter
import Testing

@Suite struct InvocationTests {
  @Test func `a request reaches the model and its answer comes back`() async throws {
    let model = try await FakeModel.start("i-1", .echo)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let answer = try await fixture.client().send(
        headers: [
          ("Content-Type", "image/jpeg"), ("Accept", "application/json"), ("X-Secret", "stays"),
          ("X-Amzn-SageMaker-Custom-Attributes", "trace=7"),
        ], body: "picture")
      #expect(answer.status == 200)
      #expect(answer.header("x-amzn-Invoked-Production-Variant") == "stable")
      #expect(answer.header("Content-Type") == "text/plain")
      #expect(
        answer.body == """
          POST /invocations
          accept: application/json
          content-length: 7
          content-type: image/jpeg
          host: 127.0.0.1:\(model.port)
          x-amzn-sagemaker-custom-attributes: trace=7

          picture
          """)
    }
  }

  @Test func `a model's own custom attributes come back`() async throws {
    let headers = ["X-Amzn-SageMaker-Custom-Attributes": "a=1", "X-Other": "no", "Content-Type": "application/json"]
    let model = try await FakeModel.start("i-1", .answer(status: 201, body: "{}", headers: headers))
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let answer = try await fixture.client().send()
      #expect(answer.status == 200)
      #expect(answer.header("X-Amzn-SageMaker-Custom-Attributes") == "a=1")
      #expect(answer.header("X-Other") == nil)
    }
  }

  @Test func `a body of several megabytes arrives whole`() async throws {
    let model = try await FakeModel.start("i-1", .echo)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let picture = String(repeating: "0123456789abcdef", count: 200_000)
      let client = try await fixture.client()
      for headers in [[], [("Transfer-Encoding", "chunked")]] {
        let answer = try await client.send(headers: headers, body: picture)
        #expect(answer.status == 200 && answer.body.hasSuffix("\n\n" + picture))
      }
    }
  }

  @Test func `the named variant answers, and nobody else may`() async throws {
    let stable = try await FakeModel.start("s", .answer(body: "stable"))
    let canary = try await FakeModel.start("c", .answer(body: "canary"))
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [stable.backend()], canary: [canary.backend()], share: 0)
      let client = try await fixture.client()
      for role in ["stable", "canary"] {
        let answer = try await client.send(headers: [("X-Amzn-SageMaker-Target-Variant", role)])
        #expect(answer.body == role && answer.header("x-amzn-Invoked-Production-Variant") == role)
      }
      canary.behave(.answer(status: 500))
      #expect(try await client.send(headers: [("X-Amzn-SageMaker-Target-Variant", "canary")]).status == 424)
    }
  }

  @Test func `a failing model becomes a ModelError with its own status and words`() async throws {
    let model = try await FakeModel.start("i-1", .answer(status: 503, body: #"out of "memory""#))
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let answer = try await fixture.client().send()
      #expect(answer.status == 424)
      #expect(answer.header("x-amzn-errortype") == "ModelError")
      #expect(answer.header("Content-Type") == "application/json")
      let error = try JSONDecoder().decode(ModelErrorAnswer.self, from: Data(answer.body.utf8))
      #expect(error.OriginalStatusCode == 503)
      #expect(error.OriginalMessage == #"out of "memory""#)
      #expect(error.message == #"Received server error (503) from stable with message "out of "memory""."#)
      #expect(error.Message == error.message)
      #expect(error.LogStreamArn.hasSuffix("/aws/sagemaker/Endpoints/eye-catcher:log-stream:stable/i-1"))
      #expect(fixture.sink.records.map(\.outcome) == [.serverError])
      #expect(fixture.sink.records.map(\.userSawError) == [true])
    }
  }

  @Test func `what cannot be routed is refused in the API's own words`() async throws {
    let model = try await FakeModel.start("i-1")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let client = try await fixture.client()
      let unknown = try await client.send(.POST, "/endpoints/nobody/invocations", body: "picture")
      #expect(unknown.status == 400 && unknown.header("x-amzn-errortype") == "ValidationError")
      #expect(unknown.body.contains("Endpoint nobody was not found"))
      let variant = try await client.send(headers: [("X-Amzn-SageMaker-Target-Variant", "blue")])
      #expect(variant.status == 400 && variant.header("x-amzn-errortype") == "ValidationError")
      #expect(try await client.send(.POST, "/", body: "picture").status == 404)
      let method = try await client.send(.GET)
      #expect(method.status == 405 && method.header("Allow") == "POST")
      #expect(try await client.send(.POST, "/ping").status == 405)
      #expect(model.requests == 0 && fixture.sink.records.isEmpty)
    }
  }

  @Test func `an endpoint without an instance asks to come back later`() async throws {
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [])
      let answer = try await fixture.client().send()
      #expect(answer.status == 503 && answer.header("x-amzn-errortype") == "ServiceUnavailable")
      #expect(answer.header("Retry-After") == "1")
      #expect(fixture.sink.refusals == 1 && fixture.sink.records.isEmpty)
    }
  }

  @Test func `health and metrics are served beside the endpoints`() async throws {
    try await RouterFixture.with { fixture in
      let client = try await fixture.client()
      #expect(try await client.send(.GET, "/ping").status == 200)
      let metrics = try await client.send(.GET, "/metrics")
      #expect(metrics.status == 200 && metrics.body == "rollout_up 1\n")
      #expect(metrics.header("Content-Type") == "text/plain; version=0.0.4")
    }
  }
}

private struct ModelErrorAnswer: Decodable {
  let message: String
  let Message: String
  let OriginalStatusCode: Int
  let OriginalMessage: String
  let LogStreamArn: String
}
