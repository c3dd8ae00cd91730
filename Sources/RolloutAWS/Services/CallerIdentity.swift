/// Who AWS takes us for.
package struct CallerIdentity: Hashable, Sendable {
  package var account: String
  package var arn: String

  package init(_ client: AWSClient) async throws(AWSError) {
    let answer = try await client.query(.sts, version: "2011-06-15", "GetCallerIdentity", [])
    guard let account = answer.text("Account"), let arn = answer.text("Arn") else {
      throw AWSError(
        action: "sts:GetCallerIdentity", region: client.region, host: "sts", failure: .unreadable("it names nobody"))
    }
    self.account = account
    self.arn = arn
  }
}
