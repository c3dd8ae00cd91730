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
    typealias Fetched = (index: Int, result: Result<StoredObject?, JournalError>)
    let result = await withTaskGroup(of: Fetched.self) { group -> Result<[StoredObject?], JournalError> in
      var waiting = keys.enumerated().makeIterator()
      var objects = [StoredObject?](repeating: nil, count: keys.count)
      func start() {
        guard let (index, key) = waiting.next() else { return }
        group.addTask {
          do throws(JournalError) { return (index, .success(try await object(key))) } catch {
            return (index, .failure(error))
          }
        }
      }
      for _ in 0..<Self.requestsMax { start() }
      while let (index, result) = await group.next() {
        switch result {
        case .success(let object): objects[index] = object
        case .failure(let error):
          group.cancelAll()
          return .failure(error)
        }
        start()
      }
      return .success(objects)
    }
    return try result.get()
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
