import RolloutCore

/// How a run begins, and every rollout in it.
extension Simulation {
  mutating func setUp() {
    choices.faults = Faults(rawValue: choices.draw((1 << Faults.count) - 1, oneIn: 1))
    if kind == .machine {
      choices.faults.formUnion(
        Faults(rawValue: choices.draw((1 << Faults.machineCount) - 1, oneIn: 1) << Faults.count))
    }
    let stages = Scenario.stages(choices.draw(2, oneIn: 6))
    scenario = stages
    endpoints.removeAll(keepingCapacity: true)
    due = InlineArray(repeating: Due())
    for index in 0..<stages.count {
      let hasStandby = !stages.isFirst && chance(.emergencies, 1, oneIn: 2) != 0
      let standby = hasStandby ? Scenario.revision(index, 0) : nil
      endpoints.append(makeEndpoint(stable: stages.isFirst ? nil : Scenario.base(index), standby: standby))
      due[index] = Due(endpoints[index])
    }
    if stages.count == 2 { coverage.saw(.twoStages) }
    if stages.isFirst { coverage.saw(.firstDeployment) }
    journal.add(Mark(sequence: 1, at: stamp(0), epoch: 0, move: .laneCreated))
    startRollout()
    spawn(.drive(waitsAtGates: choices.draw(1, oneIn: 4) == 0), after: 0)
    nemesis.kind = Nemesis.kinds[Int(choices.draw(15, oneIn: 1))]
    nemesis.skips = choices.draw(12, oneIn: 2)
    nemesis.strike = Nemesis.Strike(rawValue: choices.draw(6, oneIn: 2)) ?? .none
    if chance(.races, 1, oneIn: 2) != 0 { errand(.race, in: 1_000 * Int64(choices.draw(200, oneIn: 1))) }
    if chance(.people, 1, oneIn: 3) != 0 {
      errand(.abort(drives: choices.draw(1, oneIn: 3) == 0), in: 1_000 * Int64(choices.draw(300, oneIn: 1)))
    }
    if chance(.people, 1, oneIn: 6) != 0 { errand(.hold, in: 1_000 * Int64(choices.draw(120, oneIn: 1))) }
    if chance(.people, 1, oneIn: 6) != 0 { errand(.skip, in: 1_000 * Int64(choices.draw(120, oneIn: 1))) }
    if chance(.emergencies, 1, oneIn: 3) != 0 {
      errand(.emergency(Int(choices.draw(1, oneIn: 2))), in: 1_000 * Int64(choices.draw(300, oneIn: 1)))
    }
    supervisorDelay = choices.draw(1, oneIn: 3) == 0 ? 6_000 : 900_000
    errand(.check, in: supervisorDelay)
    if let abortAt { errand(.abort(drives: true), in: abortAt) }
  }

  private mutating func makeEndpoint(stable: Token?, standby: Token?) -> any SimulatedTarget {
    guard kind == .machine else { return ContractEndpoint(stable: stable, standby: standby, mutant) }
    var traits = MachineEndpoint.Traits()
    traits.instances = 1 + Int(choices.draw(UInt32(MachineEndpoint.instancesMax) - 1, oneIn: 3))
    traits.keepWarm = [.minutes(10), .seconds(30), .zero][Int(choices.draw(2, oneIn: 3))]
    traits.lateness = Int64(chance(.lateness, 250, oneIn: 2))
    traits.fatalMessage = death.message
    traits.diesAfterSaving = death.afterSaving
    traits.ignoresStructure = ignoresStructure
    var endpoint = MachineEndpoint.started(stable: stable, standby: standby, traits, mutant)
    endpoint.plan(at: now, &choices)
    return endpoint
  }

  mutating func startRollout() {
    plan += 1
    let sequence = journal.lane.sequence + 1
    journal.add(
      Mark(
        sequence: sequence, at: stamp(now), epoch: 0,
        move: .rolloutStarted(course(of: plan), plan: Scenario.plan(plan))))
    watch.asked = false
    watch.skippedBake = false
  }

  /// The first rollout's is always the same; later ones start from what serves now.
  private func course(of plan: Int) -> Course {
    if plan == 1 { return scenario.course }
    return Course(
      stages: scenario.course.stages.indices.map { index in
        var stage = scenario.course.stages[index]
        stage.base = endpoints[index].view.incoming ?? endpoints[index].view.stable
        stage.revision = Scenario.revision(index, plan + 1)
        return stage
      })
  }
}
