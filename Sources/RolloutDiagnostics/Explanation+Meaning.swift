extension DiagnosticCode {
  /// R02: values that are well-formed and cannot be meant.
  var meaningExplanation: Explanation? { environmentExplanation ?? strategyExplanation ?? alarmExplanation }

  private var environmentExplanation: Explanation? {
    switch self {
    case .environmentNamedOtherwise:
      Explanation(
        "a stage's file describes another environment",
        """
        The stage NAME is read from NAME.yaml, and its 'environment' says another name: usually a copied file.
        Approvals and the journal go by this name, so it is not guessed.
        """, example: "# Environments/staging.yaml\nenvironment: production",
        mend: "# Environments/staging.yaml\nenvironment: staging")
    case .endpointShared:
      Explanation(
        "two environments have the same endpoint",
        "Staging would test on what users reach, and each environment would undo the other's deployments.",
        example: "# staging.yaml and production.yaml\nendpoint: {name: fox}",
        mend: "# staging.yaml\nendpoint: {name: fox-staging}")
    case .stagesEmpty:
      Explanation(
        "a pipeline has no stages", "There is no environment in which a model could be put.", example: "stages: []",
        mend: "stages: [staging, production]")
    case .stageRepeated:
      Explanation(
        "a stage is named twice", "A model passes through an environment once; the second time would change nothing.",
        example: "stages: [staging, production, staging]", mend: "stages: [staging, production]")
    case .minimumAboveMaximum:
      Explanation(
        "the fewest instances are more than the most", "No number of instances is allowed by these bounds.",
        example: "instances: 4...1", mend: "instances: 1...4")
    case .instancesOutsideScaling:
      Explanation(
        "an endpoint starts outside its scaling bounds",
        "The first act of autoscaling would be to start or stop instances, in the middle of a rollout.",
        example: "endpoint: {name: fox, instances: 6}\nautoscaling: {instances: 1...4, invocationsPerInstance: 70}",
        mend: "endpoint: {name: fox, instances: 4}\nautoscaling: {instances: 1...4, invocationsPerInstance: 70}")
    case .cooldownNegative:
      Explanation(
        "a cooldown is below zero", "A cooldown is the pause after a change of size. '0s' is the shortest.",
        example: "scaleInCooldown: -10m", mend: "scaleInCooldown: 10m")
    case .approversTooFew:
      Explanation(
        "more people must approve than there are", "The rollout would wait until its question expires.",
        example: "approval: {approvers: [ana], minimum: 2}", mend: "approval: {approvers: [ana, ben], minimum: 2}")
    case .approverWithoutKey:
      Explanation(
        "an approver has no key to sign with",
        """
        The environment wants signed approvals. Whoever is named as an approver and stands in no line of the signers'
        file could never approve anything.
        """, example: "approval: {approvers: [ana, ben], signers: allowed_signers}     # one line, for ana",
        mend: "ben ssh-ed25519 AAAAC3Nza…     # a line more in allowed_signers")
    case .leaseOutOfRange:
      Explanation(
        "a lease is too short or too long",
        """
        The canary keeps its share of traffic only while somebody renews the lease. Below 3 s it lapses whenever the
        driver is busy; above 10 min users stay with a canary that nobody watches.
        """, example: "lease: 1h", mend: "lease: 30s")
    case .caseRepeated:
      Explanation(
        "two smoke cases have the same name", "A failure is reported by its case's name, which must lead to one case.",
        example: "cases:\n  - name: safe\n    request: {file: a.png}\n  - name: safe\n    request: {file: b.png}",
        mend:
          "cases:\n  - name: a fox is safe\n    request: {file: a.png}\n  - name: a boat is safe\n    request: {file: b.png}"
      )
    case .durationNotPositive:
      Explanation(
        "a duration is zero or less", "Waiting for no time, or asking without pause, is never meant.",
        example: "health: {interval: 0s}", mend: "health: {interval: 5s}")
    default: nil
    }
  }

  private var strategyExplanation: Explanation? {
    switch self {
    case .weightFalls:
      Explanation(
        "canary traffic falls between steps",
        """
        Each step gives the new revision more traffic than the one before. Taking traffic away is a rollback, and only
        an alarm, a failed gate or a person decides that.
        """, example: "steps: [{weight: 10%, bake: 10m}, {weight: 5%, bake: 10m}]",
        mend: "steps: [{weight: 5%, bake: 10m}, {weight: 10%, bake: 10m}]")
    case .weightRepeated:
      Explanation(
        "canary traffic does not rise between steps", "Two steps with the same share are one step with a longer bake.",
        example: "steps: [{weight: 10%, bake: 5m}, {weight: 10%, bake: 5m}]", mend: "steps: [{weight: 10%, bake: 10m}]")
    case .weightNotAShare:
      Explanation(
        "a canary step is nothing, or everything",
        "At 0 % nobody meets the canary. At 100 % it is no canary: all traffic moves after the last step by itself.",
        example: "steps: [{weight: 10%, bake: 10m}, {weight: 100%, bake: 10m}]",
        mend: "steps: [{weight: 10%, bake: 10m}]\nbakeAfter: 10m")
    case .bakeNegative:
      Explanation(
        "a bake is below zero", "A bake is how long alarms watch. '0s' is the shortest, and watches nothing.",
        example: "bakeAfter: -10m", mend: "bakeAfter: 10m")
    default: nil
    }
  }

  private var alarmExplanation: Explanation? {
    switch self {
    case .alarmNotDefined:
      Explanation(
        "an alarm is listed and not defined",
        "The environment counts on an alarm whose file is not there or is empty. It would be guarded less than it says.",
        example: "alarms: [../Alarms/error.yaml]     # the file is errors.yaml", mend: "alarms: [../Alarms/errors.yaml]"
      )
    case .alarmRepeated:
      Explanation(
        "an environment has two alarms of one name", "Plans and journals name an alarm; one name must mean one alarm.",
        example: "alarms: [../Alarms/cpu.yaml, ../Alarms/cpu.yaml]", mend: "alarms: [../Alarms/cpu.yaml]")
    case .alarmCannotFire:
      Explanation(
        "an alarm can never take a revision back",
        """
        An alarm needs its datapoints, each as long as its period. If every bake is shorter, each is over before the
        alarm can judge: it would look like a guard and let everything through. A bake must be long enough by itself,
        because an earlier step had another share of the traffic.
        """, example: "period: 10m\ndatapoints: 2 of 2      # 20 minutes; the longest bake is 10m",
        mend: "period: 5m\ndatapoints: 2 of 2      # 10 minutes")
    case .alarmCannotFireInBake:
      Explanation(
        "an alarm cannot fire within one of the bakes",
        "Some bakes are long enough for the alarm, this one is not: a fault is found only in a later step, by more users.",
        example: "steps: [{weight: 10%, bake: 2m}, {weight: 50%, bake: 10m}]     # the alarm needs 5m",
        mend: "steps: [{weight: 10%, bake: 5m}, {weight: 50%, bake: 10m}]")
    case .thresholdUnreachable:
      Explanation(
        "an alarm's threshold is outside its metric's range",
        """
        The metric cannot pass the bound, so the alarm can never trip. Errors are one sample of 0 or 1 per request:
        their Average is a rate between 0 and 1. CPU and memory are shares up to 100 %. Counts and times are not
        below zero.
        """, example: "metric: Invocation4XXErrors\nstatistic: Average\nthreshold: \"> 1\"",
        mend: "metric: Invocation4XXErrors\nstatistic: Average\nthreshold: \"> 5%\"")
    case .thresholdAlwaysMet:
      Explanation(
        "an alarm is tripped by any value",
        "Every value the metric can have keeps this condition: every rollout would be taken back.",
        example: "metric: InvocationModelErrors\nstatistic: Sum\nthreshold: \">= 0\"",
        mend: "metric: InvocationModelErrors\nstatistic: Sum\nthreshold: \"> 5\"")
    case .trafficTooSmall:
      Explanation(
        "a canary share is too small for an alarm",
        """
        The alarm counts failed requests, and the canary's share of all traffic brings fewer requests in a period than
        must fail, even if every one of them fails. Traffic is reckoned as the most that autoscaling lets the endpoint
        carry: target × most instances × share × period.
        """,
        example: "weight: 1%                # of 70 a minute on one instance: 3.5 requests in 5m\nthreshold: \"> 5\"",
        mend: "weight: 10%               # 35 requests in 5m\nthreshold: \"> 5\"")
    case .datapointsImpossible:
      Explanation(
        "an alarm asks for datapoints that there cannot be",
        "'M of N': M of the last N datapoints must breach. M is at least 1 and not more than N.",
        example: "datapoints: 3 of 2", mend: "datapoints: 2 of 3")
    case .periodNotPositive:
      Explanation(
        "a period is zero or less", "A datapoint covers the time of one period; in no time nothing happens.",
        example: "period: 0s", mend: "period: 5m")
    case .percentileOfCounts:
      Explanation(
        "a percentile of a count",
        """
        A percentile ranks samples by size. Counting metrics have one sample of 0 or 1 per request, so their
        percentiles are 0 or 1 as well and jump between them.
        """, example: "metric: InvocationModelErrors\nstatistic: p99",
        mend: "metric: InvocationModelErrors\nstatistic: Average")
    default: nil
    }
  }
}
