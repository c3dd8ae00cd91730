/// Something takes a deployment back.
enum SomethingRollsBack: TemplateRule {
  static let alarmsMax = 10

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let endpoint = stack.endpoint, endpoint.isDeploymentKnown, stack.isGuarded else { return [] }
    guard let deployment = endpoint.deployment else {
      return [
        TemplateFinding(
          .rollbackAlarmsNone, "nothing watches a deployment", at: endpoint.resource.path,
          "there is no 'DeploymentConfig'",
          help: "add 'DeploymentConfig' with 'AutoRollbackConfiguration'; Templates/production.yaml shows one")
      ]
    }
    guard let eleventh = deployment.rollbackAlarms.dropFirst(alarmsMax).first else {
      guard deployment.rollbackAlarms.isEmpty else { return [] }
      return [
        TemplateFinding(
          .rollbackAlarmsNone, "no alarm takes a deployment back", at: deployment.path,
          "'AutoRollbackConfiguration' names none",
          help: "add 'AutoRollbackConfiguration: {Alarms: [{AlarmName: !Ref …}]}'")
      ]
    }
    return [
      TemplateFinding(
        .rollbackAlarmsTooMany, "SageMaker watches ten alarms at most", at: eleventh,
        "\(deployment.rollbackAlarms.count) are named", help: "put some together into a composite alarm, or remove them"
      )
    ]
  }
}

/// The alarms that take a deployment back are made with it, and are about its faults.
enum RollbackAlarmsAreMade: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    (stack.endpoint?.deployment?.rollbackAlarms ?? []).compactMap { stated in
      if stated.text.hasPrefix("TargetTracking-") {
        return TemplateFinding(
          .scalingAlarmInRollback, "an alarm of autoscaling would take deployments back", at: stated,
          "it trips whenever there is much or little traffic", help: "remove it")
      }
      // A reference, perhaps to something else, such as a composite alarm.
      guard stated.resource == nil else { return nil }
      if let alarm = stack.alarm(named: stated) { return unordered(alarm.resource, stated, in: stack) }
      // A name that only AWS knows.
      guard let name = stated.value else { return nil }
      return TemplateFinding(
        .rollbackAlarmUndefined, "the template makes no alarm '\(name)'", at: stated, "",
        help: "write '!Ref' and the logical id of an alarm, so that it is made first",
        meant: stack.alarms.flatMap { [$0.resource.logicalID] + ($0.name.value.map { [$0] } ?? []) })
    }
  }

  /// Named, but not waited for.
  private static func unordered(
    _ alarm: StackReading.Resource, _ stated: Stated<String>, in stack: StackReading
  ) -> TemplateFinding? {
    guard stack.endpoint?.dependencies.contains(alarm.logicalID) == false else { return nil }
    return TemplateFinding(
      .rollbackAlarmUndefined, "the endpoint may be deployed before its alarm '\(alarm.logicalID)' is made", at: stated,
      "a name alone is no reference", and: [LintFinding.Note(LintPlace(.template, alarm.path), "the alarm")],
      help: "write '!Ref \(alarm.logicalID)', or add 'DependsOn: \(alarm.logicalID)'", severity: .warning)
  }
}

/// People can take a deployment back.
enum DeploymentsCanBeAborted: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let endpoint = stack.endpoint, let deployment = endpoint.deployment, stack.isGuarded else { return [] }
    guard let alarm = stack.rollbackAlarms.first(where: \.isAbort) else {
      // One whose name only AWS knows may be it.
      guard deployment.rollbackAlarms.allSatisfy({ stack.alarm(named: $0) != nil || $0.value != nil }) else {
        return []
      }
      let unused = stack.alarms.first(where: \.isAbort)
      return [
        TemplateFinding(
          .abortAlarmMissing, "a deployment cannot be aborted while SageMaker watches it", at: deployment.path,
          unused == nil
            ? "no rollback alarm is on the metric 'Abort' of 'Rollout'" : "the abort alarm is not named here",
          help: unused.map { "add '{AlarmName: !Ref \($0.resource.logicalID)}' to the rollback alarms" }
            ?? "add the resource 'AbortAlarm' of Templates/production.yaml, and name it among the rollback alarms")
      ]
    }
    return defects(of: alarm, on: endpoint)
  }

  private static func defects(of alarm: StackReading.Alarm, on endpoint: StackReading.Endpoint) -> [TemplateFinding] {
    var findings: [TemplateFinding] = []
    func expect(_ holds: Bool, _ path: [LintPlace.Step], _ text: String, _ help: String) {
      if !holds {
        findings.append(
          TemplateFinding(.abortAlarmUnsound, "the abort alarm would not do what it is for", at: path, text, help: help)
        )
      }
    }
    let place = alarm.resource.path + [.key("Properties")]
    expect(
      alarm.missingData.map { $0.value == nil || $0.value == "ignore" } ?? false,
      alarm.missingData?.path ?? place, "silence must change nothing", "write 'TreatMissingData: ignore'")
    expect(
      alarm.threshold?.value.map { $0 >= 0 && $0 < 1 } ?? true, alarm.threshold?.path ?? place,
      "a point of 1 must trip it, and one of 0 must not", "write 'Threshold: 0'")
    expect(
      alarm.comparison?.value.map { $0 == "GreaterThanThreshold" } ?? true, alarm.comparison?.path ?? place,
      "a point of 1 must trip it", "write 'ComparisonOperator: GreaterThanThreshold'")
    expect(
      alarm.metrics.first?.statistic?.value.map { ["Maximum", "Sum"].contains($0) } ?? true,
      alarm.metrics.first?.statistic?.path ?? place, "one point must be enough", "write 'Statistic: Maximum'")
    expect(
      alarm.windowSeconds.map { $0 <= 60 } ?? true, alarm.period?.path ?? place, "it must trip at once",
      "write 'Period: 60' and 'EvaluationPeriods: 1'")
    expect(
      alarm.metrics.first?.dimension("EndpointName") != nil, alarm.metrics.first?.path ?? place,
      "'rollout abort' publishes by EndpointName", "add the dimension EndpointName")
    return findings
  }
}

/// What a bad version set off does not end the way back from it.
enum WaysBackAreNotWatched: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard stack.isWayBackWatched, let deployment = stack.endpoint?.deployment else { return [] }
    return [
      TemplateFinding(
        .wayBackWatched, "the alarms that a bad version sets off would end the way back from it", at: deployment.path,
        "they watch every deployment",
        help: "declare the parameter Guarded, and name no rollback alarms where it is \"false\"", severity: .warning)
    ]
  }
}

/// An update keeps what scaling did, and a new endpoint has nothing to keep.
enum InstanceCountsAreKept: TemplateRule {
  private static let mend = "RetainAllVariantProperties: !If [IsFirstDeployment, !Ref AWS::NoValue, true]"

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let endpoint = stack.endpoint else { return [] }
    let retains = endpoint.retainsProperties
    if let retains, retains.value == true, stack.isFirstDeployment != false {
      return [
        TemplateFinding(
          .retainedOnCreation, "a new endpoint has no properties to keep", at: retains,
          stack.isFirstDeployment == nil
            ? "SageMaker refuses this when the endpoint is made" : "SageMaker refuses this",
          help: "declare the parameter FirstDeployment, and write '\(mend)'",
          severity: stack.isFirstDeployment == nil ? .warning : .error)
      ]
    }
    guard stack.isFirstDeployment != true else { return [] }
    if let counted = endpoint.excluded.first(where: { $0.value == "DesiredInstanceCount" }) {
      return [
        TemplateFinding(
          .instanceCountsReset, "each update would reset the number of instances", at: counted,
          "it is not kept", help: "exclude only 'DesiredWeight'")
      ]
    }
    guard retains == nil || retains?.value == false else { return [] }
    return [
      TemplateFinding(
        .instanceCountsReset, "each update would reset the number of instances",
        at: retains?.path ?? endpoint.resource.path, retains == nil ? "'RetainAllVariantProperties' is not there" : "",
        help: "write '\(mend)'")
    ]
  }
}

/// The version to go back to stays until the new one is proven.
enum OldVersionsAreRetained: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let configuration = stack.configuration else { return [] }
    let models = configuration.variants.compactMap { stack.model(of: $0)?.resource }
    let owned = [("configuration", configuration.resource)] + models.map { ("model", $0) }
    return owned.compactMap { noun, resource in
      let policies = [
        ("UpdateReplacePolicy", resource.updateReplacePolicy), ("DeletionPolicy", resource.deletionPolicy),
      ].filter { $0.1 == "Delete" || $0.1 == "Snapshot" }.map(\.0)
      guard let first = policies.first else { return nil }
      return TemplateFinding(
        .oldVersionNotRetained, "the \(noun) of the version to go back to would be deleted", at: resource.path,
        "'\(policies.joined(separator: "' and '"))' would have to be Retain",
        help: "add '\(first): Retain'; rollout removes what is not needed any more",
        severity: first == "UpdateReplacePolicy" ? .error : .warning)
    }
  }
}
