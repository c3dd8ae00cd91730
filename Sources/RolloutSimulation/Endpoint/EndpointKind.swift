/// What the simulated world has for an endpoint.
package enum EndpointKind: String, CaseIterable, Sendable {
  /// A stand-in that keeps the target's contract, and is fast.
  case contract
  /// The product's `EndpointMachine`, in a runtime that crashes, over servers that fail.
  case machine

  /// A seed has its world, whoever replays it: every fourth one runs on the product's machine.
  package static func of(seed: UInt64) -> EndpointKind { seed % 4 == 3 ? .machine : .contract }
}
