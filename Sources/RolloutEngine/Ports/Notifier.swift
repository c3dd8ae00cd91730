package import RolloutCore

/// Tells people what happened. A message that cannot be delivered never holds up a rollout.
package protocol Notifier: Sendable {
  func notify(_ occasion: NotifySpec.Occasion, _ text: String) async
}

/// For pipelines that notify nobody.
package struct SilentNotifier: Notifier {
  package init() {}
  package func notify(_ occasion: NotifySpec.Occasion, _ text: String) async {}
}
