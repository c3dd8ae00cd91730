import RolloutCore
import RolloutDigest

extension S3Bucket {
  /// Keeps a template that is too long to be sent inline, under a name that says what it holds, and returns the address
  /// by which CloudFormation finds it. `prefix` is empty or ends with `/`.
  package func keep(template: String, under prefix: String) async throws(AWSError) -> String {
    let key = "\(prefix)templates/\(Digest(of: template).hex).template"
    _ = try await put(key, Array(template.utf8))
    return try url(of: key)
  }
}
