import RolloutCore
import RolloutRouter
import Synchronization

/// Requests under way, by the router that is only known after it was started with the page that shows them.
final class OutstandingRequests: Sendable {
  private let router = Mutex<RolloutRouter.Router?>(nil)

  func ask(_ router: RolloutRouter.Router) { self.router.withLock { $0 = router } }

  func count(_ backend: Backend.ID) -> Int { router.withLock { $0 }?.outstanding(backend) ?? 0 }
}
