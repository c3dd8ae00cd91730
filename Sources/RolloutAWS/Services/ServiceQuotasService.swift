import RolloutCore

/// What an account may use at most.
package struct ServiceQuotasService: Sendable {
  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// How many instances of a type all endpoints of the region may have together. `nil` when that is not known: nobody is
  /// kept from deploying because quotas may not be read.
  package func quota(for instanceType: String) async -> Int? {
    let name = "\(instanceType) for endpoint usage"
    let quotas = try? await client.pages(
      of: "servicequotas:ListServiceQuotas", isEnough: { $0.contains { $0.QuotaName == name } }
    ) { token throws(AWSError) in
      let input: [String: JSONValue] = ["ServiceCode": .string("sagemaker"), "MaxResults": .number(100)]
      let page: Page = try await client.json(.quotas, "ServiceQuotasV20190624", "ListServiceQuotas", input.page(token))
      return (page.Quotas ?? [], page.NextToken)
    }
    return quotas?.first { $0.QuotaName == name }?.Value.flatMap { Int(exactly: $0.rounded(.down)) }
  }

  private struct Quota: Decodable, Sendable {
    var QuotaName: String?
    var Value: Double?
  }

  private struct Page: Decodable {
    var Quotas: [Quota]?
    var NextToken: String?
  }
}
