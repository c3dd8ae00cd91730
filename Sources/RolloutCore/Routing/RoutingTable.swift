/// What the router may do with every request, as one immutable value that is replaced whole.
package struct RoutingTable: Hashable, Sendable {
  private let routes: [String: EndpointRoute]

  package init(_ endpoints: [EndpointRoute] = []) {
    var routes: [String: EndpointRoute] = [:]
    for endpoint in endpoints {
      precondition(routes.updateValue(endpoint, forKey: endpoint.name) == nil, "an endpoint has one route")
    }
    let fleets = endpoints.flatMap(\.variants).map(\.fleet)
    precondition(Set(fleets).count == fleets.count, "a fleet has one role at one endpoint")
    let ids = endpoints.flatMap(\.variants).flatMap(\.backends).map(\.id)
    precondition(Set(ids).count == ids.count, "a backend belongs to one variant")
    self.routes = routes
  }

  package subscript(name: String) -> EndpointRoute? { routes[name] }

  /// Sorted by name.
  package var endpoints: [EndpointRoute] { routes.values.sorted { $0.name < $1.name } }

  package var backends: [Backend] { endpoints.flatMap(\.variants).flatMap(\.backends) }
}

/// One endpoint: its limits and the variants that may answer for it.
package struct EndpointRoute: Hashable, Sendable {
  package let name: String
  package let bodyBytesMax: Int
  /// From the last byte of the request to the last byte of the answer, second tries included.
  package let requestTimeout: TimeSpan
  /// A request that the canary failed is answered by stable.
  package let shield: Bool
  package let variants: [VariantRoute]

  package init(
    name: String, bodyBytesMax: Int = 6_291_456, requestTimeout: TimeSpan = .seconds(60), shield: Bool = true,
    variants: [VariantRoute]
  ) {
    precondition(bodyBytesMax > 0 && requestTimeout > .zero, "an endpoint accepts some request for some time")
    precondition(Set(variants.map(\.role)).count == variants.count, "an endpoint has one variant per role")
    if variants.contains(where: { $0.role == .stable }) {
      let total = variants.reduce(0) { $0 + $1.share.basisPoints }
      precondition(total == Percent.all.basisPoints, "the shares of a served endpoint total 100 %")
    }
    self.name = name
    self.bodyBytesMax = bodyBytesMax
    self.requestTimeout = requestTimeout
    self.shield = shield
    self.variants = variants
  }

  package func variant(_ role: VariantRole) -> VariantRoute? { variants.first { $0.role == role } }
}

/// What a variant is to its endpoint; also the variant's name on the wire.
package enum VariantRole: String, Hashable, Codable, Sendable, CaseIterable { case stable, canary, standby }

/// The instances of one fleet and the share of requests that are theirs.
package struct VariantRoute: Hashable, Sendable {
  package let role: VariantRole
  /// Name of the fleet; measurements are kept under it, so they follow a canary that becomes stable.
  package let fleet: String
  package let revision: Digest
  package let share: Percent
  /// When the share ends unless a newer table says otherwise, by the clock of whoever made the table; `nil`: it does not.
  /// Whoever routes looks at it for every request, so that a share ends in time even when its owner is stuck.
  package let until: TimeSpan?
  package let backends: [Backend]

  package init(
    role: VariantRole, fleet: String, revision: Digest, share: Percent, until: TimeSpan? = nil, backends: [Backend]
  ) {
    self.role = role
    self.fleet = fleet
    self.revision = revision
    self.share = share
    self.until = until
    self.backends = backends
  }
}

extension VariantRoute {
  package func share(at now: TimeSpan) -> Percent {
    if let until, until <= now { .none } else { share }
  }
}

/// One model server that is ready to answer.
package struct Backend: Hashable, Sendable, Identifiable {
  package let id: String
  package let host: String
  package let port: Int
  /// Requests it is given at a time.
  package let concurrencyMax: Int

  package init(id: String, host: String, port: Int, concurrencyMax: Int = 16) {
    precondition(concurrencyMax > 0, "a backend that takes no requests is not published")
    self.id = id
    self.host = host
    self.port = port
    self.concurrencyMax = concurrencyMax
  }
}
