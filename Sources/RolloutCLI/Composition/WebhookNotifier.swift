import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutHTTP
import RolloutSpec

/// Posts messages to Discord-shaped webhooks. Addresses are secrets: they are filled in here and shown nowhere.
struct WebhookNotifier: Notifier {
  static let timeout = Duration.seconds(5)

  let specs: [NotifySpec]
  let environment: [String: String]
  private let client = HTTPClient(transfersMax: 2)

  init(_ specs: [NotifySpec], environment: [String: String]) {
    self.specs = specs
    self.environment = environment
  }

  func notify(_ occasion: NotifySpec.Occasion, _ text: String) async {
    for spec in specs where spec.occasions.contains(occasion) {
      let name = VariableText.isOneVariable(spec.webhook) ? spec.webhook : "the Discord webhook"
      guard let url = VariableText.filled(spec.webhook, from: environment) else {
        Terminal.complain("warning: nobody was told: \(name) has no address in the environment")
        continue
      }
      do {
        let body = try CanonicalJSON.bytes(["content": text])
        let answer = try await client.send(
          HTTPRequest(
            method: "POST", url: url, headers: [("Content-Type", "application/json")], body: body,
            timeout: Self.timeout))
        guard (200..<300).contains(answer.status) else {
          Terminal.complain("warning: \(name) refused a message with status \(answer.status)")
          continue
        }
      } catch {
        Terminal.complain("warning: a message could not be sent to \(name)")
      }
    }
  }
}
