import ArgumentParser
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutRuntime

struct StatusCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What is live, what is under way, who leads and what it waits for.")

  @OptionGroup var common: CommonOptions
  @Flag(help: "Keep showing it until interrupted.")
  var watch = false

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    var block = LiveBlock()
    repeat {
      let status = try await look(session)
      if common.format == .json {
        session.terminal.print(watch ? try StatusView.jsonLine(status.input) : try StatusView.json(status.input))
      } else {
        let text = StatusView.text(status.input, style: Style(session.terminal))
        let isRedrawn = watch && session.terminal.isTerminal
        if isRedrawn {
          session.terminal.redraw(
            block.redraw(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)))
        } else {
          session.terminal.print(text)
        }
      }
      if watch { try await Task.sleep(for: .seconds(1)) }
    } while watch
    return .done
  }

  /// A journal that cannot be read says nothing about what serves: that is shown all the same, and what to type.
  private func look(_ session: Session) async throws -> Status {
    do {
      return try await Status(session)
    } catch {
      var failure = CommandFailure(error)
      guard [.journalCorrupt, .storageUnavailable].contains(failure.status) else { throw failure }
      if common.format == .text, let runtime = await LocalRuntimeControl(session).process.status() {
        session.terminal.print(RuntimeView.text(runtime, style: Style(session.terminal)))
      }
      failure.help =
        [failure.help, "users can be taken back without it: rollout rollback ENVIRONMENT --emergency"]
        .compactMap { $0 }.joined(separator: "\nhelp: ")
      throw failure
    }
  }
}

/// What `status` shows, gathered.
private struct Status {
  let input: StatusView.Input

  init(_ session: Session) async throws {
    let journal = try await session.existingJournal()
    let state = try await journal?.lookAtState() ?? LaneState()
    let control = LocalRuntimeControl(session)
    let targets = try session.targets(of: state)
    var observations: [String: EndpointObservation] = [:]
    var unseen: [String: String] = [:]
    let gone = state.environments.keys.filter { !session.pipeline.stages.contains($0) }.sorted()
    for environment in session.pipeline.stages + gone {
      let revisions = state.environments[environment]?.revisions ?? []
      let underWay = state.liveRollout?.program.stages.first { $0.environment == environment }?.endpoint
      guard let endpoint = underWay ?? revisions.last?.revision.content.endpoint.name else { continue }
      do {
        observations[environment] = try await targets.observe(endpoint, fence: nil)
      } catch  where targets.onSageMaker(endpoint) != nil {
        unseen[environment] = error.message
      } catch {
        // That the runtime does not run is said once, for all of them.
        continue
      }
    }
    var lease = LeaseLook(isLive: false)
    if let journal, let epoch = state.lease?.epoch { lease = try await journal.lookAtLease(epoch: epoch) }
    input = StatusView.Input(
      service: session.pipeline.service, stages: session.pipeline.stages, state: state, observations: observations,
      unseen: unseen,
      runtimeAddress: await control.frontAddress(), needsRuntime: session.pipeline.registry.isLocal, lease: lease,
      now: wallTime())
  }
}

struct HistoryCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Every rollout there was, how it ended and why.")

  @OptionGroup var common: CommonOptions

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    let state = try await session.stateForPeople()
    session.terminal.print(
      common.format == .json
        ? try HistoryView.json(state) : HistoryView.text(state, style: Style(session.terminal)))
    return .done
  }
}

struct ShowCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "The story of one rollout: every decision in order, and its reason.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout, such as r3, or an emergency rollback; the last rollout when left out.")
  var rollout: String?

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    guard let journal = try await session.existingJournal() else {
      throw CommandFailure(.failed, "nothing was ever rolled out here", help: "start with: rollout plan")
    }
    let entries = try await journal.entries(after: 0)
    let state = try LaneState.folding(entries)
    if let told = entries.first(where: { $0.event.emergency?.id == rollout }), rollout != nil {
      session.terminal.print(
        common.format == .json
          ? try CanonicalJSON.pretty(EntryJSON.value(told, state))
          : EmergencyView.told(told, style: Style(session.terminal)))
      return .done
    }
    guard let range = Self.range(of: rollout ?? state.rollout?.id, in: state) else {
      let known = state.past.suffix(5).map(\.id).joined(separator: ", ")
      throw CommandFailure(
        .failed, rollout.map { "there is no rollout \($0)" } ?? "nothing was ever rolled out here",
        help: known.isEmpty ? "start with: rollout plan" : "the last ones are: \(known)")
    }
    let story = entries.filter { range.contains($0.sequence) }
    var documents: [Digest: EvidenceDocument] = [:]
    for case .evidenceRecorded(let evidence) in story.map(\.event) {
      documents[evidence.digest] = try CanonicalJSON.value(
        EvidenceDocument.self, from: try await journal.blob(evidence.digest))
    }
    let before = try LaneState.folding(entries.prefix { $0.sequence < range.lowerBound })
    session.terminal.print(
      common.format == .json
        ? try ShowView.json(story, before: before, documents: documents)
        : ShowView.text(story, before: before, documents: documents, style: Style(session.terminal)))
    return .done
  }

  private static func range(of id: String?, in state: LaneState) -> ClosedRange<UInt64>? {
    if let live = state.liveRollout, live.id == id { return live.firstEvent...state.sequence }
    return id.flatMap { state.rollout(named: $0) }.map { $0.firstEvent...$0.lastEvent }
  }
}
