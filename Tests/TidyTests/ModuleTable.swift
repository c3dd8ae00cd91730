/// Who may import whom. DESIGN's module table, with the modules that several adapters share.
enum ModuleTable {
  /// Modules of this package and of others. What the platform offers is ruled separately.
  static let rows: [(module: String, mayImport: Set<String>)] = [
    ("RolloutDiagnostics", []),
    ("RolloutCore", []),
    ("RolloutDigest", ["CLibCrypto", "RolloutCore"]),
    ("RolloutHTTP", ["CLibCurl"]),
    ("RolloutSpec", ["CLibYAML", "RolloutCore", "RolloutDiagnostics"]),
    ("RolloutEngine", ["Logging", "RolloutCore", "RolloutDigest"]),
    ("RolloutStore", ["GRDB", "RolloutCore", "RolloutDigest", "RolloutEngine"]),
    ("RolloutRegistry", ["RolloutCore", "RolloutDigest", "RolloutEngine"]),
    ("RolloutProof", ["RolloutCore", "RolloutDigest", "RolloutEngine", "RolloutHTTP"]),
    ("RolloutSigning", ["RolloutCore", "RolloutEngine", "Subprocess", "SystemPackage"]),
    (
      "RolloutAWS",
      [
        "CLibExpat", "RolloutCore", "RolloutDigest", "RolloutEngine", "RolloutHTTP", "Subprocess", "SystemPackage",
      ]
    ),
    ("RolloutRouter", nio.union(["Logging", "RolloutCore"])),
    (
      "RolloutRuntime",
      nio.union([
        "CSpawn", "Hummingbird", "HTTPTypes", "Logging", "RolloutCore", "RolloutDigest", "RolloutEngine", "RolloutHTTP",
        "RolloutRouter", "ServiceLifecycle", "Subprocess", "SystemPackage", "UnixSignals",
      ])
    ),
    (
      "RolloutCLI",
      [
        "ArgumentParser", "Logging", "RolloutAWS", "RolloutCore", "RolloutDiagnostics", "RolloutDigest",
        "RolloutEngine",
        "RolloutHTTP", "RolloutProof", "RolloutRegistry", "RolloutRuntime", "RolloutSigning", "RolloutSpec",
        "RolloutStore", "ServiceLifecycle",
      ]
    ),
    ("rollout", ["RolloutCLI"]),
    ("RolloutSimulation", ["RolloutCore"]),
    ("RolloutModelCheck", ["RolloutCore"]),
    ("rollout-lab", ["ArgumentParser", "RolloutCore", "RolloutModelCheck", "RolloutSimulation"]),
  ]

  static let nio: Set<String> = ["NIOCore", "NIOHTTP1", "NIOPosix"]

  /// Decisions and diagnostics run anywhere, and compile in seconds: they do without any of these.
  static let pure: Set<String> = ["RolloutCore", "RolloutDiagnostics"]
  static let platform: Set<String> = ["Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization"]

  /// Adapters reach each other only through the engine's ports; the runtime is built round the router.
  static let adapters: Set<String> = [
    "RolloutAWS", "RolloutProof", "RolloutRegistry", "RolloutRouter", "RolloutRuntime", "RolloutSigning",
    "RolloutStore",
  ]
  static let adapterExceptions: Set<String> = ["RolloutRuntime imports RolloutRouter"]
}
