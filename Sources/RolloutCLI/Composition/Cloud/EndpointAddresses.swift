import RolloutAWS
import RolloutCore
import RolloutEngine
import RolloutHTTP
import RolloutProof
import Synchronization

/// Where endpoints answer, and provers that sign what they send where that is needed.
final class EndpointAddresses: Prover {
  private let session: Session
  private let control: LocalRuntimeControl
  private let local = SmokeProver(client: HTTPClient())
  /// By the base of their addresses.
  private let signing = Mutex<[String: SmokeProver]>([:])

  init(_ session: Session) {
    self.session = session
    control = LocalRuntimeControl(session)
  }

  /// On SageMaker the endpoint chooses the fleet by itself; the local front is told.
  func address(of stage: Program.Stage, variant: String) async throws -> EndpointAddress {
    if let spec = stage.revision.content.sageMaker {
      let sender = try SageMakerRuntimeSender(try session.aws.client(spec.region))
      signing.withLock { $0[sender.base] = SmokeProver { request throws(HTTPError) in try await sender.send(request) } }
      return EndpointAddress(base: sender.base, endpoint: stage.endpoint)
    }
    let runtime = session.pipeline.runtime
    let base = await control.frontAddress() ?? "http://\(runtime.host):\(runtime.port)"
    return EndpointAddress(base: base, endpoint: stage.endpoint, variant: variant)
  }

  func run(_ suites: [SmokeSuite], against address: EndpointAddress) async throws -> [SmokeResult] {
    let prover = signing.withLock { $0[address.base] } ?? local
    return try await prover.run(suites, against: address)
  }
}
