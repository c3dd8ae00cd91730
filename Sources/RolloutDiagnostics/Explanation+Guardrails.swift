extension DiagnosticCode {
  /// R031: how traffic moves on SageMaker, and what takes it back.
  var guardrailExplanation: Explanation? { trafficExplanation ?? rollbackExplanation }

  private var trafficExplanation: Explanation? {
    switch self {
    case .shareOutOfRange:
      Explanation(
        "a share of traffic is out of SageMaker's range",
        """
        A canary is 1 to 50 % of the instances, a linear step 10 to 50 %, a rolling batch 5 to 50 %. Neither cfn-lint
        nor Terraform says so; SageMaker refuses it when everything else has been created.
        """, example: "CanarySize: {Type: CAPACITY_PERCENT, Value: 90}",
        mend: "CanarySize: {Type: CAPACITY_PERCENT, Value: 10}")
    case .shareMissing:
      Explanation(
        "traffic moves by shares, and none is given",
        "CANARY needs 'CanarySize', LINEAR needs 'LinearStepSize', and a rolling update 'MaximumBatchSize'.",
        example: "TrafficRoutingConfiguration: {Type: CANARY, WaitIntervalInSeconds: 600}",
        mend:
          "TrafficRoutingConfiguration:\n  Type: CANARY\n  WaitIntervalInSeconds: 600\n  CanarySize: {Type: CAPACITY_PERCENT, Value: 10}"
      )
    case .shareTooCoarse:
      Explanation(
        "a fleet is too small for its share of traffic",
        """
        SageMaker moves traffic by whole instances, so a canary is never smaller than one. One instance of one is
        everybody; one of two is half, whatever the percentage says.
        """, example: "InitialInstanceCount: 1     # with a canary of 10 %",
        mend: "InitialInstanceCount: 4     # the smallest canary is a quarter")
    case .waitOutOfRange:
      Explanation(
        "a wait is missing or out of SageMaker's range",
        """
        Each wait lasts 0 to 3600 s. SageMaker's API requires 'WaitIntervalInSeconds', although CloudFormation's schema
        does not.
        """, example: "WaitIntervalInSeconds: 7200", mend: "WaitIntervalInSeconds: 3600")
    case .timeoutOutOfRange:
      Explanation(
        "the time for a deployment is out of SageMaker's range",
        "'MaximumExecutionTimeoutInSeconds' lasts 600 to 28800 s.", example: "MaximumExecutionTimeoutInSeconds: 300",
        mend: "MaximumExecutionTimeoutInSeconds: 3600")
    case .timeoutShorterThanWaits:
      Explanation(
        "a deployment's time is up before its waits are over",
        """
        The time includes every wait, and instances take minutes to start. When it is up, SageMaker goes back, however
        well the new version does.
        """,
        example: "WaitIntervalInSeconds: 1800\nTerminationWaitInSeconds: 1800\nMaximumExecutionTimeoutInSeconds: 1800",
        mend: "WaitIntervalInSeconds: 1800\nTerminationWaitInSeconds: 1800\nMaximumExecutionTimeoutInSeconds: 7200")
    case .policiesCombined:
      Explanation(
        "a deployment is both blue/green and rolling",
        "SageMaker takes one update policy. With 'Fn::If', one of them must become AWS::NoValue.",
        example: "DeploymentConfig: {BlueGreenUpdatePolicy: {}, RollingUpdatePolicy: {}}",
        mend: "DeploymentConfig: {BlueGreenUpdatePolicy: {}}")
    case .guardrailsIgnored:
      Explanation(
        "the guardrails would be ignored",
        """
        For Inf1 instances and serverless variants, and for rolling updates of several variants, SageMaker moves all
        traffic at once and watches nothing, without saying so. The same holds for containers from AWS Marketplace, which
        no template shows.
        """, example: "InstanceType: ml.inf1.xlarge", mend: "InstanceType: ml.inf2.xlarge")
    default: nil
    }
  }

  private var rollbackExplanation: Explanation? {
    switch self {
    case .rollbackAlarmUndefined:
      Explanation(
        "a rollback alarm is not in the template",
        """
        SageMaker is told to watch an alarm that the template does not make. If nobody else does, the deployment fails;
        if somebody does, nothing here says what it watches.
        """, example: "Alarms: [{AlarmName: eye-catcher-errors}]", mend: "Alarms: [{AlarmName: !Ref ModelErrorsAlarm}]")
    case .rollbackAlarmsTooMany:
      Explanation(
        "there are more than ten rollback alarms",
        "SageMaker watches one to ten alarms. The abort alarm is one of them.",
        example: "Alarms: [one, two, …, eleven]", mend: "Alarms: [one, two, …, ten]")
    case .rollbackAlarmsNone:
      Explanation(
        "no alarm takes a deployment back",
        "Without alarms in 'AutoRollbackConfiguration' SageMaker waits, and then goes on whatever happened.",
        example: "DeploymentConfig:\n  BlueGreenUpdatePolicy: {}",
        mend:
          "DeploymentConfig:\n  BlueGreenUpdatePolicy: {}\n  AutoRollbackConfiguration: {Alarms: [{AlarmName: !Ref ModelErrorsAlarm}]}"
      )
    case .scalingAlarmInRollback:
      Explanation(
        "an alarm of autoscaling takes deployments back",
        "Application Auto Scaling's own alarms trip whenever there is much or little traffic, which is no fault.",
        example: "Alarms: [{AlarmName: TargetTracking-endpoint/fox/variant/AllTraffic-AlarmHigh-1}]",
        mend: "Alarms: [{AlarmName: !Ref ModelErrorsAlarm}]")
    case .abortAlarmMissing:
      Explanation(
        "a deployment cannot be aborted",
        """
        While SageMaker waits, only an alarm makes it go back. 'rollout abort' trips one of its own: metric 'Abort' in
        the namespace 'Rollout', by endpoint, among the rollback alarms. Without it, a deployment that people want back
        can only be followed by another one.
        """, example: "Alarms: [{AlarmName: !Ref ModelErrorsAlarm}]",
        mend: "Alarms: [{AlarmName: !Ref ModelErrorsAlarm}, {AlarmName: !Ref AbortAlarm}]")
    case .abortAlarmUnsound:
      Explanation(
        "the abort alarm would not do what it is for",
        """
        One point of 1 must trip it at once, and silence must change nothing: Maximum above 0 over one period of 60 s,
        missing data ignored.
        """, example: "TreatMissingData: breaching", mend: "TreatMissingData: ignore")
    case .wayBackWatched:
      Explanation(
        "the alarms of a bad version would end the way back from it",
        """
        SageMaker watches the rollback alarms also while an earlier version is deployed again. The bad one set them off,
        so it would return to the bad one. rollout fills in the parameter Guarded, which is "false" on a way back.
        """, example: "AutoRollbackConfiguration: {Alarms: [{AlarmName: !Ref ModelErrorsAlarm}]}",
        mend:
          "AutoRollbackConfiguration: !If [IsGuarded, {Alarms: [{AlarmName: !Ref ModelErrorsAlarm}]}, !Ref AWS::NoValue]"
      )
    case .instanceCountsReset:
      Explanation(
        "each update would reset the number of instances",
        """
        Without 'RetainAllVariantProperties' an update goes back to 'InitialInstanceCount', in the middle of whatever
        traffic autoscaling had grown the fleet for.
        """, example: "Endpoint:\n  Properties: {EndpointName: fox}",
        mend:
          "RetainAllVariantProperties: true\nExcludeRetainedVariantProperties: [{VariantPropertyType: DesiredWeight}]")
    case .retainedOnCreation:
      Explanation(
        "a new endpoint is told to keep what it had",
        "SageMaker refuses 'RetainAllVariantProperties' for an endpoint that does not exist yet. Use a condition.",
        example: "RetainAllVariantProperties: true",
        mend: "RetainAllVariantProperties: !If [IsFirstDeployment, !Ref AWS::NoValue, true]")
    default: nil
    }
  }
}
