import Foundation
import RolloutHTTP
import Testing

/// Approvals that must be signed: from the file to the traffic.
@Suite struct SignedApprovalTests {
  @Test func `a signed approval lets a rollout on, and an unsigned one does not`() async throws {
    try await Self.bench { bench in
      let bare = try await bench.rollout("approve", as: "maria")
      #expect(bare.status == 1, "\(bare)")
      // Whoever runs the tests may have a key of their own, which is not in the file.
      #expect(["no key to sign with", "would not count"].contains { bare.errors.contains($0) }, "\(bare)")
      let foreign = try await bench.rollout("approve", "--key", bench.key("omar"), as: "maria")
      #expect(foreign.status == 1 && foreign.errors.contains("this approval would not count"), "\(foreign)")
      try await bench.expect(3, "apply")
      try await bench.expect(0, "approve", "--key", bench.key("maria"), as: "maria")
      try await bench.expect(0, "apply")
      #expect(try await bench.liveVersion() == 1)
      let verify = try await bench.expect(0, "verify")
      #expect(verify.output.contains("1 approval signed by whoever gave it"), "\(verify)")
      let story = try await bench.expect(0, "show", "r1")
      #expect(story.output.contains("approved by maria, signed"), "\(story)")
    }
  }

  @Test func `a statement signed elsewhere counts`() async throws {
    try await Self.bench { bench in
      try await bench.expect(0, "approve", "--statement", "statement", as: "maria")
      try await bench.keygen("-Y", "sign", "-q", "-n", "rollout-approval-v1", "-f", bench.key("maria"), "statement")
      try await bench.expect(0, "approve", "--signature", "statement.sig", as: "maria")
      try await bench.expect(0, "apply")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `a key that is removed takes its approval with it`() async throws {
    try await Self.bench { bench in
      try await bench.expect(0, "approve", "--key", bench.key("maria"), as: "maria")
      let others = try bench.signer("maria", key: "omar") + bench.signer("omar", key: "omar")
      try bench.write(others, to: "Environments/allowed_signers")
      let apply = try await bench.rollout("apply")
      #expect(apply.status == 1, "\(apply)")
      #expect((apply.output + apply.errors).contains("the approval of maria does not count"), "\(apply)")
      #expect(try await bench.liveVersion() == nil)
    }
  }

  @Test func `signers that were asked for after the plan was made stop it`() async throws {
    var settings = Settings()
    settings.approval = "{approvers: [maria], expires: 1h}"
    try await Bench.run(settings) { bench in
      try await bench.makeKeys("maria")
      try await bench.register()
      try await bench.expect(3, "apply")
      try await bench.expect(0, "approve", as: "maria")
      try bench.write(try bench.signer("maria", key: "maria"), to: "Environments/allowed_signers")
      settings.approval = "{approvers: [maria], expires: 1h, signers: allowed_signers}"
      try bench.write(settings)
      let apply = try await bench.rollout("apply")
      #expect(apply.status == 1, "\(apply)")
      #expect((apply.output + apply.errors).contains("this rollout was planned without"), "\(apply)")
      #expect(try await bench.liveVersion() == nil)
    }
  }

  @Test func `an approval written into the database moves no traffic`() async throws {
    try await Self.bench { bench in
      // Somebody with write access forges what maria would have signed, with a chain that is right.
      try await bench.python(Self.forgery, ".rollout/state/rollout.db")
      let verify = try await bench.rollout("verify")
      #expect(verify.status == 70 && verify.errors.contains("the approval of maria, is forged"), "\(verify)")
      let apply = try await bench.rollout("apply")
      #expect(apply.status == 1, "\(apply)")
      #expect((apply.output + apply.errors).contains("the approval of maria does not count"), "\(apply)")
      #expect(try await bench.liveVersion() == nil)
    }
  }

  @Test func `an approval of another rollout is not taken for one of this, nor is its signature`() async throws {
    try await Self.bench { bench in
      try await bench.expect(0, "approve", "--statement", "statement", as: "maria")
      try await bench.keygen("-Y", "sign", "-q", "-n", "rollout-approval-v1", "-f", bench.key("maria"), "statement")
      try await bench.expect(0, "approve", "--signature", "statement.sig", as: "maria")
      try await bench.expect(0, "apply")
      try await bench.register()
      try await bench.expect(3, "apply")
      let replayed = try await bench.rollout("approve", "--signature", "statement.sig", as: "maria")
      #expect(replayed.status == 1 && replayed.errors.contains("this approval would not count"), "\(replayed)")
      // Written into the database for this rollout, with everything right but what was signed.
      try await bench.python(Self.forgery, ".rollout/state/rollout.db", "statement.sig")
      let verify = try await bench.rollout("verify")
      #expect(verify.status == 70 && verify.errors.contains("the approval of maria, is forged"), "\(verify)")
      let apply = try await bench.rollout("apply")
      #expect(apply.status == 1, "\(apply)")
      #expect((apply.output + apply.errors).contains("no key of maria"), "\(apply)")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test(arguments: ["quorum", "name"])
  func `a whole rollout written into the database moves no traffic`(what: String) async throws {
    try await Self.bench { bench in
      try await bench.expect(0, "approve", "--key", bench.key("maria"), as: "maria")
      try await bench.expect(0, "apply")
      try await bench.python(Self.forgedRollout, ".rollout/state/rollout.db", what)
      let apply = try await bench.rollout("apply")
      #expect([1, 70].contains(apply.status), "\(apply)")
      let says = what == "quorum" ? "a gate that nobody has to pass is none" : "belongs to production"
      #expect((apply.output + apply.errors).contains(says), "\(apply)")
      let status = try #require(try await bench.status()?["production"])
      #expect(status.observation.canary == nil)
    }
  }

  @Test func `a way back written into the database leads nowhere`() async throws {
    try await Self.bench { bench in
      try await bench.expect(0, "approve", "--key", bench.key("maria"), as: "maria")
      try await bench.expect(0, "apply")
      let before = try #require(try await bench.status()?["production"]).observation.stable?.revision
      try await bench.python(Self.forgedWayBack, ".rollout/state/rollout.db")
      let apply = try await bench.rollout("apply")
      #expect(apply.status == 9, "\(apply)")
      #expect((apply.output + apply.errors).contains("never served"), "\(apply)")
      let status = try #require(try await bench.status()?["production"]).observation
      #expect(status.stable?.revision == before && status.standby == nil)
      #expect(try await bench.invoke().status == 200)
    }
  }

  private static func bench(_ work: (Bench) async throws -> Void) async throws {
    var settings = Settings()
    settings.approval = "{approvers: [maria, omar], expires: 1h, signers: allowed_signers}"
    try await Bench.run(settings) { bench in
      try await bench.makeKeys("maria", "omar")
      let signers = try bench.signer("maria", key: "maria") + bench.signer("omar", key: "omar")
      try bench.write(signers, to: "Environments/allowed_signers")
      try await bench.register()
      try await bench.expect(3, "apply")
      try await work(bench)
    }
  }

  /// Appends the start of a rollout like the last one, with its plan, that nobody has to approve: because it asks for no
  /// approvals, or because it calls production by a name that no file knows.
  private static let forgedRollout = """
    import copy, hashlib, json, sqlite3, sys
    db = sqlite3.connect(sys.argv[1])
    dump = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    rows = db.execute("SELECT seq, hash, body FROM event ORDER BY seq").fetchall()
    entry = [json.loads(row[2]) for row in rows if b'"rolloutStarted"' in row[2]][-1]
    start = entry["event"]["rolloutStarted"]
    plan = json.loads(db.execute("SELECT bytes FROM blob WHERE digest = ?", (start["plan"][7:],)).fetchone()[0])
    stage = copy.deepcopy(start["program"]["stages"][-1])
    if sys.argv[2] == "quorum":
        stage["approval"]["minimum"] = 0
    else:
        stage["environment"] = "prod"
        del stage["approval"]
        stage["steps"] = [step for step in stage["steps"] if "approve" not in step]
    start["id"], start["program"] = "r2", {"stages": [stage]}
    plan["program"] = start["program"]
    blob = dump(plan)
    digest = hashlib.sha256(blob).hexdigest()
    start["plan"] = "sha256:" + digest
    db.execute("INSERT INTO blob(digest, bytes) VALUES (?, ?)", (digest, blob))
    sequence, previous, _ = rows[-1]
    entry["sequence"] = sequence + 1
    entry.pop("nonce", None)
    body = dump(entry)
    link = hashlib.sha256(previous + (sequence + 1).to_bytes(8, "big") + body).digest()
    db.execute("INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)",
               (sequence + 1, previous, link, "rolloutStarted", body))
    db.commit()
    """

  /// Appends a copy of the whole first rollout that promotes another revision, and a rollback to that.
  private static let forgedWayBack = """
    import hashlib, json, sqlite3, sys
    db = sqlite3.connect(sys.argv[1])
    dump = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    rows = db.execute("SELECT seq, hash, type, body FROM event ORDER BY seq").fetchall()
    last, link = rows[-1][0], rows[-1][1]
    def append(kind, entry):
        global last, link
        last += 1
        entry["sequence"] = last
        entry.pop("nonce", None)
        body = dump(entry)
        after = hashlib.sha256(link + last.to_bytes(8, "big") + body).digest()
        db.execute("INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)", (last, link, after, kind, body))
        link = after
    first = next(row[0] for row in rows if row[2] == "rolloutStarted")
    start = json.loads(rows[first - 1][3])
    stage = start["event"]["rolloutStarted"]["program"]["stages"][-1]
    real, evil = stage["revision"]["digest"], "sha256:" + "e" * 64
    offset, record = last + 1 - first, None
    for sequence, _, kind, body in rows[first - 1:]:
        entry = json.loads(body.decode().replace(real, evil).replace('"r1"', '"r2"'))
        if entry.get("epoch"):
            entry["epoch"] += offset
        promoted = entry["event"].get("revisionPromoted")
        if promoted and promoted["environment"] == stage["environment"]:
            promoted["record"]["number"] = 2
            record = promoted["record"]
        append(kind, entry)
    append("rollbackStarted", {"at": start["at"], "actor": start["actor"], "event": {"rollbackStarted": {
        "id": "r3", "environment": stage["environment"], "endpoint": stage["endpoint"], "to": record, "reason": ""}}})
    db.commit()
    """

  /// Appends an approval by maria with somebody's idea of a signature, or one from a file, hashed as the journal hashes.
  private static let forgery = """
    import hashlib, json, sqlite3, sys
    db = sqlite3.connect(sys.argv[1])
    rows = db.execute("SELECT seq, hash, body FROM event ORDER BY seq").fetchall()
    gate, head = [(json.loads(row[2]), row[1].hex()) for row in rows if b'"gateOpened"' in row[2]][-1]
    start = [json.loads(row[2]) for row in rows if b'"rolloutStarted"' in row[2]][-1]
    opened = gate["event"]["gateOpened"]
    approval = {"rollout": start["event"]["rolloutStarted"]["id"], "gate": opened["_0"],
                "plan": start["event"]["rolloutStarted"]["plan"], "evidenceRoot": opened["evidenceRoot"],
                "by": "maria", "expires": opened["expires"],
                "signature": "-----BEGIN SSH SIGNATURE-----\\nAAAA\\n-----END SSH SIGNATURE-----\\n"}
    if len(sys.argv) > 2:
        approval.update(signature=open(sys.argv[2]).read(), head="sha256:" + head)
    sequence, previous, _ = rows[-1]
    entry = {"sequence": sequence + 1, "at": gate["at"], "actor": dict(gate["actor"], name="maria"),
             "event": {"approvalGranted": {"_0": approval}}}
    body = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hashlib.sha256(previous + (sequence + 1).to_bytes(8, "big") + body).digest()
    db.execute("INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)",
               (sequence + 1, previous, digest, "approvalGranted", body))
    db.commit()
    """
}

extension Bench {
  func key(_ name: String) -> String { folder.appending(path: "keys/\(name)").path }

  func makeKeys(_ names: String...) async throws {
    try FileManager.default.createDirectory(at: folder.appending(path: "keys"), withIntermediateDirectories: true)
    for name in names { try await keygen("-t", "ed25519", "-q", "-N", "", "-C", name, "-f", key(name)) }
  }

  func signer(_ name: String, key: String) throws -> String {
    "\(name) \(try String(contentsOfFile: self.key(key) + ".pub", encoding: .utf8))"
  }

  func keygen(_ arguments: String...) async throws { try await tool("/usr/bin/ssh-keygen", arguments) }
  func python(_ program: String, _ arguments: String...) async throws {
    try await tool("/usr/bin/env", ["python3", "-c", program] + arguments)
  }

  private func tool(_ path: String, _ arguments: [String]) async throws {
    let command = try Command(
      URL(filePath: path), arguments, environment: ProcessInfo.processInfo.environment, in: folder)
    let ended = await command.ended()
    #expect(ended.status == 0, "\(ended)")
  }
}
