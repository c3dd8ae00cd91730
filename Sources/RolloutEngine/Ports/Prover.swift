package import RolloutCore

/// Runs smoke suites against one variant of an endpoint and says what it measured. A failing case is a result, not an
/// error; an error means that the suite could not be run at all.
package protocol Prover: Sendable {
  func run(_ suites: [SmokeSuite], against address: EndpointAddress) async throws -> [SmokeResult]
}

/// Where an endpoint answers: the base of its SageMaker Runtime API, its name, and the variant that must answer.
package struct EndpointAddress: Hashable, Codable, Sendable {
  /// `http://127.0.0.1:8080`
  package var base: String
  package var endpoint: String
  /// `stable` or `canary`; `nil` lets the router choose.
  package var variant: String?

  package init(base: String, endpoint: String, variant: String? = nil) {
    self.base = base
    self.endpoint = endpoint
    self.variant = variant
  }
}

/// What one smoke case measured over all its repetitions.
package struct SmokeResult: Hashable, Codable, Sendable {
  package struct Failure: Hashable, Codable, Sendable {
    /// `expected $.nsfw < 0.1, got 0.83`
    package var message: String
    /// `images.yaml:12`, where one line says otherwise.
    package var source: String?
    /// How many repetitions failed this way.
    package var count: Int

    package init(message: String, source: String? = nil, count: Int = 1) {
      self.message = message
      self.source = source
      self.count = count
    }
  }

  package var suite: String
  package var name: String
  package var repetitions: Int
  package var failures: [Failure]
  /// Milliseconds over the repetitions that got an answer; `nil` when none did.
  package var latencyP50: Double?
  package var latencyP95: Double?
  package var latencyMax: Double?
  /// The first answer: status, and the start of its body for people.
  package var status: Int?
  package var answer: String?

  package var passed: Bool { failures.isEmpty }

  package init(
    suite: String, name: String, repetitions: Int, failures: [Failure], latencyP50: Double? = nil,
    latencyP95: Double? = nil, latencyMax: Double? = nil, status: Int? = nil, answer: String? = nil
  ) {
    self.suite = suite
    self.name = name
    self.repetitions = repetitions
    self.failures = failures
    self.latencyP50 = latencyP50
    self.latencyP95 = latencyP95
    self.latencyMax = latencyMax
    self.status = status
    self.answer = answer
  }
}
