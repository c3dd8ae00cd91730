import RolloutEngine

/// What is asked of the store, as a journal's errors.
extension ObjectJournal {
  func object(_ key: String) async throws(JournalError) -> StoredObject? {
    try await repeating(.read, key) { () async throws(ObjectError) in try await store.object(key) }
  }

  func keys(under prefix: String, after: String? = nil) async throws(JournalError) -> [String] {
    try await repeating(.list, prefix) { () async throws(ObjectError) in
      try await store.keys(under: prefix, after: after)
    }
  }

  /// Asks again when no answer comes; for what may as well happen twice.
  func repeating<Answer>(
    _ request: ObjectRequest, _ key: String, _ ask: () async throws(ObjectError) -> Answer
  ) async throws(JournalError) -> Answer {
    var tries = 1
    while true {
      do { return try await ask() } catch {
        guard case .noAnswer = error, tries < Self.triesMax else {
          throw JournalError(error, request, place + key)
        }
        tries += 1
      }
    }
  }

  /// The objects of these names, in their order, several asked for at once.
  func objects(_ keys: some Collection<String>) async throws(JournalError) -> [StoredObject?] {
    let keys = Array(keys)
    let outcome = await withTaskGroup(of: Fetched.self) { group in
      var started = 0
      var fetched: [Fetched] = []
      while started < min(keys.count, Self.requestsMax) {
        ask(for: started, of: keys, in: &group)
        started += 1
      }
      while let next = await group.next() {
        fetched.append(next)
        if case .failure(let error) = next.result {
          group.cancelAll()
          return Result<[Fetched], JournalError>.failure(error)
        }
        if started < keys.count { ask(for: started, of: keys, in: &group) }
        started += 1
      }
      return .success(fetched.sorted { $0.place < $1.place })
    }
    var objects: [StoredObject?] = []
    for fetched in try outcome.get() { objects.append(try fetched.result.get()) }
    return objects
  }

  private struct Fetched {
    var place: Int
    var result: Result<StoredObject?, JournalError>
  }

  private func ask(for place: Int, of keys: [String], in group: inout TaskGroup<Fetched>) {
    let key = keys[place]
    group.addTask { Fetched(place: place, result: await outcome { () throws(JournalError) in try await object(key) }) }
  }

  /// Hands over these objects in their order, without ever holding all of them.
  func visit(
    _ keys: [String], _ visitor: (String, StoredObject?) throws(JournalError) -> Void
  ) async throws(JournalError) {
    var rest = keys[...]
    while !rest.isEmpty {
      let some = rest.prefix(Self.requestsMax * 4)
      rest = rest.dropFirst(some.count)
      for (key, object) in zip(some, try await objects(some)) { try visitor(key, object) }
    }
  }

  /// For what is done beside something else.
  func outcome<Answer: Sendable>(
    _ work: @Sendable () async throws(JournalError) -> Answer
  ) async -> Result<Answer, JournalError> {
    do { return .success(try await work()) } catch { return .failure(error) }
  }
}
