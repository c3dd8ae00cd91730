/// What a model server inherits of the runtime's environment. The rest may be secret, a webhook or a cloud's keys, and
/// what a server prints when it fails reaches the journal. Proxies are left out because their addresses hold passwords.
/// A package asks for more by name: `HTTPS_PROXY: ${HTTPS_PROXY}`.
enum InheritedVariables {
  private static let names: Set<String> = [
    "PATH", "LD_LIBRARY_PATH",
    "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR",
    "LANG", "LANGUAGE", "TZ",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "VIRTUAL_ENV", "CONDA_PREFIX",
    "PYTHONPATH", "PYTHONHOME", "PYTHONUNBUFFERED", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONHASHSEED",
  ]

  /// The locale, and how numeric libraries use the machine.
  private static let prefixes = ["LC_", "CUDA_", "NVIDIA_", "OMP_", "MKL_", "OPENBLAS_"]

  static func contains(_ name: String) -> Bool {
    names.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }
}
