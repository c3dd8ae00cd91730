import Glibc
import RolloutCore
import RolloutRouter
import ServiceLifecycle

/// Feeds the controller and does what it decides.
struct ControllerService: Service {
  static let tickInterval = TimeSpan.milliseconds(250)

  let controller: RuntimeController
  let mailbox: RuntimeMailbox
  let router: RolloutRouter.Router
  let runner: ServerRunner
  let board: MetricsBoard
  let changes: RuntimeChanges

  func run() async throws {
    var controller = controller
    await withDiscardingTaskGroup { group in
      group.addTask { await tick() }
      group.addTask { [clock = runner.clock] in await ServerLog(path: self.controller.paths.log).keepShort(clock) }
      group.addTask { await stopWhenAsked() }
      for await input in mailbox.inputs {
        for effect in controller.step(input) { perform(effect, in: &group) }
        if input.changesSomething { changes.announce() }
      }
      // Also reached by cancellation; swift-subprocess then kills whatever still runs.
      group.cancelAll()
    }
  }

  private func tick() async {
    repeat { mailbox.send(.tick) } while (try? await runner.clock.sleep(Self.tickInterval)) != nil
  }

  /// Users first: requests under way are answered before any server is stopped.
  private func stopWhenAsked() async {
    guard (try? await gracefulShutdown()) != nil else { return }
    await router.shutdown()
    mailbox.send(.stop)
  }

  private static func failure(of file: StateFile, saving records: [EndpointRecord]) async -> String? {
    do {
      try await Blocking.run { try file.save(records) }
      return nil
    } catch { return "\(error)" }
  }

  private func perform(_ effect: RuntimeController.Effect, in group: inout DiscardingTaskGroup) {
    switch effect {
    case .publish(let table): router.publish(table)
    case .show(let snapshot): board.show(snapshot)
    case .answer(let answer): answer()
    case .save(let records, let number):
      group.addTask { [mailbox, file = StateFile(path: controller.paths.state)] in
        mailbox.send(.saved(number: number, failure: await Self.failure(of: file, saving: records)))
      }
    case .finish: mailbox.close()
    case .signal(let process, let isKill): kill(-process, isKill ? SIGKILL : SIGTERM)
    case .launch(let launch):
      group.addTask { [mailbox, runner] in
        await runner.run(launch) { event in
          mailbox.send(.instance(endpoint: launch.endpoint, launch.instance, event))
        }
      }
    case .drain(let endpoint, let instance, let backend):
      group.addTask { [mailbox, router] in
        await router.drained([backend])
        mailbox.send(.instance(endpoint: endpoint, instance, .drained))
      }
    }
  }
}
