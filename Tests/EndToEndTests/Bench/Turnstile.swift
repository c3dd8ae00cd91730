/// Lets only so many benches run at a time. Each is several processes; on a small machine more of them would measure
/// each other. Tests under load take most of the room.
actor Turnstile {
  static let shared = Turnstile(room: 4)

  private struct Waiting {
    var need: Int
    var turn: CheckedContinuation<Void, Never>
  }

  private var room: Int
  private var queue: [Waiting] = []

  init(room: Int) { self.room = room }

  func enter(_ need: Int) async {
    guard queue.isEmpty, room >= need else {
      return await withCheckedContinuation { queue.append(Waiting(need: need, turn: $0)) }
    }
    room -= need
  }

  func leave(_ need: Int) {
    room += need
    while let next = queue.first, room >= next.need {
      room -= next.need
      queue.removeFirst().turn.resume()
    }
  }
}
