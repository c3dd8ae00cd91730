"""Application Auto Scaling: target tracking on invocations per instance, for SageMaker's variants.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

import math

from errors import ServiceError, validation_exception
from identity import ACCOUNT
from pages import page

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
PREDEFINED = "SageMakerVariantInvocationsPerInstance"
SERVICE_ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
# Condition keys of a request that names a namespace and a dimension.
KEYS = {
    "application-autoscaling:service-namespace": NAMESPACE, "application-autoscaling:scalable-dimension": DIMENSION,
}
# Below this part of the target for 15 minutes: scale in.
LOW = 0.9
DEFAULT_COOLDOWN = 300


class Target:
    def __init__(self, arn, resource, moment):
        self.arn = arn
        self.resource = resource
        self.created = moment
        self.least = self.most = 0
        self.role = None
        self.suspended = {}
        self.endpoint, self.variant = resource.split("/")[1], resource.split("/")[3]

    def description(self):
        names = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
        return {
            "ServiceNamespace": NAMESPACE, "ResourceId": self.resource, "ScalableDimension": DIMENSION,
            "MinCapacity": self.least, "MaxCapacity": self.most, "RoleARN": self.role, "CreationTime": self.created,
            "SuspendedState": {name: self.suspended.get(name, False) for name in names},
            "ScalableTargetARN": self.arn,
        }


class Policy:
    def __init__(self, arn, name, resource, moment):
        self.arn = arn
        self.name = name
        self.resource = resource
        self.created = moment
        self.configuration = {}
        self.high = self.low = None
        # When a cooldown ends, and the capacity that the scale-out in it went to.
        self.out_until = self.in_until = 0.0
        self.out_to = 0

    def description(self, alarms):
        return {
            "PolicyARN": self.arn, "PolicyName": self.name, "ServiceNamespace": NAMESPACE,
            "ResourceId": self.resource, "ScalableDimension": DIMENSION, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": self.configuration, "Alarms": self.alarms(alarms),
            "CreationTime": self.created,
        }

    def alarms(self, alarms):
        names = [name for name in (self.high, self.low) if name in alarms]
        return [{"AlarmName": name, "AlarmARN": alarms[name].arn} for name in names]


class Scaling:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self.targets = {}
        self.policies = {}
        self._activities = []
        self._last_refusal = {}

    def is_registered(self, endpoint, variant):
        return f"endpoint/{endpoint}/variant/{variant}" in self.targets

    def forget(self, endpoint, caller):
        """A deleted endpoint takes its targets with it; whoever deletes it must be allowed to do that too."""
        for resource in [item for item in self.targets if item.split("/")[1] == endpoint]:
            action = "application-autoscaling:DeregisterScalableTarget"
            caller.require(action, self.targets[resource].arn, KEYS)
            self._deregister(resource)

    # --- Every minute ------------------------------------------------------------------------------------------------

    def minute(self):
        for resource in sorted(self.targets):
            policies = [policy for policy in self.policies.values() if policy.resource == resource]
            if policies:
                self._scale(self.targets[resource], policies)

    def _scale(self, target, policies):
        """The largest capacity that a policy wants; scaling in needs all of them to agree."""
        endpoint = self._region.endpoints.endpoints.get(target.endpoint)
        variant = endpoint and endpoint.blue.variants.get(target.variant)
        if variant is None:
            return
        alarm_state = self._region.alarms.state
        out = [policy for policy in policies if alarm_state(policy.high) == "ALARM"]
        if out and not target.suspended.get("DynamicScalingOutSuspended"):
            wanted, policy = max(((self._wanted(policy, variant), policy) for policy in out), key=lambda pair: pair[0])
            self._scale_out(target, endpoint, variant, policy, wanted)
            return
        if target.suspended.get("DynamicScalingInSuspended"):
            return
        able = [policy for policy in policies if not policy.configuration.get("DisableScaleIn")]
        if able and len(able) == len(policies) and all(alarm_state(policy.low) == "ALARM" for policy in able):
            wanted, policy = max(((self._wanted(policy, variant), policy) for policy in able), key=lambda pair: pair[0])
            self._scale_in(target, endpoint, variant, policy, wanted)

    def _wanted(self, policy, variant):
        """Capacity in proportion to the load, rounded up: conservative in both directions."""
        points = self._region.alarms.recent_values(self._region.alarms.alarms[policy.high])
        recent = [point for point in points if point is not None]
        if not recent:
            return variant.desired
        return math.ceil(variant.desired * recent[-1] / policy.configuration["TargetValue"] - 1e-9)

    def _scale_out(self, target, endpoint, variant, policy, wanted):
        wanted = min(max(wanted, variant.desired + 1), target.most)
        if wanted <= variant.desired:
            self._refuse(target, policy.high, "AlreadyAtMaxCapacity", max=target.most, current=variant.desired)
            return
        # In the cooldown only a larger scale-out goes through.
        if self._clock.now < policy.out_until and wanted <= policy.out_to:
            return
        cooldown = policy.configuration.get("ScaleOutCooldown", DEFAULT_COOLDOWN)
        if self._set(target, endpoint, variant, wanted, policy.name, policy.high):
            policy.out_until, policy.out_to = self._clock.now + cooldown, wanted

    def _scale_in(self, target, endpoint, variant, policy, wanted):
        wanted = max(wanted, target.least)
        if wanted >= variant.desired:
            if variant.desired <= target.least:
                self._refuse(target, policy.low, "AlreadyAtMinCapacity", min=target.least, current=variant.desired)
            return
        if self._clock.now < max(policy.in_until, policy.out_until):
            return
        cooldown = policy.configuration.get("ScaleInCooldown", DEFAULT_COOLDOWN)
        if self._set(target, endpoint, variant, wanted, policy.name, policy.low):
            policy.in_until = self._clock.now + cooldown

    def _set(self, target, endpoint, variant, wanted, policy, alarm):
        """Whether it could be done: an endpoint that is being updated does not scale."""
        if endpoint.status != "InService":
            self._refuse(target, alarm, "TargetServicePutResourceAsUnscalable", current=variant.desired)
            return False
        self._last_refusal.pop(target.resource, None)
        activity = self._activity(
            target,
            f"Setting desired instance count to {wanted}.",
            f"monitor alarm {alarm} in state ALARM triggered policy {policy}",
            "InProgress",
            f"Successfully set desired instance count to {wanted}. Waiting for change to be fulfilled by sagemaker.",
        )

        def done():
            activity.update(
                StatusCode="Successful", EndTime=self._clock.now,
                StatusMessage=f"Successfully set desired instance count to {wanted}. Change successfully fulfilled by "
                "sagemaker.",
            )

        endpoint.scale({variant.name: wanted}, done=done)
        return True

    def _refuse(self, target, alarm, code, current=None, max=None, min=None):
        """An activity that did not happen, once until something changes."""
        if self._last_refusal.get(target.resource) == (alarm, code):
            return
        self._last_refusal[target.resource] = (alarm, code)
        reason = {"Code": code, "MaxCapacity": max, "MinCapacity": min, "CurrentCapacity": current}
        activity = self._activity(
            target, "Attempting to scale due to alarm triggered", f"monitor alarm {alarm} in state ALARM",
            "Unfulfilled", "Scaling was not possible.",
        )
        activity["NotScaledReasons"] = [{key: value for key, value in reason.items() if value is not None}]
        activity["EndTime"] = self._clock.now

    def _activity(self, target, description, cause, status, message):
        activity = {
            "ActivityId": self._region.world.unique(), "ServiceNamespace": NAMESPACE, "ResourceId": target.resource,
            "ScalableDimension": DIMENSION, "Description": description, "Cause": cause, "StartTime": self._clock.now,
            "StatusCode": status, "StatusMessage": message,
        }
        self._activities.append(activity)
        return activity

    # --- Operations --------------------------------------------------------------------------------------------------

    def register_scalable_target(self, parameters, caller):
        self._check(parameters)
        resource = parameters["ResourceId"]
        target = self.targets.get(resource)
        least = parameters.get("MinCapacity", target and target.least)
        most = parameters.get("MaxCapacity", target and target.most)
        if least is None or most is None:
            raise validation_exception("MinCapacity and MaxCapacity are required to register a new scalable target.")
        if least > most:
            raise validation_exception("Maximum capacity cannot be less than minimum capacity.")
        parts = resource.split("/")
        endpoint = self._region.endpoints.endpoints.get(parts[1])
        if endpoint is None or parts[3] not in endpoint.blue.variants:
            raise validation_exception(f"SageMaker resource doesn't exist: {resource}")
        if target is None:
            arn = self._region.arn("application-autoscaling", f"scalable-target/{self._region.world.unique()[:24]}")
            target = self.targets[resource] = Target(arn, resource, self._clock.now)
            target.role = SERVICE_ROLE
        target.least, target.most = least, most
        target.suspended.update(parameters.get("SuspendedState", {}))
        self._bring_within(target, endpoint)
        return {"ScalableTargetARN": target.arn}

    def _bring_within(self, target, endpoint):
        """A capacity outside new limits is brought inside."""
        variant = endpoint.blue.variants[target.variant]
        wanted = min(max(variant.desired, target.least), target.most)
        if wanted != variant.desired:
            self._set(target, endpoint, variant, wanted, "limits", "limits")

    def describe_scalable_targets(self, parameters, caller):
        wanted = parameters.get("ResourceIds")
        found = [target.description() for key, target in sorted(self.targets.items()) if not wanted or key in wanted]
        return self._page("ScalableTargets", found, parameters)

    def deregister_scalable_target(self, parameters, caller):
        self._check(parameters)
        self._target(parameters["ResourceId"])
        self._deregister(parameters["ResourceId"])

    def _deregister(self, resource):
        del self.targets[resource]
        for key in [key for key, policy in self.policies.items() if policy.resource == resource]:
            self._delete_policy(key)

    def put_scaling_policy(self, parameters, caller):
        self._check(parameters)
        self._target(parameters["ResourceId"])
        configuration = parameters.get("TargetTrackingScalingPolicyConfiguration")
        if parameters.get("PolicyType", "TargetTrackingScaling") != "TargetTrackingScaling" or configuration is None:
            raise validation_exception("the emulator knows only TargetTrackingScaling policies")
        metric = configuration.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
        if metric != PREDEFINED:
            raise validation_exception(f"the emulator tracks only {PREDEFINED}")
        for name in ("ScaleInCooldown", "ScaleOutCooldown"):
            if configuration.get(name, 0) < 0:
                raise validation_exception(f"{name} must not be negative.")
        if configuration["TargetValue"] <= 0:
            raise validation_exception("TargetValue must be positive.")
        key = (parameters["ResourceId"], parameters["PolicyName"])
        policy = self.policies.get(key)
        if policy is None:
            place = f"scalingPolicy:{self._region.world.unique()}:resource/sagemaker/{key[0]}:policyName/{key[1]}"
            policy = Policy(self._region.arn("autoscaling", place), key[1], key[0], self._clock.now)
            self.policies[key] = policy
        policy.configuration = configuration
        self._put_alarms(policy, caller)
        return {"PolicyARN": policy.arn, "Alarms": policy.alarms(self._region.alarms.alarms)}

    def _put_alarms(self, policy, caller):
        """The service's own pair of alarms: 3 of 3 minutes above the target, 15 of 15 clearly below."""
        _, endpoint, _, variant = policy.resource.split("/")
        if policy.high is None:
            policy.high = f"TargetTracking-{policy.resource}-AlarmHigh-{self._region.world.unique()}"
            policy.low = f"TargetTracking-{policy.resource}-AlarmLow-{self._region.world.unique()}"
        self._may(caller, policy, "PutMetricAlarm", "DescribeAlarms")
        target = policy.configuration["TargetValue"]
        for name, comparison, threshold, minutes in (
            (policy.high, "GreaterThanThreshold", target, 3),
            (policy.low, "LessThanThreshold", target * LOW, 15),
        ):
            self._region.alarms.put_metric_alarm(
                {
                    "AlarmName": name, "Namespace": "AWS/SageMaker", "MetricName": "InvocationsPerInstance",
                    "Dimensions": [
                        {"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant},
                    ],
                    "Statistic": "Sum", "Period": 60, "EvaluationPeriods": minutes, "Threshold": threshold,
                    "ComparisonOperator": comparison, "AlarmActions": [policy.arn],
                    "AlarmDescription": "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + policy.arn + ".",
                },
                caller,
            )

    def describe_scaling_policies(self, parameters, caller):
        wanted, resource = parameters.get("PolicyNames"), parameters.get("ResourceId")
        found = [
            policy.description(self._region.alarms.alarms)
            for key, policy in sorted(self.policies.items())
            if (not wanted or policy.name in wanted) and resource in (None, policy.resource)
        ]
        return self._page("ScalingPolicies", found, parameters)

    def delete_scaling_policy(self, parameters, caller):
        self._check(parameters)
        key = (parameters["ResourceId"], parameters["PolicyName"])
        if key not in self.policies:
            raise ServiceError(
                "ObjectNotFoundException", f"No scaling policy found for {key[0]}, policy name: {key[1]}"
            )
        self._may(caller, self.policies[key], "DeleteAlarms")
        self._delete_policy(key)

    def _may(self, caller, policy, *operations):
        """Its alarms are made and deleted with the rights of whoever makes and deletes the policy.
        https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html"""
        for operation in operations:
            for name in (policy.high, policy.low):
                caller.require(f"cloudwatch:{operation}", self._region.arn("cloudwatch", f"alarm:{name}"))

    def _delete_policy(self, key):
        policy = self.policies.pop(key)
        for name in (policy.high, policy.low):
            self._region.alarms.alarms.pop(name, None)

    def describe_scaling_activities(self, parameters, caller):
        resource = parameters.get("ResourceId")
        found = [
            activity
            for activity in reversed(self._activities)
            if resource in (None, activity["ResourceId"])
            and (parameters.get("IncludeNotScaledActivities") or "NotScaledReasons" not in activity)
        ]
        return self._page("ScalingActivities", found, parameters)

    def _page(self, name, items, parameters):
        if parameters["ServiceNamespace"] != NAMESPACE:
            items = []
        error = ServiceError("InvalidNextTokenException", "The next token specified is invalid.")
        shown, token = page(items, parameters, 50, error)
        return {name: shown, "NextToken": token}

    def _target(self, resource):
        if resource not in self.targets:
            raise ServiceError(
                "ObjectNotFoundException",
                f"No scalable target found for service namespace: {NAMESPACE}, resource ID: {resource}, scalable "
                f"dimension: {DIMENSION}",
            )
        return self.targets[resource]

    @staticmethod
    def _check(parameters):
        if parameters["ServiceNamespace"] != NAMESPACE:
            raise validation_exception(f"the emulator scales only {NAMESPACE}")
        parts = parameters["ResourceId"].split("/")
        if len(parts) != 4 or parts[0] != "endpoint" or parts[2] != "variant":
            raise validation_exception("Unsupported service namespace, resource type or scalable dimension")
        if parameters["ScalableDimension"] != DIMENSION:
            raise validation_exception("Unsupported service namespace, resource type or scalable dimension")
