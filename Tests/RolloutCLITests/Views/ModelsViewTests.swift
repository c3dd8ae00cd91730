import RolloutCLI
import RolloutCore
import Testing

struct ModelsViewTests {
  private let local = RegistrySpec.local(path: "/registry", group: "eye")

  @Test func `a list shows what a choice needs`() throws {
    #expect(
      ModelsView.list(
        [EyeCatcher.seven, EyeCatcher.eight], group: "eye-catcher", of: local, style: Style(width: 120)) == """
          eye-catcher
          version  status    metrics        size    builds           registered
          7        approved  accuracy 0.60  300 MB  full, quantised  2026-07-31 12:00 UTC by ana
          8        approved  accuracy 0.62  290 MB  full, quantised  2026-07-31 12:00 UTC by ana
          """)
  }

  @Test func `one model is shown with everything`() throws {
    #expect(
      ModelsView.show(EyeCatcher.eight, style: Style(width: 80)) == """
        eye-catcher version 8
          status       approved by ben on 2026-08-01 11:00 UTC
          digest       sha256:ab80000000000000000000000000000000000000000000000000000000000000
          registered   2026-07-31 12:00 UTC by ana
          full         accuracy 0.62, 290 MB
          quantised    accuracy 0.61, 73 MB, MODEL=int8.onnx
          command      python3 server.py
          environment  MODEL=full.onnx
          port         told in SAGEMAKER_BIND_TO_PORT, healthy when GET /ping answers
                       200
          instance     1 core, 16 requests at a time
        """)
  }

  @Test func `a model of SageMaker's registry is shown with what SageMaker knows`() {
    var package = EyeCatcher.eight
    package.arn = "arn:aws:sagemaker:eu-central-1:1:model-package/eye-catcher/8"
    package.serve = ServeSpec(command: [], environment: ["MODEL": "full.onnx"], image: "eyes@sha256:ab")
    package.variants = [:]
    package.sizeBytes = 0
    #expect(
      ModelsView.show(package, style: Style(width: 120)) == """
        eye-catcher version 8
          status       approved by ben on 2026-08-01 11:00 UTC
          digest       sha256:ab80000000000000000000000000000000000000000000000000000000000000
          registered   2026-07-31 12:00 UTC by ana
          full         accuracy 0.62, size unknown
          package      arn:aws:sagemaker:eu-central-1:1:model-package/eye-catcher/8
          image        eyes@sha256:ab
          environment  MODEL=full.onnx
        """)
  }

  @Test func `a rejected model says who rejected it and why`() {
    var package = EyeCatcher.eight
    package.approval = ModelApproval(status: .rejected, at: EyeCatcher.time(0), by: "ben", comment: "too slow")
    #expect(
      ModelsView.show(package, style: .plain).contains("status       rejected by ben on 2026-08-01 12:00 UTC: too slow")
    )
  }

  @Test func `an empty group says how to fill it`() {
    #expect(
      ModelsView.list([], group: "eye", of: local, style: .plain)
        == "No model is registered in eye. Register one: rollout models register DIR --group eye")
    let remote = RegistrySpec.sageMaker(region: "eu-central-1", group: "eye")
    #expect(
      ModelsView.list([], group: "eye", of: remote, style: .plain).contains("in eye in eu-central-1. Is that the right")
    )
  }

  @Test func `the document names its schema`() throws {
    let json = try ModelsView.json([EyeCatcher.seven])
    #expect(json.contains(#""schema" : "rollout/models/1""#))
    #expect(json.contains(#""version" : 7"#))
    #expect(try ModelsView.json(EyeCatcher.seven) == json)
  }
}
