import Foundation
import Glibc
import RolloutHTTP
import Testing

/// Journals that are not what they should be: each is told apart, nothing is written into it, and nothing is lost.
@Suite struct JournalTests {
  private static let journal = ".rollout/state/rollout.db"
  private static var settings: Settings {
    var settings = Settings()
    settings.stages = ["production"]
    return settings
  }

  static let edits: [(what: String, says: String, python: String)] = [
    ("a newer version's file", "newer", "db.execute('PRAGMA user_version = 9')"),
    ("a newer version's event", "newer", "write({'warpDrive': {}}, 'warpDrive', None)"),
    (
      "a hole", "breaks at entry 6",
      "db.execute('DROP TRIGGER event_is_never_deleted; '); db.execute('DELETE FROM event WHERE seq = 5')"
    ),
    ("a forged event", "cannot follow", "write({'leaseReleased': {}}, 'leaseReleased', 2)"),
  ]

  @Test(arguments: edits.indices) func `a journal that this program may not follow is only refused`(index: Int)
    async throws
  {
    let (what, says, python) = Self.edits[index]
    try await Bench.run(Self.settings) { bench in
      try await bench.deploy()
      let file = bench.folder.appending(path: Self.journal)
      let whole = try Data(contentsOf: file)
      try await bench.python(Self.tools + python + "\ndb.commit()", Self.journal)
      let edited = try Data(contentsOf: file)
      #expect(edited != whole)
      for command in [["status"], ["history"], ["show"], ["verify"], ["plan"], ["apply"], ["rollback", "production"]] {
        let ended = try await bench.rollout(command)
        #expect(ended.status == 70, "\(what): \(ended)")
        #expect(ended.errors.contains(says) && ended.errors.contains("help:"), "\(what): \(ended)")
      }
      #expect(try Data(contentsOf: file) == edited, "\(what)")
      #expect(try await bench.invoke().status == 200)
      try whole.write(to: file)
      try await bench.expect(0, "verify")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `the journal of another service is not taken for this one's`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.deploy()
      let file = bench.folder.appending(path: Self.journal)
      let before = try Data(contentsOf: file)
      let path = "Environments/pipeline.yaml"
      let text = try String(contentsOf: bench.folder.appending(path: path), encoding: .utf8)
      try bench.write(text.replacing("service: bench", with: "service: other"), to: path)
      for command in ["status", "verify", "apply"] {
        let ended = try await bench.rollout(command)
        #expect(ended.status == 70, "\(ended)")
        #expect(ended.errors.contains("the journal of service 'bench', not 'other'"), "\(ended)")
      }
      #expect(try Data(contentsOf: file) == before)
      try bench.write(text, to: path)
      try await bench.expect(0, "verify")
    }
  }

  @Test func `a head that was kept elsewhere tells a journal from an older copy of it`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.deploy()
      let file = bench.folder.appending(path: Self.journal)
      let old = try Data(contentsOf: file)
      let first = try await bench.head()
      try await bench.deploy()
      let second = try await bench.head()
      #expect(first != second)
      for head in [first, second] { try await bench.expect(0, "verify", "--head", head) }
      try await bench.expect(64, "verify", "--head", "5")
      let forged = try await bench.rollout("verify", "--head", "5:" + String(repeating: "0", count: 64))
      #expect(forged.status == 70 && forged.errors.contains("was written anew"), "\(forged)")

      let newest = try Data(contentsOf: file)
      try old.write(to: file)
      // The endpoint has obeyed entries that are not there.
      let older = try await bench.rollout("verify")
      #expect(older.status == 70 && older.errors.contains("older copy"), "\(older)")
      try await bench.expect(0, "runtime", "stop")
      // Without it nobody but whoever kept the head can tell.
      try await bench.expect(0, "verify", "--head", first)
      let cut = try await bench.rollout("verify", "--head", second)
      #expect(cut.status == 70 && cut.errors.contains("its tail is gone"), "\(cut)")
      try newest.write(to: file)
      try await bench.expect(0, "verify", "--head", second)
    }
  }

  @Test func `a leader on another host is named while it renews, and followed once it does not`() async throws {
    var settings = Self.settings
    settings.steps = "{weight: 10%, bake: 2s}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      apply.signal(SIGSTOP)
      try await bench.python(
        Self.tools
          + "db.execute(\"UPDATE lease SET host = 'build-8', boot = 'another', pid = 1, ttl_ms = 5000\")\ndb.commit()",
        Self.journal)
      let renewal = try bench.startPython(
        Self.tools + """
          while True:
              db.execute('UPDATE lease SET renewed_ms = renewed_ms + 1')
              db.commit()
              time.sleep(0.3)
          """, Self.journal)
      let status = try await bench.expect(0, "status")
      #expect(status.output.contains("on another host since"), "\(status)")
      let refused = try await bench.rollout("apply", as: "jonas")
      #expect(refused.status == 5, "\(refused)")
      #expect(refused.errors.contains("(pid \(apply.pid)) leads this rollout on another host since"), "\(refused)")
      renewal.signal(SIGKILL)
      _ = await renewal.ended()
      let taken = try await bench.rollout("apply", as: "jonas")
      #expect(taken.status == 0, "\(taken)")
      #expect(try await bench.liveVersion() == 2)
      apply.signal(SIGCONT)
      _ = await apply.ended()
      try await bench.expect(0, "verify")
    }
  }

  /// What every edit starts with: the database, and a way to append an entry that is hashed as the journal hashes.
  private static let tools = """
    import hashlib, json, sqlite3, sys, time
    db = sqlite3.connect(sys.argv[1], timeout=20)
    def write(event, name, epoch):
        sequence, previous, last = db.execute("SELECT seq, hash, body FROM event ORDER BY seq DESC").fetchone()
        entry = dict(json.loads(last), sequence=sequence + 1, event=event)
        entry.pop("epoch", None)
        if epoch: entry["epoch"] = epoch
        body = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        digest = hashlib.sha256(previous + (sequence + 1).to_bytes(8, "big") + body).digest()
        db.execute("INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)",
                   (sequence + 1, previous, digest, name, body))

    """
}

extension Bench {
  fileprivate func rollout(_ words: [String]) async throws -> Command.Ended {
    switch words.count {
    case 1: try await rollout(words[0])
    default: try await rollout(words[0], words[1])
    }
  }

  /// As `verify` prints it.
  fileprivate func head() async throws -> String {
    struct Document: Decodable { var head: String }
    let verify = try await expect(0, "verify", "--format", "json")
    return try JSONDecoder().decode(Document.self, from: Data(verify.output.utf8)).head
  }

  fileprivate func startPython(_ program: String, _ arguments: String...) throws -> Command {
    try Command(
      URL(filePath: "/usr/bin/env"), ["python3", "-c", program] + arguments,
      environment: ProcessInfo.processInfo.environment, in: folder)
  }
}
