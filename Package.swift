// swift-tools-version: 6.1
import PackageDescription

/// Every target compiles under the same strict rules; a misspelt feature name would be accepted silently.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .unsafeFlags(["-warnings-as-errors"]),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1"].map {
  .product(name: $0, package: "swift-nio")
}

func module(_ name: String, _ dependencies: [Target.Dependency] = [], embedding files: [String] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: files.map { .embedInCode($0) }, swiftSettings: strict)
}

/// The product's own files for AWS, from which `rollout init --aws` writes a set: links, so that there is no second copy.
let scaffold = [
  "pipeline", "staging", "production", "staging-template", "production-template", "model-errors", "cpu", "latency",
].map { "Scaffold/Product/\($0).yaml" }

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "rollout",
  products: [.executable(name: "rollout", targets: ["rollout"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
  ],
  targets: [
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLibExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CSpawn"),
    .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    module("RolloutDiagnostics"),
    module("RolloutCore"),
    module("RolloutDigest", ["CLibCrypto", "RolloutCore"]),
    module("RolloutHTTP", ["CLibCurl"]),
    module("RolloutSpec", ["RolloutCore", "RolloutDiagnostics", "CLibYAML"], embedding: scaffold),
    module("RolloutEngine", ["RolloutCore", "RolloutDigest", logging]),
    module("RolloutStore", ["RolloutCore", "RolloutDigest", "RolloutEngine", grdb]),
    module("RolloutRegistry", ["RolloutCore", "RolloutDigest", "RolloutEngine"]),
    module("RolloutProof", ["RolloutCore", "RolloutDigest", "RolloutEngine", "RolloutHTTP"]),
    module(
      "RolloutSigning",
      [
        "RolloutCore", "RolloutEngine", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    module(
      "RolloutAWS",
      [
        "RolloutCore", "RolloutDigest", "RolloutEngine", "RolloutHTTP", "CLibExpat",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    module("RolloutRouter", ["RolloutCore"] + nio),
    module(
      "RolloutRuntime",
      [
        "RolloutCore", "RolloutDigest", "RolloutEngine", "RolloutHTTP", "RolloutRouter", "CSpawn", logging,
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ] + nio),
    module(
      "RolloutCLI",
      [
        "RolloutCore", "RolloutDiagnostics", "RolloutDigest", "RolloutHTTP", "RolloutSpec", "RolloutEngine",
        "RolloutStore", "RolloutRegistry", "RolloutProof", "RolloutSigning", "RolloutRuntime", "RolloutAWS", logging,
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // Proof of the engine, not part of the product: `make simulate`, `make check-model`.
    module("RolloutSimulation", ["RolloutCore"]),
    module("RolloutModelCheck", ["RolloutCore"]),
    .executableTarget(
      name: "rollout-lab",
      dependencies: [
        "RolloutCore", "RolloutSimulation", "RolloutModelCheck",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    // `make bench-journal`; not part of the product either.
    .executableTarget(
      name: "journal-benchmark",
      dependencies: ["RolloutStore", "RolloutEngine", "RolloutCore", "RolloutDigest", "JournalConformance", grdb],
      path: "Benchmarks/journal", swiftSettings: strict),
    .executableTarget(name: "rollout", dependencies: ["RolloutCLI"], swiftSettings: strict),

    tests("RolloutDiagnosticsTests", ["RolloutDiagnostics"]),
    tests("RolloutCoreTests", ["RolloutCore"]),
    tests("RolloutSimulationTests", ["RolloutSimulation", "RolloutCore"]),
    tests("RolloutModelCheckTests", ["RolloutModelCheck", "RolloutCore"]),
    tests("RolloutSpecTests", ["RolloutSpec", "RolloutCore", "RolloutDiagnostics"]),
    tests("RolloutEngineTests", ["RolloutEngine", "RolloutCore", "RolloutDigest"], exclude: ["Fixtures"]),
    tests(
      "RolloutStoreTests",
      ["RolloutStore", "RolloutEngine", "RolloutCore", "RolloutDigest", "JournalConformance", grdb]),
    tests("RolloutRegistryTests", ["RolloutRegistry", "RolloutEngine", "RolloutCore", "RolloutDigest"]),
    tests("RolloutDigestTests", ["RolloutDigest", "RolloutCore"]),
    tests("RolloutHTTPTests", ["RolloutHTTP", "LoopbackServer"]),
    tests("RolloutProofTests", ["RolloutProof", "RolloutEngine", "RolloutCore", "RolloutHTTP", "LoopbackServer"]),
    tests("RolloutSigningTests", ["RolloutSigning", "RolloutEngine", "RolloutCore"]),
    tests(
      "RolloutAWSTests",
      ["RolloutAWS", "RolloutEngine", "RolloutCore", "RolloutDigest", "RolloutHTTP", "LoopbackServer"]),
    tests("RolloutRouterTests", ["RolloutRouter", "RolloutCore"] + nio),
    tests(
      "RolloutRuntimeTests",
      [
        "RolloutRuntime", "RolloutRouter", "RolloutEngine", "RolloutCore", "RolloutHTTP", "RolloutDigest", "CSpawn",
      ], exclude: ["Fixtures"]),
    tests(
      "RolloutCLITests",
      ["RolloutCLI", "RolloutCore", "RolloutDiagnostics", "RolloutDigest", "RolloutEngine", "RolloutRuntime"]),
    tests("EndToEndTests", ["RolloutHTTP", "CSpawn"], exclude: ["Fixtures"]),
    tests("TidyTests"),
    // Not tests: the rules that journals and stores of objects keep, and the HTTP server that tests of clients share.
    .target(
      name: "JournalConformance", dependencies: ["RolloutStore", "RolloutEngine", "RolloutCore", "RolloutDigest"],
      path: "Tests/JournalConformance", swiftSettings: strict),
    .target(name: "LoopbackServer", path: "Tests/LoopbackServer", swiftSettings: strict),
  ]
)
