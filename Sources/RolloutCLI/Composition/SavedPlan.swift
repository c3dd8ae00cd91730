import FoundationEssentials
import RolloutCore
import RolloutDigest

/// A plan and its digest, as `plan --out` writes them.
struct SavedPlan: Codable {
  var schema = Plan.schema
  var digest: Digest
  var plan: Plan

  init(_ plan: Plan) throws {
    self.plan = plan
    digest = try CanonicalJSON.digest(plan)
  }

  init(file: String) throws {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CommandFailure(.invalidFiles, "there is no plan at \(file)", help: "make one: rollout plan --out \(file)")
    }
    let again = "make a new one: rollout plan --out \(file)"
    do {
      self = try JSONDecoder().decode(SavedPlan.self, from: data)
    } catch {
      throw CommandFailure(.invalidFiles, "\(file) is not a plan that this version can read", help: again)
    }
    guard try CanonicalJSON.digest(plan) == digest else {
      throw CommandFailure(
        .invalidFiles, "\(file) was changed after it was made: its digest does not match", help: again)
    }
  }

  func save(to file: String) throws {
    do {
      try Data(try CanonicalJSON.bytes(self)).write(to: URL(fileURLWithPath: file), options: .atomic)
    } catch {
      throw CommandFailure(
        .failed, "cannot write \(file): \(error)", help: "name a place that this user may write to and that has room")
    }
  }
}
