package import RolloutStore

/// What every store of objects must do, whatever it is. Rules take a way to reach the same store again and again, each time
/// as another process would, and throw where it does otherwise. The store is empty at first.
package struct ObjectRule: Sendable, CustomStringConvertible {
  package typealias Open = @Sendable () async throws -> any ObjectStore

  package let description: String
  private let body: @Sendable (@escaping Open) async throws -> Void

  package func check(_ open: @escaping Open) async throws { try await body(open) }

  package struct Broken: Error, CustomStringConvertible { package let description: String }

  package static let all: [ObjectRule] = [
    ObjectRule(description: "what is not there is nothing, and not an error", body: nothing),
    ObjectRule(description: "bytes come back as they were put, to every reader", body: bytes),
    ObjectRule(description: "what must be absent is put once", body: absent),
    ObjectRule(description: "what must be unchanged is replaced only if it is", body: unchanged),
    ObjectRule(description: "of many who put what must be absent one does", body: racingForAbsence),
    ObjectRule(description: "of many who replace the same nobody's change is lost", body: racingForChange),
    ObjectRule(description: "keys are listed in the order of their bytes, under a prefix, after a key", body: lists),
    ObjectRule(description: "what is deleted is gone, and may be put again", body: deletion),
    ObjectRule(description: "a reader never sees half an object", body: wholeReads),
  ]

  private static func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
    if !holds { throw Broken(description: what()) }
  }
}

// MARK: - The rules

extension ObjectRule {
  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Sendable private static func stored(
    _ store: any ObjectStore, _ key: String, _ bytes: [UInt8], _ condition: PutCondition = .absent
  ) async throws -> String {
    guard case .stored(let tag) = try await store.put(bytes, as: key, if: condition) else {
      throw Broken(description: "\(key) was not stored")
    }
    return tag
  }

  @Sendable private static func nothing(_ open: @escaping Open) async throws {
    let store = try await open()
    try demand(try await store.object("a/b") == nil, "there is something in an empty store")
    try demand(try await store.keys(under: "a/", after: nil).isEmpty, "an empty store lists something")
    try await store.delete("a/b")
    try demand(try await store.put([1], as: "a/b", if: .unchanged(tag: "\"t\"")) == .lost, "nothing was unchanged")
  }

  @Sendable private static func bytes(_ open: @escaping Open) async throws {
    let store = try await open()
    let all = [UInt8](0...255)
    for (key, bytes) in [("empty", []), ("all", all), ("deep/er/x-1_2.json", all + all), ("b/ü ö", text("ü"))] {
      let tag = try await stored(store, key, bytes)
      for reader in [store, try await open()] {
        let object = try await reader.object(key)
        try demand(object?.bytes == bytes, "\(key) came back otherwise")
        try demand(object?.tag == tag, "\(key) has another tag than its writer was told")
      }
    }
  }

  @Sendable private static func absent(_ open: @escaping Open) async throws {
    let (store, other) = (try await open(), try await open())
    _ = try await stored(store, "k", text("one"))
    for writer in [store, other] {
      try demand(try await writer.put(text("two"), as: "k", if: .absent) == .lost, "it was put twice")
      try demand(try await writer.put(text("one"), as: "k", if: .absent) == .lost, "the same was put twice")
    }
    try demand(try await other.object("k")?.bytes == text("one"), "the first was replaced")
  }

  @Sendable private static func unchanged(_ open: @escaping Open) async throws {
    let (store, other) = (try await open(), try await open())
    let first = try await stored(store, "k", text("one"))
    let second = try await stored(other, "k", text("two"), .unchanged(tag: first))
    try demand(first != second, "other bytes have the same tag")
    try demand(
      try await store.put(text("three"), as: "k", if: .unchanged(tag: first)) == .lost, "a stale tag was taken")
    try demand(try await store.object("k")?.bytes == text("two"), "who lost has written")
  }

  @Sendable private static func racingForAbsence(_ open: @escaping Open) async throws {
    for round in 0..<5 {
      let winners = try await withThrowingTaskGroup(of: String?.self) { group in
        for writer in 0..<8 {
          group.addTask {
            let result = try await open().put(text("\(writer)"), as: "race/\(round)", if: .absent)
            return result == .lost ? nil : "\(writer)"
          }
        }
        return try await group.reduce(into: [String]()) { if let winner = $1 { $0.append(winner) } }
      }
      try demand(winners.count == 1, "\(winners.count) writers won")
      try demand(try await open().object("race/\(round)")?.bytes == text(winners[0]), "another's bytes are there")
    }
  }

  @Sendable private static func racingForChange(_ open: @escaping Open) async throws {
    _ = try await stored(try await open(), "count", text("0"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let store = try await open()
          for _ in 0..<5 {
            var result = PutResult.lost
            while result == .lost {
              guard let object = try await store.object("count"),
                let count = Int(String(decoding: object.bytes, as: UTF8.self))
              else { throw Broken(description: "it was not there meanwhile") }
              result = try await store.put(text("\(count + 1)"), as: "count", if: .unchanged(tag: object.tag))
            }
          }
        }
      }
      try await group.waitForAll()
    }
    try demand(try await open().object("count")?.bytes == text("20"), "a change was lost")
  }

  @Sendable private static func lists(_ open: @escaping Open) async throws {
    let store = try await open()
    let keys = ["j/10", "j/2", "j/B", "j/a/b", "j/é", "j2", "k/1"]
    for key in keys.reversed() { _ = try await stored(store, key, []) }
    let other = try await open()
    let below = try await other.keys(under: "j/", after: nil)
    try demand(below == ["j/10", "j/2", "j/B", "j/a/b", "j/é"], "the list is \(below)")
    try demand(try await other.keys(under: "j/", after: "j/2") == ["j/B", "j/a/b", "j/é"], "the list begins elsewhere")
    try demand(try await other.keys(under: "j/", after: "j/11") == ["j/2", "j/B", "j/a/b", "j/é"], "it began too late")
    try demand(try await other.keys(under: "j", after: "j/é") == ["j2"], "a prefix is taken for a folder")
    try demand(try await other.keys(under: "j/1", after: nil) == ["j/10"], "part of a name is no prefix")
    try demand(try await other.keys(under: "", after: nil) == keys, "something of everything is missing")
  }

  @Sendable private static func deletion(_ open: @escaping Open) async throws {
    let store = try await open()
    let tag = try await stored(store, "a/b", [1])
    try await store.delete("a/b")
    let other = try await open()
    try demand(try await other.object("a/b") == nil, "it is still there")
    try demand(try await other.keys(under: "a/", after: nil).isEmpty, "it is still listed")
    try demand(try await other.put([2], as: "a/b", if: .unchanged(tag: tag)) == .lost, "what is gone is unchanged")
    _ = try await stored(other, "a/b", [2])
  }

  @Sendable private static func wholeReads(_ open: @escaping Open) async throws {
    let store = try await open()
    let first = try await stored(store, "k", [UInt8](repeating: 0, count: 10_000))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var tag = first
        for round in UInt8(1)...10 {
          tag = try await stored(
            store, "k", [UInt8](repeating: round, count: 10_000 * Int(round)), .unchanged(tag: tag))
        }
      }
      group.addTask {
        let reader = try await open()
        for _ in 0..<20 {
          let bytes = try await reader.object("k")?.bytes ?? []
          let isWhole = bytes.allSatisfy { $0 == bytes.first }
          try demand(bytes.count == 10_000 * max(1, Int(bytes.first ?? 0)) && isWhole, "half an object was read")
        }
      }
      try await group.waitForAll()
    }
  }
}
