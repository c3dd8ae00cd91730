/// What `rollout` does on AWS for one service, and what its endpoints do. The one place that lists the actions.
struct ServiceAccess: Sendable {
  var service: String
  var place: AWSPlace

  /// The role that SageMaker assumes for the model.
  var roleARN: String { place.globalARN("iam", "role/\(service)-endpoint", account: place.account) }

  /// What whoever runs `rollout` needs. CloudFormation acts with the same rights, so that what is in the stack is here.
  var rolloutPolicy: AccessPolicy {
    AccessPolicy(
      statements: stacks + endpoints + models + alarms + scaling + state + [
        AccessPolicy.Statement(
          id: "HandTheRoleToSageMaker", actions: ["iam:PassRole"], resources: [roleARN],
          conditions: ["StringEquals": ["iam:PassedToService": ["sagemaker.amazonaws.com"]]]),
        quotas,
      ])
  }

  /// What `rollout plan` needs: it looks, and asks CloudFormation what a change set would do. It can deploy nothing, so
  /// that a change which nobody has reviewed yet may be planned.
  var planPolicy: AccessPolicy {
    AccessPolicy(statements: [
      statement(
        "Stacks",
        [
          "CreateChangeSet", "TagResource", "DescribeChangeSet", "DeleteChangeSet", "DescribeStacks",
          "ListStackResources",
        ].map { "cloudformation:\($0)" }, on: [place.arn("cloudformation", "stack/\(service)-*/*")]),
      statement("Endpoints", ["sagemaker:DescribeEndpoint"], on: [sageMaker("endpoint")]),
      listPackages,
      statement("Packages", ["sagemaker:DescribeModelPackage"], on: [packages]),
      statement("Alarms", ["cloudwatch:DescribeAlarms"], on: [ownAlarms]),
      metrics,
      statement("Journal", ["s3:GetObject"], on: [journal]),
      listJournal, quotas,
    ])
  }

  private var quotas: AccessPolicy.Statement {
    statement("ReadQuotas", ["servicequotas:ListServiceQuotas"], on: ["*"])
  }

  private func statement(_ id: String, _ actions: [String], on resources: [String]) -> AccessPolicy.Statement {
    AccessPolicy.Statement(id: id, actions: actions, resources: resources)
  }

  private var stacks: [AccessPolicy.Statement] {
    let actions = [
      "CreateChangeSet", "TagResource", "DescribeChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DescribeStacks",
      "DescribeStackEvents", "ListStackResources", "DeleteStack",
    ]
    return [
      statement(
        "Stacks", actions.map { "cloudformation:\($0)" }, on: [place.arn("cloudformation", "stack/\(service)-*/*")])
    ]
  }

  /// SageMaker writes names in ARNs in lower case.
  private func sageMaker(_ kind: String) -> String { place.arn("sagemaker", "\(kind)/\(service.lowercased())-*") }

  private var endpoints: [AccessPolicy.Statement] {
    [
      statement(
        "Endpoints",
        [
          "sagemaker:DescribeEndpoint", "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint",
          "sagemaker:UpdateEndpointWeightsAndCapacities", "sagemaker:DeleteEndpoint", "sagemaker:InvokeEndpoint",
        ], on: [sageMaker("endpoint")]),
      // An endpoint is created and updated with a configuration, and a configuration with a model.
      statement(
        "Configurations",
        [
          "sagemaker:DescribeEndpointConfig", "sagemaker:CreateEndpointConfig", "sagemaker:DeleteEndpointConfig",
          "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint",
        ], on: [sageMaker("endpoint-config")]),
      statement(
        "Models", ["sagemaker:DescribeModel", "sagemaker:CreateModel", "sagemaker:DeleteModel"],
        on: [sageMaker("model")]),
      statement(
        "Tags", ["sagemaker:ListTags", "sagemaker:AddTags"],
        on: [sageMaker("endpoint"), sageMaker("endpoint-config"), sageMaker("model")]),
    ]
  }

  private var models: [AccessPolicy.Statement] {
    [
      listPackages,
      statement("Packages", ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"], on: [packages]),
    ]
  }

  /// IAM knows no groups for this one.
  private var listPackages: AccessPolicy.Statement {
    statement("ListPackages", ["sagemaker:ListModelPackages"], on: ["*"])
  }
  private var packages: String { place.arn("sagemaker", "model-package/\(service.lowercased())/*") }

  private var alarms: [AccessPolicy.Statement] {
    [
      statement(
        "Alarms", ["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"],
        on: [
          ownAlarms,
          // Application Auto Scaling keeps alarms of its own for each endpoint.
          place.arn("cloudwatch", "alarm:TargetTracking-endpoint/\(service)-*"),
        ]),
      // A stack's tags go to its alarms, too.
      statement("AlarmTags", ["cloudwatch:TagResource", "cloudwatch:ListTagsForResource"], on: [ownAlarms]),
      metrics,
      AccessPolicy.Statement(
        id: "Abort", actions: ["cloudwatch:PutMetricData"], resources: ["*"],
        conditions: ["StringEquals": ["cloudwatch:namespace": ["Rollout"]]]),
    ]
  }

  private var ownAlarms: String { place.arn("cloudwatch", "alarm:\(service)-*") }
  private var metrics: AccessPolicy.Statement { statement("Metrics", ["cloudwatch:GetMetricData"], on: ["*"]) }

  private var scaling: [AccessPolicy.Statement] {
    let prefix = "application-autoscaling"
    let linked = "sagemaker.application-autoscaling.amazonaws.com"
    let role = "aws-service-role/\(linked)/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return [
      statement(
        "ReadScaling",
        ["DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScheduledActions"].map { "\(prefix):\($0)" },
        on: ["*"]),
      AccessPolicy.Statement(
        id: "Scaling",
        actions: ["RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy"]
          .map { "\(prefix):\($0)" }, resources: [place.arn(prefix, "scalable-target/*")],
        conditions: [
          "StringEquals": [
            "\(prefix):service-namespace": ["sagemaker"],
            "\(prefix):scalable-dimension": ["sagemaker:variant:DesiredInstanceCount"],
          ]
        ]),
      statement(
        "ScalingTags", ["TagResource", "ListTagsForResource"].map { "\(prefix):\($0)" },
        on: [place.arn(prefix, "scalable-target/*")]),
      AccessPolicy.Statement(
        id: "ScalingRole", actions: ["iam:CreateServiceLinkedRole"],
        resources: [place.globalARN("iam", "role/\(role)", account: place.account)],
        conditions: ["StringEquals": ["iam:AWSServiceName": [linked]]]),
    ]
  }

  private var state: [AccessPolicy.Statement] {
    [statement("Journal", ["s3:GetObject", "s3:PutObject"], on: [journal]), listJournal]
  }
  private var bucket: String { "arn:\(place.partition):s3:::\(place.bucket)" }
  private var journal: String { "\(bucket)/\(service)/*" }

  /// Without it, an object that is not there looks like one that may not be read; such a question names no prefix.
  private var listJournal: AccessPolicy.Statement {
    AccessPolicy.Statement(
      id: "ListJournal", actions: ["s3:ListBucket"], resources: [bucket],
      conditions: ["StringLikeIfExists": ["s3:prefix": ["\(service)/*"]]])
  }

  /// What SageMaker needs on behalf of the endpoints: the model, its container, its logs, and the alarms it watches.
  var endpointPolicy: AccessPolicy {
    let repositories = place.arn("ecr", "repository/\(service)*")
    return AccessPolicy(statements: [
      statement("WatchAlarms", ["cloudwatch:DescribeAlarms"], on: [ownAlarms]),
      statement("ModelData", ["s3:GetObject"], on: ["arn:\(place.partition):s3:::\(place.bucket)/models/*"]),
      statement("RegistryToken", ["ecr:GetAuthorizationToken"], on: ["*"]),
      statement(
        "Images", ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
        on: [repositories]),
      statement(
        "Logs",
        ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        on: [place.arn("logs", "log-group:/aws/sagemaker/Endpoints/\(service)-*")]),
      AccessPolicy.Statement(
        id: "Metrics", actions: ["cloudwatch:PutMetricData"], resources: ["*"],
        conditions: ["StringLike": ["cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"]]]),
    ])
  }
}
