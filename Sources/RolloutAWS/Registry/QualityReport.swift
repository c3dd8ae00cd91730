import RolloutCore
import RolloutDigest

/// What a package's report on its quality measured: a JSON document in S3 as SageMaker's Model Monitor, Clarify and
/// evaluation steps write it, `{"binary_classification_metrics": {"accuracy": {"value": 0.61, …}, …}}`.
struct QualityReport: Hashable {
  /// By the last word of their place in the document.
  var metrics: [String: Double]

  /// Nothing where there is no report, or none that may be read: a requirement then says that nothing was measured.
  /// Throws when it cannot be known whether it may be.
  init(of package: PackageDescription, _ client: AWSClient) async throws(AWSError) {
    guard let (bucket, key) = package.qualityReport.flatMap(Self.place) else {
      self.init(metrics: [:])
      return
    }
    do {
      let object = try await S3Bucket(bucket, client).object(key)
      self.init(object?.bytes ?? [])
    } catch {
      guard let refusal = error.failure.refusal, !refusal.isBreakdown else { throw error }
      self.init(metrics: [:])
    }
  }

  init(metrics: [String: Double]) { self.metrics = metrics }

  init(_ bytes: [UInt8]) {
    var found: [String: Set<Double>] = [:]
    if let document = try? CanonicalJSON.value(JSONValue.self, from: bytes) { Self.collect(document, "", &found) }
    // A word that means two numbers means neither.
    metrics = found.compactMapValues { $0.count == 1 ? $0.first : nil }
  }

  /// `{"value": 0.61, "standard_deviation": 0.02}` is one number. Rows of a table have numbers for names: no metrics.
  private static func collect(_ value: JSONValue, _ name: String, _ found: inout [String: Set<Double>]) {
    switch value {
    case .number(let number) where name.contains { !$0.isNumber }: found[name, default: []].insert(number)
    case .object(let members):
      if let number = members["value"], case .number = number {
        collect(number, name, &found)
      } else {
        for (key, member) in members { collect(member, key, &found) }
      }
    default: break
    }
  }

  /// `s3://bucket/key`
  private static func place(_ uri: String) -> (bucket: String, key: String)? {
    guard let match = uri.wholeMatch(of: /s3:\/\/([^\/]+)\/(.+)/) else { return nil }
    return (String(match.1), String(match.2))
  }
}
