@testable import RolloutCore

/// AWS at its worst, and drivers that die or sleep anywhere. A driver's requests are lost, or carried out without an
/// answer; those of one that sleeps arrive late; what CloudFormation asks of SageMaker arrives late and twice.
struct GuardedWorld {
  /// What is left out of a way back, to see that it is needed.
  enum Mutant { case buriesNothing, deletesOnly }

  enum Request: Hashable {
    case createChangeSet(GuardedDeployment)
    case execute(id: Int)
    case deleteChangeSet(id: Int)
    case createConfiguration(String, Digest)
    case deleteConfiguration(String)
    case updateEndpoint(String)
    case deleteStack
    case abort(Bool)
  }

  struct ChangeSet {
    var id: Int
    var deployment: GuardedDeployment
    var isReady = false
    var isStarted = false
  }

  var random: SplitMix
  let mutant: Mutant?
  /// Whether CloudFormation notices that SageMaker went back.
  let noticesRollback: Bool
  var hasFaults = false
  /// The driver whose turn it is may fall asleep between signing a request and sending it.
  var sleeps = false
  var record = GuardedEndpoint(name: "shop")

  private(set) var serving: String?
  private(set) var movingTo: String?
  private(set) var contents: [String: Digest] = [:]
  private(set) var stack: GuardedFacts.Stack?
  private(set) var changeSets: [ChangeSet] = []
  private var nextID = 1
  private var abortIsOn = false
  private(set) var late: [Request] = []
  /// Versions whose errors set off an alarm.
  var bad: Set<Digest> = []

  init(seed: UInt64, mutant: Mutant? = nil) {
    random = SplitMix(seed: seed)
    self.mutant = mutant
    noticesRollback = Bool.random(using: &random)
  }

  var served: Digest? { serving.flatMap { contents[$0] } }
  var isQuiet: Bool { movingTo == nil && !(stack?.isBusy ?? false) }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
}

// MARK: - Drivers

extension GuardedWorld {
  /// One step of a driver: the record first, then what AWS shows, then one request. Whether the order is done.
  mutating func step(_ order: TargetOrder, fence: UInt64) throws(OrderRefusal) -> GuardedAct {
    var mine = record
    try mine.accept(order, fence: fence, lineage: "lane")
    record = mine
    let facts = facts
    let act = mine.next(for: order, facts)
    // Whoever changed the record in between wins: here one step is one turn, so that only requests are late.
    perform(act, order)
    return act
  }

  private mutating func perform(_ act: GuardedAct, _ order: TargetOrder) {
    switch act {
    case .create(let deployment):
      record.creating(deployment, facts)
      send(.createChangeSet(deployment))
    case .execute(let deployment):
      record.ordered()
      if let found = changeSets.last(where: { $0.deployment.changeSet == deployment.changeSet }) {
        send(.execute(id: found.id))
      }
    case .begin(let revision): record.begin(revision, at: Timestamp(milliseconds: 0))
    case .withdraw(let deployment):
      for found in changeSets where found.deployment.changeSet == deployment.changeSet {
        send(.deleteChangeSet(id: found.id))
      }
    case .abort:
      record.aborting(true)
      send(.abort(true))
    case .calm(_):
      record.aborting(false)
      send(.abort(false))
    case .bury(let deployment, let good): bury(deployment, good)
    case .deleteStack: send(.deleteStack)
    case .wait, .refuse: break
    case .done: record.finished(order, at: Timestamp(milliseconds: 0))
    }
  }

  /// Done once both answers came: a request without an answer is sent again.
  private mutating func bury(_ deployment: GuardedDeployment, _ good: String?) {
    let name = deployment.configuration
    if mutant != .buriesNothing {
      if contents[name] != good.flatMap({ contents[$0] }) || good == nil {
        send(.deleteConfiguration(name))
        guard contents[name] == nil else { return }
      }
      if mutant != .deletesOnly, let good, let content = contents[good] {
        send(.createConfiguration(name, content))
        guard contents[name] == content else { return }
      }
    }
    record.buried(deployment, like: good, models: [], at: Timestamp(milliseconds: 0))
  }

  private mutating func send(_ request: Request) {
    guard hasFaults else { return deliver(request) }
    let fate = Int.random(in: 0..<10, using: &random)
    if fate != 1, fate > 2 || !sleeps { deliver(request) }
    if sleeps, fate < 4 { late.append(request) }
  }

  mutating func deliverLate() {
    guard !late.isEmpty else { return }
    deliver(late.remove(at: Int.random(in: late.indices, using: &random)))
  }
}

// MARK: - AWS

extension GuardedWorld {
  var facts: GuardedFacts {
    var sets: [String: GuardedFacts.ChangeSet] = [:]
    for set in changeSets {
      sets[set.deployment.changeSet] =
        set.isStarted
        ? (stack?.isBusy == true ? .started : .finished) : set.isReady ? .ready(replacesEndpoint: false) : .creating
    }
    return GuardedFacts(
      endpoint: serving.map {
        GuardedFacts.Endpoint(
          status: movingTo == nil ? "InService" : "Updating", configuration: $0, isPending: movingTo != nil)
      }, stack: stack, changeSets: sets,
      alarms: [GuardedFacts.Alarm(name: "abort", state: abortIsOn ? .alarm : .ok, isAbort: true)])
  }

  private mutating func deliver(_ request: Request) {
    switch request {
    case .createChangeSet(let deployment):
      guard !changeSets.contains(where: { $0.deployment.changeSet == deployment.changeSet }) else { return }
      changeSets.append(ChangeSet(id: nextID, deployment: deployment))
      nextID += 1
      if stack == nil { stack = GuardedFacts.Stack(name: "", id: "shop-1", status: "REVIEW_IN_PROGRESS") }
    case .execute(let id): execute(id)
    case .deleteChangeSet(let id): changeSets.removeAll { $0.id == id && !$0.isStarted }
    case .createConfiguration(let name, let content): if contents[name] == nil { contents[name] = content }
    case .deleteConfiguration(let name): contents[name] = nil
    case .updateEndpoint(let name): if movingTo == nil, serving != nil, contents[name] != nil { movingTo = name }
    case .deleteStack:
      guard isQuiet else { return }
      (stack, serving) = (nil, nil)
      changeSets = []
    case .abort(let isOn): abortIsOn = isOn
    }
  }

  private mutating func execute(_ id: Int) {
    guard isQuiet, let place = changeSets.firstIndex(where: { $0.id == id && $0.isReady && !$0.isStarted }) else {
      return
    }
    let deployment = changeSets[place].deployment
    changeSets = [changeSets[place]]
    changeSets[0].isStarted = true
    let isFirst = stack?.isEmpty ?? true
    guard contents[deployment.configuration] == nil else {
      stack?.status = isFirst ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE"
      stack?.changeSet = deployment.changeSet
      return
    }
    contents[deployment.configuration] = deployment.revision.digest
    stack = GuardedFacts.Stack(
      name: "", id: "shop-1", status: isFirst ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS",
      changeSet: deployment.changeSet,
      configuration: stack?.configuration)
    if isFirst { serving = deployment.configuration }
    movingTo = deployment.configuration
    // What CloudFormation asks of SageMaker may arrive twice as well.
    guard hasFaults, chance(50) else { return }
    late.append(.updateEndpoint(deployment.configuration))
    late.append(.createConfiguration(deployment.configuration, deployment.revision.digest))
  }

  /// AWS goes on by itself.
  mutating func tick() {
    for place in changeSets.indices where !changeSets[place].isReady { changeSets[place].isReady = true }
    guard let target = movingTo, chance(40) else { return }
    movingTo = nil
    let isOurs = stack?.isBusy == true
    let running = changeSets.first(where: \.isStarted)?.deployment
    let isGuarded = !isOurs || running?.isGuarded != false
    let tripped = isGuarded && (abortIsOn || (contents[target].map(bad.contains) ?? false && chance(50)))
    if !tripped { serving = target }
    guard isOurs else { return }
    let isFirst = stack?.status == "CREATE_IN_PROGRESS"
    let isSeen = tripped && noticesRollback
    stack?.status = (isFirst ? "CREATE" : "UPDATE") + (isSeen ? "_ROLLBACK_COMPLETE" : "_COMPLETE")
    if !isSeen { stack?.configuration = target }
  }
}
