"""The types of resources that stacks here can have, each made by its own service.

What replaces a resource, what Ref and Fn::GetAtt give, and which properties there are:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

import handlers
from errors import ServiceError


class Failed(Exception):
    """Why a resource could not be brought where it should be."""


class ResourceType:
    """`create`, `update` and `delete` are generators of seconds to wait; `create` returns the physical id."""

    name = None
    properties = set()
    required = set()
    # Properties whose change makes another resource.
    replacing = set()
    attribute_names = set()
    # The property that names the resource, and where its own name ends up if there is none.
    name_property = None
    longest_name = 63

    def named(self, properties, work):
        """`properties` with a name made up by CloudFormation if the template gives none."""
        if self.name_property is None or properties.get(self.name_property) is not None:
            return dict(properties)
        stem = f"{work.stack.name}-{work.logical}"[: self.longest_name - 13]
        suffix = work.region.world.unique().replace("-", "")[:12]
        return {**properties, self.name_property: f"{stem}-{suffix}"}

    def check(self, properties):
        problems = [f"#: extraneous key [{key}] is not permitted" for key in properties if key not in self.properties]
        problems += [f"#: required key [{key}] not found" for key in sorted(self.required - set(properties))]
        if problems:
            raise Failed(f"Properties validation failed for resource with message: [{', '.join(problems)}]")

    def update(self, work, physical, old, new):
        """Only what `replacing` leaves comes here."""
        yield from ()

    def attributes(self, region, physical, properties):
        return {}


class Model(ResourceType):
    name = "AWS::SageMaker::Model"
    properties = {
        "Containers", "EnableNetworkIsolation", "ExecutionRoleArn", "InferenceExecutionConfig", "ModelName",
        "PrimaryContainer", "Tags", "VpcConfig",
    }
    replacing = properties - {"Tags"}
    attribute_names = {"Id", "ModelName"}
    name_property = "ModelName"

    def create(self, work, properties):
        answer = work.call("sagemaker", "CreateModel", properties)
        yield work.pace
        return answer["ModelArn"]

    def update(self, work, physical, old, new):
        work.tag(physical, new)
        yield work.pace

    def delete(self, work, physical, properties):
        work.call_if_there("sagemaker", "DeleteModel", {"ModelName": properties["ModelName"]})
        yield work.pace

    def attributes(self, region, physical, properties):
        return {"Id": physical, "ModelName": properties["ModelName"]}


class EndpointConfig(ResourceType):
    name = "AWS::SageMaker::EndpointConfig"
    properties = {
        "AsyncInferenceConfig", "DataCaptureConfig", "EnableNetworkIsolation", "EndpointConfigName",
        "ExecutionRoleArn", "ExplainerConfig", "KmsKeyId", "ProductionVariants", "ShadowProductionVariants", "Tags",
        "VpcConfig",
    }
    required = {"ProductionVariants"}
    replacing = properties - {"Tags"}
    attribute_names = {"Id", "EndpointConfigName"}
    name_property = "EndpointConfigName"

    def create(self, work, properties):
        answer = work.call("sagemaker", "CreateEndpointConfig", properties)
        yield work.pace
        return answer["EndpointConfigArn"]

    def update(self, work, physical, old, new):
        work.tag(physical, new)
        yield work.pace

    def delete(self, work, physical, properties):
        work.call_if_there(
            "sagemaker", "DeleteEndpointConfig", {"EndpointConfigName": properties["EndpointConfigName"]}
        )
        yield work.pace

    def attributes(self, region, physical, properties):
        return {"Id": physical, "EndpointConfigName": properties["EndpointConfigName"]}


class Endpoint(ResourceType):
    name = "AWS::SageMaker::Endpoint"
    properties = {
        "DeploymentConfig", "EndpointConfigName", "EndpointName", "ExcludeRetainedVariantProperties",
        "RetainAllVariantProperties", "RetainDeploymentConfig", "Tags",
    }
    required = {"EndpointConfigName"}
    replacing = {"EndpointName"}
    attribute_names = {"Id", "EndpointName"}
    name_property = "EndpointName"
    _retained = ("RetainAllVariantProperties", "RetainDeploymentConfig", "ExcludeRetainedVariantProperties")
    # The endpoint is asked for its state so often.
    poll = 15

    def create(self, work, properties):
        for key in self._retained:
            if properties.get(key) not in (None, False, "false"):
                raise Failed(f"{key} is only supported when updating an endpoint.")
        given = {key: value for key, value in properties.items() if key not in self._retained}
        given["EndpointConfigName"] = _last(given["EndpointConfigName"])
        answer = work.call("sagemaker", "CreateEndpoint", given)
        endpoint = yield from self._settled(work, properties)
        if endpoint.status != "InService":
            raise Failed(f"Endpoint {endpoint.name} failed to be created: {endpoint.failure_reason}")
        return answer["EndpointArn"]

    def update(self, work, physical, old, new):
        wanted = _last(new["EndpointConfigName"])
        work.tag(physical, new)
        endpoint = work.region.endpoints.endpoints.get(new["EndpointName"])
        options = work.region.world.options["cloudFormation"]
        is_there = endpoint is not None and endpoint.blue.name == wanted and endpoint.deployment is None
        if work.is_rollback and is_there and not options["rollbackRedeploys"]:
            yield work.pace
            return
        if _last(old["EndpointConfigName"]) == wanted and is_there and not self._deploys(old, new):
            yield work.pace
            return
        given = {key: value for key, value in new.items() if key != "Tags"}
        given["EndpointConfigName"] = wanted
        work.call("sagemaker", "UpdateEndpoint", given)
        endpoint = yield from self._settled(work, new)
        if endpoint.status != "InService":
            raise Failed(f"Endpoint {endpoint.name} is {endpoint.status}: {endpoint.failure_reason or ''}")
        if endpoint.blue.name != wanted and options["noticesRollback"]:
            raise Failed(f"Endpoint {endpoint.name} was rolled back: {endpoint.failure_reason or 'no reason given'}")

    @staticmethod
    def _deploys(old, new):
        """Any change but that of tags is an UpdateEndpoint, and every UpdateEndpoint launches a fleet."""
        return any(old.get(key) != new.get(key) for key in set(old) | set(new) if key != "Tags")

    def _settled(self, work, properties):
        while True:
            endpoint = work.region.endpoints.endpoints.get(properties["EndpointName"])
            if endpoint is None:
                raise Failed(f"Endpoint {properties['EndpointName']} does not exist.")
            if endpoint.status not in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
                return endpoint
            yield self.poll

    def delete(self, work, physical, properties):
        name = properties["EndpointName"]
        endpoints = work.region.endpoints.endpoints
        while name in endpoints and endpoints[name].status in ("Creating", "Updating"):
            yield self.poll
        work.call_if_there("sagemaker", "DeleteEndpoint", {"EndpointName": name})
        while name in endpoints:
            yield self.poll

    def attributes(self, region, physical, properties):
        return {"Id": physical, "EndpointName": properties["EndpointName"]}


class Alarm(ResourceType):
    name = "AWS::CloudWatch::Alarm"
    properties = {
        "ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmName", "ComparisonOperator", "DatapointsToAlarm",
        "Dimensions", "EvaluateLowSampleCountPercentile", "EvaluationPeriods", "ExtendedStatistic",
        "InsufficientDataActions", "MetricName", "Metrics", "Namespace", "OKActions", "Period", "Statistic", "Tags",
        "Threshold", "ThresholdMetricId", "TreatMissingData", "Unit",
    }
    required = {"ComparisonOperator", "EvaluationPeriods"}
    replacing = {"AlarmName"}
    attribute_names = {"Arn"}
    name_property = "AlarmName"
    longest_name = 255

    def create(self, work, properties):
        if properties["AlarmName"] in work.region.alarms.alarms:
            raise Failed(f"{properties['AlarmName']} already exists")
        work.call("cloudwatch", "PutMetricAlarm", properties)
        yield work.pace
        return properties["AlarmName"]

    def update(self, work, physical, old, new):
        work.call("cloudwatch", "PutMetricAlarm", new)
        yield work.pace

    def delete(self, work, physical, properties):
        work.call_if_there("cloudwatch", "DeleteAlarms", {"AlarmNames": [physical]})
        yield work.pace

    def attributes(self, region, physical, properties):
        return {"Arn": region.arn("cloudwatch", f"alarm:{physical}")}


class ScalableTarget(ResourceType):
    name = "AWS::ApplicationAutoScaling::ScalableTarget"
    properties = {
        "MaxCapacity", "MinCapacity", "ResourceId", "RoleARN", "ScalableDimension", "ScheduledActions",
        "ServiceNamespace", "SuspendedState",
    }
    required = {"MaxCapacity", "MinCapacity", "ResourceId", "ScalableDimension", "ServiceNamespace"}
    replacing = {"ResourceId", "ScalableDimension", "ServiceNamespace"}
    attribute_names = {"Id"}

    def create(self, work, properties):
        if properties["ResourceId"] in work.region.scaling.targets:
            raise Failed(f"{_target_id(properties)} already exists")
        work.call("application-autoscaling", "RegisterScalableTarget", properties)
        yield work.pace
        return _target_id(properties)

    def update(self, work, physical, old, new):
        work.call("application-autoscaling", "RegisterScalableTarget", new)
        yield work.pace

    def delete(self, work, physical, properties):
        given = {key: properties[key] for key in ("ResourceId", "ScalableDimension", "ServiceNamespace")}
        work.call_if_there("application-autoscaling", "DeregisterScalableTarget", given)
        yield work.pace

    def attributes(self, region, physical, properties):
        return {"Id": physical}


class ScalingPolicy(ResourceType):
    name = "AWS::ApplicationAutoScaling::ScalingPolicy"
    properties = {
        "PolicyName", "PolicyType", "PredictiveScalingPolicyConfiguration", "ResourceId", "ScalableDimension",
        "ScalingTargetId", "ServiceNamespace", "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration",
    }
    required = {"PolicyName", "PolicyType"}
    replacing = {"PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace"}
    attribute_names = {"Arn", "PolicyName"}

    def create(self, work, properties):
        answer = work.call("application-autoscaling", "PutScalingPolicy", self._given(properties))
        yield work.pace
        return answer["PolicyARN"]

    def update(self, work, physical, old, new):
        work.call("application-autoscaling", "PutScalingPolicy", self._given(new))
        yield work.pace

    def delete(self, work, physical, properties):
        given = self._given(properties)
        given = {key: given[key] for key in ("PolicyName", "ResourceId", "ScalableDimension", "ServiceNamespace")}
        work.call_if_there("application-autoscaling", "DeleteScalingPolicy", given)
        yield work.pace

    @staticmethod
    def _given(properties):
        given = dict(properties)
        target = given.pop("ScalingTargetId", None)
        if target is not None:
            given["ResourceId"], given["ScalableDimension"], given["ServiceNamespace"] = target.split("|")
        return given

    def attributes(self, region, physical, properties):
        return {"Arn": physical, "PolicyName": properties["PolicyName"]}


class Role(ResourceType):
    """Only so much that templates with one need a capability, and that SageMaker can be given it."""

    name = "AWS::IAM::Role"
    properties = {
        "AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path",
        "PermissionsBoundary", "Policies", "RoleName", "Tags",
    }
    required = {"AssumeRolePolicyDocument"}
    replacing = {"RoleName", "Path"}
    attribute_names = {"Arn", "RoleId"}
    name_property = "RoleName"

    def create(self, work, properties):
        yield work.pace
        return properties["RoleName"]

    def delete(self, work, physical, properties):
        yield work.pace

    def attributes(self, region, physical, properties):
        return {"Arn": f"arn:aws:iam::123456789012:role/{physical}", "RoleId": "AROA" + physical.upper()[:16]}


class WaitConditionHandle(ResourceType):
    """Nothing; for templates that need a resource of no consequence."""

    name = "AWS::CloudFormation::WaitConditionHandle"

    def create(self, work, properties):
        yield work.pace
        return f"https://cloudformation-waitcondition.example/{work.logical}"

    def delete(self, work, physical, properties):
        yield work.pace


def _last(name):
    """SageMaker takes names; what Ref gives is an ARN, and CloudFormation takes both."""
    return name.split("/")[-1]


def _target_id(properties):
    return f"{properties['ResourceId']}|{properties['ScalableDimension']}|{properties['ServiceNamespace']}"


TYPES = {
    kind.name: kind()
    for kind in (Model, EndpointConfig, Endpoint, Alarm, ScalableTarget, ScalingPolicy, Role, WaitConditionHandle)
}
MISSING_CODES = {"ObjectNotFoundException", "ResourceNotFound"}


class Work:
    """One resource of one stack being worked on: what it may call, and as whom."""

    def __init__(self, stack, region, logical, caller, is_rollback):
        self.stack = stack
        self.region = region
        self.logical = logical
        self._caller = caller
        self.is_rollback = is_rollback
        # Whether a call went through, so that there may be something to delete again.
        self.has_called = False
        self.pace = region.world.options["cloudFormation"]["resourceSeconds"]

    def may(self, word, resource):
        """Fails if the caller lacks something that the resource's handler needs for `word`."""
        try:
            handlers.require(self._caller, self.region, resource.kind, word, resource.properties)
        except ServiceError as error:
            raise self._failed(error, resource.resource_type) from None

    def call(self, service, operation, properties):
        try:
            answer = self._perform(service, operation, properties)
            self.has_called = True
            return answer
        except ServiceError as error:
            raise self._failed(error, service) from None

    def _failed(self, error, service):
        return Failed(
            f'Resource handler returned message: "{error.message} (Service: {service}, '
            f'Status Code: {error.status}, Request ID: {self.region.world.unique()})" '
            f"(HandlerErrorCode: {_handler_code(error)})"
        )

    def call_if_there(self, service, operation, properties):
        try:
            self._perform(service, operation, properties)
        except ServiceError as error:
            if error.code not in MISSING_CODES and not error.message.startswith("Could not find"):
                raise Failed(f"Resource handler returned message: \"{error.message}\"") from None

    def _perform(self, service, operation, properties):
        world = self.region.world
        entry = {
            "service": service, "operation": operation, "region": self.region.name, "user": self._caller.name,
            "parameters": properties, "by": "cloudformation", "status": 200, "at": self.region.clock.now,
        }
        for fault in world.faults:
            if fault.meets_work(service, operation, self._caller):
                entry["fault"] = fault.kind
                self._again_later(dict(entry), fault.seconds)
        return self._asked(entry)

    def _asked(self, entry):
        world = self.region.world
        world.log.append(entry)
        service, operation = entry["service"], entry["operation"]
        try:
            checked = world.check(service, operation, entry["parameters"])
            return world.perform(self._caller, self.region.name, service, operation, checked)
        except ServiceError as error:
            entry.update(status=error.status, error=error.code, message=error.message)
            raise

    def _again_later(self, entry, seconds):
        """A copy of the request that was under way for longer."""

        def arrive():
            entry.update(late=True, at=self.region.clock.now)
            try:
                self._asked(entry)
            except ServiceError:
                pass  # Nobody hears the answer.

        self.region.clock.after(seconds, arrive)

    def tag(self, arn, properties):
        self.region.packages.tags[arn] = list(properties.get("Tags", []))


def _handler_code(error):
    if "already existing" in error.message:
        return "AlreadyExists"
    return {"AccessDeniedException": "AccessDenied"}.get(error.code, "InvalidRequest")
