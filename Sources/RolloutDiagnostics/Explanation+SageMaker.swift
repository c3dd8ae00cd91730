extension DiagnosticCode {
  /// R035: what SageMaker cannot do, or what nothing on AWS would take.
  var sageMakerExplanation: Explanation? { shiftExplanation ?? namesExplanation ?? placeExplanation }

  private var shiftExplanation: Explanation? {
    switch self {
    case .ladderImpossible:
      Explanation(
        "traffic cannot be shifted by these steps on SageMaker",
        """
        SageMaker's guardrails shift traffic by themselves, so that they go on and go back whoever watches. They know
        one share before everything, or equal steps up to everything. Other ladders cannot be told to them.
        """, example: "canary:\n  steps: [{weight: 10%, bake: 10m}, {weight: 50%, bake: 10m}]",
        mend: "canary:\n  steps: [{weight: 10%, bake: 20m}]\n  bakeAfter: 10m")
    case .guardrailShareOutOfRange:
      Explanation(
        "a share is not one that SageMaker takes",
        """
        A canary is at most half of the instances, a linear step 10 to 50 %, a rolling batch 5 to 50 %; all in whole
        per cent.
        """, example: "steps: [{weight: 80%, bake: 10m}]", mend: "steps: [{weight: 50%, bake: 10m}]")
    case .guardrailWaitTooLong:
      Explanation(
        "a bake is longer than SageMaker watches",
        "SageMaker watches each step, and the whole new fleet before it ends the old one, for at most an hour each.",
        example: "steps: [{weight: 10%, bake: 2h}]", mend: "linear: {step: 10%, bake: 15m}     # ten steps, 2h30m")
    case .deploymentTimeoutOutOfRange:
      Explanation(
        "a deployment has too little time, or too much",
        """
        SageMaker gives a whole deployment 10 minutes to 8 hours, and goes back when they are over. It must be more than
        all bakes together, because servers need to start as well.
        """, example: "target: {provider: sagemaker, timeout: 15m, …}     # and the bakes add up to 20m",
        mend: "target: {provider: sagemaker, …}                  # the bakes and half an hour")
    case .keepWarmNotKept:
      Explanation(
        "an old fleet is not kept warm on SageMaker",
        """
        Once the last bake is over, SageMaker ends the old fleet; a rollback after that starts instances anew. The time
        in which it goes back at once is 'bakeAfter', an hour at most.
        """, example: "allAtOnce: {bakeAfter: 10m, keepWarm: 1h}", mend: "allAtOnce: {bakeAfter: 1h}")
    case .shareOfOneInstance:
      Explanation(
        "one instance has no share to give",
        """
        SageMaker gives a new version a share of the traffic by giving it a share of the instances. A tenth of one
        instance is that instance: every user would meet the new version at once.
        """,
        example: "endpoint: {name: fox, instances: 1, type: ml.m5.xlarge}\nstrategy: {linear: {step: 10%, bake: 5m}}",
        mend: "endpoint: {name: fox, instances: 4, type: ml.m5.xlarge}\nstrategy: {linear: {step: 25%, bake: 5m}}")
    case .shareRounded:
      Explanation(
        "a share is rounded up to whole instances",
        """
        A share is made of whole instances, so that 10 % of four instances is one of them, a quarter of the users. The
        share that is written should be the one they meet.
        """, example: "endpoint: {instances: 4, …}\nsteps: [{weight: 10%, bake: 10m}]",
        mend: "endpoint: {instances: 4, …}\nsteps: [{weight: 25%, bake: 10m}]")
    case .rollingOnLocal:
      Explanation(
        "the local target replaces no batches",
        """
        A rolling deployment ends old instances while it starts new ones, because a second fleet costs money on AWS.
        On one machine it saves nothing, and takes away what a rollback would return to.
        """, example: "target: {provider: local}\nstrategy: {rolling: {batch: 25%, bake: 5m}}",
        mend: "target: {provider: local}\nstrategy: {linear: {step: 25%, bake: 5m}}")
    default: nil
    }
  }

  private var namesExplanation: Explanation? {
    switch self {
    case .templateLacksParameter:
      Explanation(
        "a template does not take what every deployment brings",
        """
        A deployment gives the stack the endpoint's name, a configuration name of its own, and the model package. A
        template without these parameters would deploy something else, or nothing new.
        """, example: "Parameters:\n  EndpointName: {Type: String}",
        mend: "Parameters:\n  EndpointName: {Type: String}\n  EndpointConfigName: {Type: String}\n"
          + "  ModelPackageArn: {Type: String}")
    case .wordWithoutEffect:
      Explanation(
        "a template does not take what the environment says",
        """
        What an environment says reaches AWS by the template's parameters. Where the parameter is not declared, the
        template's own value holds, whatever the file says. That is an error where users would be less protected.
        """, example: "strategy: {canary: …}     # and the template has no parameter 'Routing'",
        mend: "Parameters:\n  Routing: {Type: String, Default: CANARY}")
    case .alarmNotInTemplate:
      Explanation(
        "a template has no such alarm",
        """
        On SageMaker the stack creates the alarms, and SageMaker watches those that the endpoint names. An alarm file
        'model-errors' fills in ModelErrorsThreshold, ModelErrorsPeriod, ModelErrorsDatapoints and ModelErrorsPeriods; a
        template that takes none of them has no such alarm, and the rollout would be guarded less than it says.
        """, example: "alarms: [../Alarms/model-errors.yaml]     # no parameter begins with ModelErrors",
        mend: "Parameters:\n  ModelErrorsThreshold: {Type: Number, Default: 5}     # and the alarm that uses it")
    case .alarmSaysOtherwise:
      Explanation(
        "a template's alarm is not the one that its file describes",
        """
        An alarm file gives the template's alarm its threshold, period and datapoints. What it measures, by which
        statistic, how it compares, what no data means and whether SageMaker watches it, only the template says. Where
        the two differ, people would believe the file, and AWS the template.
        """, example: "metric: ModelLatency\nstatistic: p90     # the template's alarm has ExtendedStatistic: p99",
        mend: "metric: ModelLatency\nstatistic: p99")
    case .trafficMovesOtherwise:
      Explanation(
        "a template does not move traffic as the strategy says",
        """
        The template declares the parameters of a strategy, and its endpoint, with these values, would move traffic in
        another way: because a part of its DeploymentConfig is fixed, or missing.
        """, example: "TrafficRoutingConfiguration:\n  Type: ALL_AT_ONCE",
        mend: "TrafficRoutingConfiguration:\n  Type: !Ref Routing")
    case .watchedAlarmsTooMany:
      Explanation(
        "more alarms than SageMaker watches",
        """
        A deployment names ten alarms at most. One of them is rollout's own: by it, 'rollout abort' tells SageMaker to
        go back.
        """, example: "alarms: […]     # ten files, all with 'rollback: true'",
        mend: "rollback: false     # in some of them")
    case .parameterUndeclared:
      Explanation(
        "a template has no such parameter", "CloudFormation refuses values of parameters that a template lacks.",
        example: "parameters: {SubnetID: subnet-1}", mend: "parameters: {SubnetId: subnet-1}")
    case .parameterFilledIn:
      Explanation(
        "a parameter is given that rollout fills in",
        "Its value comes from the environment's other words, or from the deployment. Two answers cannot both hold.",
        example: "target: {…, parameters: {InstanceType: ml.m5.large}}",
        mend: "endpoint: {name: fox, type: ml.m5.large}")
    case .stackShared:
      Explanation(
        "two environments have the same stack",
        "A stack holds one endpoint. Each environment's deployment would take away what the other one serves.",
        example: "# staging.yaml and production.yaml\ntarget: {provider: sagemaker, stack: fox, …}",
        mend: "# staging.yaml\ntarget: {provider: sagemaker, stack: fox-staging, …}")
    case .stackNameImpossible:
      Explanation(
        "a stack cannot have this name",
        "Unless it is given, the name is SERVICE-ENVIRONMENT. CloudFormation's names begin with a letter.",
        example: "service: 2d-fox", mend: "target: {provider: sagemaker, stack: fox-2d-production, …}")
    default: nil
    }
  }

  private var placeExplanation: Explanation? {
    switch self {
    case .endpointNameTooLong:
      Explanation(
        "an endpoint's name leaves no room",
        """
        Each deployment has an endpoint configuration of its own, called by the endpoint and a number. SageMaker's names
        have 63 characters at most, so that the endpoint's may have 53.
        """, example: "name: image-moderation-of-uploads-by-new-accounts-in-production",
        mend: "name: image-moderation-prod")
    case .alarmPeriodImpossible:
      Explanation(
        "a period is none of CloudWatch's", "CloudWatch sums up 10 or 30 seconds, or whole minutes.",
        example: "period: 45s", mend: "period: 1m")
    case .alarmWindowTooLong:
      Explanation(
        "an alarm looks back too far",
        "CloudWatch judges the datapoints of a day at most, or of a week when each is an hour or more.",
        example: "period: 30m\ndatapoints: 3 of 60", mend: "period: 30m\ndatapoints: 3 of 48")
    case .scalingPeriodFixed:
      Explanation(
        "a scaling period is not a minute",
        "The datapoints of Application Auto Scaling are a minute long. Other lengths are for the local target.",
        example: "autoscaling: {instances: 2...7, invocationsPerInstance: 70, period: 10s}",
        mend: "autoscaling: {instances: 2...7, invocationsPerInstance: 70}")
    case .instanceTypeMissing:
      Explanation(
        "a type of instance is missing",
        "What an endpoint on SageMaker runs on decides what it costs: it is not guessed.",
        example: "endpoint: {name: fox-prod, instances: 4}",
        mend: "endpoint: {name: fox-prod, instances: 4, type: ml.m5.xlarge}")
    case .instanceTypeOnLocal:
      Explanation(
        "a type of instance on the local target", "The local target runs servers on the machine that it is on.",
        example: "target: {provider: local}\nendpoint: {name: fox, type: ml.m5.xlarge}",
        mend: "target: {provider: local}\nendpoint: {name: fox}")
    case .registryUnfit:
      Explanation(
        "a target cannot run the registry's packages",
        """
        SageMaker runs packages of its Model Registry, by their ARN. The local target runs commands in the files of a
        local registry. Neither can run the other's packages.
        """, example: "registry: {provider: local, …}\n# production.yaml\ntarget: {provider: sagemaker, …}",
        mend: "registry: {provider: sagemaker, …}\n# production.yaml\ntarget: {provider: sagemaker, …}")
    case .regionsDiffer:
      Explanation(
        "models and endpoint are in different regions",
        "SageMaker creates models from packages of its own region; one of another region is usually refused.",
        example:
          "registry: {provider: sagemaker, region: us-east-1, …}\ntarget: {provider: sagemaker, region: eu-west-1, …}",
        mend:
          "registry: {provider: sagemaker, region: eu-west-1, …}\ntarget: {provider: sagemaker, region: eu-west-1, …}")
    default: nil
    }
  }
}
