extension PlannedAlarm {
  package init(_ rule: AlarmRule) {
    let count = rule.evaluationPeriods
    self.init(
      name: rule.name,
      condition: "\(rule.metric.rawValue) \(rule.statistic) \(rule.thresholdText) in \(rule.period.minutesText), "
        + "\(rule.datapointsToAlarm) of \(count) datapoint\(count == 1 ? "" : "s")",
      rollback: rule.rollback)
  }
}

extension PlannedAlarm {
  /// With what the strategy leaves it no time for.
  package init(_ rule: AlarmRule, in strategy: Strategy, delay: TimeSpan) {
    self.init(rule)
    guard rule.rollback else { return }
    let reach = AlarmReach(rule, in: strategy, delay: delay)
    blindBakes = reach.bakes.filter { !reach.canFire(in: $0) }.map { "\($0.length) at \($0.weight)" }
  }
}

extension PlannedScaling {
  package init(_ policy: ScalingPolicy) {
    self.init(
      minimum: policy.minimum, maximum: policy.maximum, target: policy.invocationsPerInstance,
      scaleOutCooldown: policy.scaleOutCooldown, scaleInCooldown: policy.scaleInCooldown,
      alarms: policy.impliedAlarms.map { PlannedAlarm(name: $0.name, condition: $0.condition, rollback: false) })
  }
}

extension AlarmRule {
  /// `> 5`, `> 70 %`, `> 800 ms`: the threshold in the unit people think in.
  package var thresholdText: String { "\(threshold.relation.rawValue) \(text(of: threshold.bound))" }

  /// `14`, `95 %`, `912 ms`: a value of the metric in the unit people think in.
  package func text(of value: Double) -> String {
    switch metric.unit {
    case .count: shortNumber(value)
    case .percent: "\(shortNumber(value)) %"
    case .microseconds: "\(shortNumber(value / 1_000)) ms"
    }
  }
}

extension TimeSpan {
  /// `5 min` for whole minutes, else the usual form.
  package var minutesText: String {
    milliseconds > 0 && milliseconds % 60_000 == 0 ? "\(milliseconds / 60_000) min" : description
  }
}

extension ConfigurationChange {
  /// What differs between two revisions beside the model, by the names that the files use.
  static func between(_ old: Revision.Content, _ new: Revision.Content) -> [ConfigurationChange] {
    var changes: [ConfigurationChange] = []
    func compare(_ name: String, _ from: String?, _ to: String?) {
      if from != to { changes.append(ConfigurationChange(name: name, from: from, to: to)) }
    }
    compare("serve.command", old.serve.command.joined(separator: " "), new.serve.command.joined(separator: " "))
    for name in Set(old.serve.environment.keys).union(new.serve.environment.keys).sorted() {
      compare("serve.environment.\(name)", old.serve.environment[name], new.serve.environment[name])
    }
    compare("serve.portVariable", old.serve.portVariable, new.serve.portVariable)
    compare("serve.health", old.serve.healthPath, new.serve.healthPath)
    compare("serve.cores", shortNumber(old.serve.cores), shortNumber(new.serve.cores))
    compare("serve.image", old.serve.image, new.serve.image)
    compare("serve.concurrency", "\(old.serve.concurrencyMax)", "\(new.serve.concurrencyMax)")
    compare("endpoint.name", old.endpoint.name, new.endpoint.name)
    compare("endpoint.instances", "\(old.endpoint.instances)", "\(new.endpoint.instances)")
    compareTemplates(old.template, new.template, compare)
    compareTargets(old.sageMaker, new.sageMaker, compare)
    for name in Set((old.alarms + new.alarms).map(\.name)).sorted() {
      func text(_ content: Revision.Content) -> String? {
        content.alarms.first { $0.name == name }.map {
          PlannedAlarm($0).condition + ($0.rollback ? ", rolls back" : "") + ", missing data \($0.missingData.rawValue)"
        }
      }
      compare("alarm \(name)", text(old), text(new))
    }
    func scaling(_ content: Revision.Content) -> String? {
      content.autoscaling.map {
        "\($0.minimum)...\($0.maximum) instances at \(shortNumber($0.invocationsPerInstance))/min, "
          + "cooldowns \($0.scaleOutCooldown) out, \($0.scaleInCooldown) in, period \($0.period)"
      }
    }
    compare("autoscaling", scaling(old), scaling(new))
    return changes
  }

  private static func compareTemplates(
    _ old: EndpointTemplate, _ new: EndpointTemplate, _ compare: (String, String?, String?) -> Void
  ) {
    compare("template.limits.body", "\(old.bodyBytesMax) bytes", "\(new.bodyBytesMax) bytes")
    compare("template.limits.timeout", "\(old.requestTimeout)", "\(new.requestTimeout)")
    compare("template.health.interval", "\(old.healthInterval)", "\(new.healthInterval)")
    compare("template.health.timeout", "\(old.healthTimeout)", "\(new.healthTimeout)")
    compare("template.health.startup", "\(old.startupTimeout)", "\(new.startupTimeout)")
    compare("template.drain", "\(old.drain)", "\(new.drain)")
    compare("template.shield", "\(old.shield)", "\(new.shield)")
    compare("template.lease", "\(old.lease)", "\(new.lease)")
  }
}
