import FoundationEssentials
import RolloutAWS
import RolloutCore
import RolloutHTTP
import Synchronization

/// AWS as this process may ask it: one client for each region, made when it is first needed. All share connections.
final class AWSAccess: Sendable {
  private let environment: [String: String]
  private let http = HTTPClient(transfersMax: 16)
  private let clients = Mutex<[String: AWSClient]>([:])

  init(_ environment: [String: String]) { self.environment = environment }

  func client(_ region: String) throws -> AWSClient {
    if let known = clients.withLock({ $0[region] }) { return known }
    let settings: AWSSettings
    do throws(AWSConfigError) {
      settings = try AWSSettings(environment: environment) { path throws(AWSConfigError) in try Self.text(of: path) }
    } catch { throw CommandFailure(.failed, error.message, help: error.help) }
    let client = AWSClient(region: region, settings, http: http, pace: AWSClient.Pace(now: wallTime))
    return clients.withLock { clients in
      // Somebody else may have made one meanwhile: what it has learnt is kept.
      let kept = clients[region] ?? client
      clients[region] = kept
      return kept
    }
  }

  /// `nil` where there is no file.
  private static func text(of path: String) throws(AWSConfigError) -> String? {
    // The usual word for no file at all, and not one that FileManager reads.
    guard path != "/dev/null", FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8) else {
      throw AWSConfigError("\(path) cannot be read", help: "make it readable, and UTF-8 text")
    }
    return text
  }
}
