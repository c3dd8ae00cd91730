"""What the handlers of CloudFormation's resource types may do, beside what stacks here carry out by a call.

Each type's schema in CloudFormation's registry lists it under `handlers`: reading a resource back, and its tags; every
stack that a change set with tags made puts tags on its resources. Left out is what only properties need that no stack
here has (keys of KMS, scheduled scaling, Lambda), and taking tags away.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from scaling import SERVICE_ROLE

ACTIONS = {
    "AWS::SageMaker::Model": {
        "create": ["sagemaker:AddTags", "sagemaker:DescribeModel", "sagemaker:ListTags"],
        "update": ["sagemaker:AddTags", "sagemaker:DescribeModel", "sagemaker:ListTags"],
    },
    "AWS::SageMaker::EndpointConfig": {
        "create": ["sagemaker:AddTags", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"],
        "update": ["sagemaker:AddTags", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"],
    },
    "AWS::SageMaker::Endpoint": {
        "create": ["sagemaker:DescribeEndpoint", "sagemaker:AddTags", "sagemaker:ListTags"],
        "update": ["sagemaker:DescribeEndpoint", "sagemaker:AddTags", "sagemaker:ListTags"],
        "delete": ["sagemaker:DescribeEndpoint"],
    },
    "AWS::CloudWatch::Alarm": {
        "create": ["cloudwatch:DescribeAlarms", "cloudwatch:TagResource", "cloudwatch:ListTagsForResource"],
        "update": ["cloudwatch:DescribeAlarms", "cloudwatch:TagResource", "cloudwatch:ListTagsForResource"],
        "delete": ["cloudwatch:DescribeAlarms"],
    },
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        word: [
            "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScheduledActions",
            "application-autoscaling:TagResource", "application-autoscaling:ListTagsForResource",
        ]
        for word in ("create", "update")
    },
    "AWS::ApplicationAutoScaling::ScalingPolicy": {
        "create": ["application-autoscaling:DescribeScalingPolicies", "cloudwatch:GetMetricData"],
        "update": ["application-autoscaling:DescribeScalingPolicies", "cloudwatch:GetMetricData"],
        "delete": ["application-autoscaling:DescribeScalingPolicies"],
    },
}

# IAM narrows these to no resource.
WIDE = {
    "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScheduledActions",
    "application-autoscaling:DescribeScalingPolicies", "cloudwatch:GetMetricData",
}


def require(caller, region, kind, word, properties):
    """Refuses `caller` what the handler of a resource of this type needs for `word`: create, update or delete."""
    for action in ACTIONS.get(kind.name, {}).get(word, []):
        # Tags and schedules of a scalable target are asked for by its own ARN, which knows no namespace.
        caller.require(action, "*" if action in WIDE else _arn(region, kind, properties))
    if kind.name == "AWS::ApplicationAutoScaling::ScalableTarget" and word == "create":
        service = SERVICE_ROLE.split("/")[-2]
        caller.require("iam:CreateServiceLinkedRole", SERVICE_ROLE, {"iam:AWSServiceName": service})


def _arn(region, kind, properties):
    if kind.name == "AWS::ApplicationAutoScaling::ScalableTarget":
        return region.arn("application-autoscaling", f"scalable-target/{region.world.unique()}")
    name = properties[kind.name_property]
    if kind.name == "AWS::CloudWatch::Alarm":
        return region.arn("cloudwatch", f"alarm:{name}")
    word = {"Model": "model", "EndpointConfig": "endpoint-config", "Endpoint": "endpoint"}[kind.name.split("::")[-1]]
    return region.arn("sagemaker", f"{word}/{name.lower()}")
