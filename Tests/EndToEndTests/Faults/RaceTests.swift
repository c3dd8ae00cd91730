import Testing

/// Everybody at once.
@Suite struct RaceTests {
  private static var settings: Settings {
    var settings = Settings()
    settings.stages = ["production"]
    settings.approval = "{approvers: [maria, omar, noor], minimum: 1, selfApproval: false, expires: 1h}"
    settings.steps = "{weight: 10%, bake: 200ms}, {weight: 50%, bake: 200ms}"
    settings.bakeAfter = "200ms"
    return settings
  }

  @Test func `two applies make one rollout, and after an abort nothing goes forward`() async throws {
    try await Trial.run("2 applies, 3 approvers and 2 aborts at once", ci: 4, full: 2_000) { trial in
      try await Bench.run(Self.settings, patience: trial.patience(secondsEach: 12)) { bench in
        try await bench.deploy()
        var (promoted, turned) = (0, 0)
        for run in 1...trial.runs {
          var chances = trial.chances(run)
          try await bench.register()
          let before = try await bench.journalRows().count
          trial.happened()
          let applies = try [bench.start("apply", "--wait"), bench.start("apply", "--wait")]
          try await bench.until("the gate") {
            try await bench.journalRows().contains { $0.sequence > before && $0.type == "gateOpened" } ? true : nil
          }
          let (approvers, aborts) = try await crowd(bench, &chances)
          for apply in applies {
            let ended = await apply.ended()
            trial.check([0, 3, 4, 5].contains(ended.status), "\(ended)")
          }
          for ended in approvers { trial.check([0, 1, 7, 8].contains(ended.status), "\(ended)") }
          for ended in aborts { trial.check([0, 1].contains(ended.status), "\(ended)") }
          try await bench.until("its end") { try await bench.standing().rollout == nil ? true : nil }

          let rows = try await bench.journalRows().filter { $0.sequence > before }
          trial.check(rows.filter { $0.type == "rolloutStarted" }.count == 1, "\(rows.map(\.type))")
          let abort = rows.firstIndex { $0.type == "abortRequested" }
          if let abort {
            turned += 1
            trial.check(!rows[abort...].contains(where: \.isForwardStep), "\(rows.map(\.type))")
            trial.check(!rows[abort...].contains { $0.type == "revisionPromoted" }, "\(rows.map(\.type))")
          } else {
            promoted += 1
          }
          try await bench.checkSettled(trial)
        }
        trial.count("promoted", promoted)
        trial.count("turned round", turned)
      }
    }
  }

  private func crowd(
    _ bench: Bench, _ chances: inout Chances
  ) async throws -> (approvers: [Command.Ended], aborts: [Command.Ended]) {
    // A sooner abort finds the gate still open, a later one the rollout nearly done.
    let delay = chances.time(0...3_000)
    async let maria = bench.rollout("approve", as: "maria")
    async let omar = bench.rollout("approve", as: "omar")
    async let noor = bench.rollout("approve", as: "noor")
    try await moment(delay)
    async let one = bench.rollout("abort", as: "ci")
    async let two = bench.rollout("abort", as: "noor")
    return (try await [maria, omar, noor], try await [one, two])
  }
}
