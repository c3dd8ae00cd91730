import RolloutCore

extension Shape where Value == EndpointTemplate {
  /// A file under `Templates/`: how the local runtime runs an endpoint.
  static var template: Shape {
    let standard = EndpointTemplate()
    return .object(
      "How the local runtime runs an endpoint. Every key may be left out; the defaults are those of SageMaker.",
      Field.optional("limits", .limits, "What a request may take."),
      Field.optional("health", .health, "How a model server is asked whether it is well."),
      Field.optional(
        "drain", .duration, default: standard.drain, written: .string(standard.drain.description),
        "How long a stopping instance may finish what it has accepted before it is killed."),
      Field.optional(
        "shield", .boolean, default: standard.shield, written: .bool(standard.shield),
        "Whether a request that the canary failed is answered by stable."),
      Field.optional(
        "lease", .duration, default: standard.lease, written: .string(standard.lease.description),
        "How long the canary keeps its share of traffic after the driver was last heard of.")
    ) { limits, health, drain, shield, lease in
      let limits = limits ?? Limits()
      let health = health ?? Health()
      return EndpointTemplate(
        bodyBytesMax: limits.body, requestTimeout: limits.timeout, healthInterval: health.interval,
        healthTimeout: health.timeout, startupTimeout: health.startup, drain: drain, shield: shield, lease: lease)
    }
  }
}

struct Limits: Sendable {
  var body = EndpointTemplate().bodyBytesMax
  var timeout = EndpointTemplate().requestTimeout
}

struct Health: Sendable {
  var interval = EndpointTemplate().healthInterval
  var timeout = EndpointTemplate().healthTimeout
  var startup = EndpointTemplate().startupTimeout
}

extension Shape where Value == Limits {
  static var limits: Shape {
    .object(
      "What a request may take.",
      Field.optional("body", .byteSize, default: Limits().body, written: "6MiB", "The largest request body."),
      Field.optional(
        "timeout", .duration, default: Limits().timeout, written: .string(Limits().timeout.description),
        "How long a model server may take to answer.")
    ) { Limits(body: $0, timeout: $1) }
  }
}

extension Shape where Value == Health {
  static var health: Shape {
    .object(
      "How a model server is asked whether it is well.",
      Field.optional(
        "interval", .duration, default: Health().interval, written: .string(Health().interval.description),
        "The time between two questions."),
      Field.optional(
        "timeout", .duration, default: Health().timeout, written: .string(Health().timeout.description),
        "How long an answer may take."),
      Field.optional(
        "startup", .duration, default: Health().startup, written: .string(Health().startup.description),
        "How long a server may take to become healthy.")
    ) { Health(interval: $0, timeout: $1, startup: $2) }
  }
}
