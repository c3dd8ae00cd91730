import FoundationEssentials
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutHTTP

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
      guard let url = address(spec.webhook) else {
        Terminal.complain("warning: nobody was told: \(spec.webhook) is not set")
        continue
      }
      do {
        let body = try CanonicalJSON.bytes(["content": text])
        let answer = try await client.send(
          HTTPRequest(
            method: "POST", url: url, headers: [("Content-Type", "application/json")], body: body,
            timeout: Self.timeout))
        guard (200..<300).contains(answer.status) else {
          Terminal.complain("warning: \(spec.webhook) refused a message with status \(answer.status)")
          continue
        }
      } catch {
        Terminal.complain("warning: a message could not be sent to \(spec.webhook)")
      }
    }
  }

  /// `${NAME}` filled in; `nil` when a variable is missing or empty.
  private func address(_ text: String) -> String? {
    var out = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else { return nil }
      guard let value = environment[String(rest[start.upperBound..<end])], !value.isEmpty else { return nil }
      out += rest[..<start.lowerBound] + value
      rest = rest[rest.index(after: end)...]
    }
    return out + rest
  }
}
