"""SageMaker's endpoints: their fleets, what happens to them, and the operations on them."""

import deployments
from clock import Process
from deployments import Deployment
from errors import validation_exception
from fleets import Fleet
from pages import page


class Endpoint:
    def __init__(self, region, name, configuration):
        self._region = region
        self._clock = region.clock
        self._options = region.world.options["sageMaker"]
        self.name = name
        self.arn = region.arn("sagemaker", f"endpoint/{name.lower()}")
        self.status = "Creating"
        self.blue = Fleet(configuration, region.hosting)
        # Of the traffic, the new fleet's part: 0 to 1.
        self.share = 0.0
        self.deployment = None
        self.last_configuration = None
        self.failure_reason = None
        self.created = self.modified = self._clock.now
        self.process = Process(self._clock, self._create()).start()

    @property
    def fleets(self):
        return [self.blue] + ([self.deployment.green] if self.deployment else [])

    @property
    def serving(self):
        """[(fleet, share)] of those that get traffic now."""
        if self.status in ("Creating", "Failed", "Deleting", "OutOfService"):
            return []
        if self.deployment is None:
            return [(self.blue, 1.0)]
        return [
            pair for pair in ((self.blue, 1.0 - self.share), (self.deployment.green, self.share)) if pair[1] > 0
        ]

    # --- What takes time ---------------------------------------------------------------------------------------------

    def _create(self):
        self.blue.say("Creating", f"Launching {self.blue.instances} instance(s).", self._clock.now)
        yield self._options["createSeconds"]
        sick = self.blue.starts(self._region.invocations.behaviours)
        self.blue.say(None, None, None)
        if sick is not None:
            reason = (
                f"The primary container for production variant {sick} did not pass the ping health check. "
                "Please check CloudWatch logs for this endpoint."
            )
            self._become("Failed", reason)
            return
        self.blue.launch()
        self._become("InService")

    def deploy(self, green, configuration):
        self.deployment = Deployment(self, self._region, green, configuration)
        self.share = 0.0
        self.failure_reason = None
        self._become("Updating")
        self.process = Process(self._clock, self.deployment.run()).start()

    def finish_deployment(self, deployment):
        self.blue = deployment.green
        self.blue.say(None, None, None)
        self.last_configuration = deployment.configuration or None
        self.deployment = None
        self.share = 0.0
        self._become("InService")

    def finish_rollback(self, reason):
        """Back to what it was. Which deployment configuration was the last one says nothing of how it ended."""
        self.last_configuration = self.deployment.configuration or None
        self.deployment = None
        self.share = 0.0
        self._become("InService", reason if self._options["failureReasons"] else None)

    def fail_rollback(self, reason):
        self._become("UpdateRollbackFailed", reason)

    def scale(self, wanted, weights=None, done=None):
        """`wanted`: {variant: instances}. Takes a while, during which the endpoint is Updating."""

        def steps():
            for name, count in wanted.items():
                variant = self.blue.variants[name]
                direction = "out" if count > variant.current else "in"
                variant.desired = count
                message = f"Scaling {direction} desired instance count to {count}."
                variant.status = {"Status": "Updating", "StatusMessage": message, "StartTime": self._clock.now}
            yield self._options["scaleSeconds"]
            self.blue.launch()
            self.blue.say(None, None, None)
            for name, weight in (weights or {}).items():
                self.blue.variants[name].weight = weight
            self._become("InService")
            if done:
                done()

        self._become("Updating")
        self.process = Process(self._clock, steps()).start()

    def delete(self, gone):
        self.process.stop()
        self._become("Deleting")
        self._clock.after(self._options["deleteSeconds"], gone)

    def _become(self, status, reason=None):
        self.status = status
        self.failure_reason = reason
        self.modified = self._clock.now

    # --- As DescribeEndpoint shows it --------------------------------------------------------------------------------

    def description(self):
        pending = None
        if self.deployment is not None:
            pending = {
                "EndpointConfigName": self.deployment.green.name,
                "StartTime": self.deployment.started,
                "ProductionVariants": [
                    summary(variant, with_type=True) for variant in self.deployment.green.variants.values()
                ],
            }
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.blue.name,
            "EndpointStatus": self.status,
            "FailureReason": self.failure_reason,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "ProductionVariants": [summary(variant) for variant in self.blue.variants.values()],
            "PendingDeploymentSummary": pending,
            "LastDeploymentConfig": self.last_configuration,
        }

    def state(self):
        """What it serves, for tests."""
        return {
            "status": self.status,
            "config": self.blue.name,
            "pendingConfig": self.deployment and self.deployment.green.name,
            "fleets": [
                {
                    "config": fleet.name,
                    "share": share,
                    "variants": {
                        variant.name: {
                            "modelPackage": variant.package,
                            "inferenceSpecification": variant.specification,
                            "model": variant.model,
                            "desired": variant.desired,
                            "current": variant.current,
                            "instanceType": variant.instance_type,
                        }
                        for variant in fleet.variants.values()
                    },
                }
                for fleet, share in self.serving
            ],
        }


def summary(variant, with_type=False):
    shown = {
        "VariantName": variant.name,
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
        "CurrentInstanceCount": variant.current,
        "DesiredInstanceCount": variant.desired,
        "VariantStatus": [variant.status] if variant.status else None,
    }
    if with_type:
        shown["InstanceType"] = variant.instance_type
    return shown


class Endpoints:
    def __init__(self, region):
        self._region = region
        self.endpoints = {}

    def create_endpoint(self, parameters, caller):
        name = parameters["EndpointName"]
        if name in self.endpoints:
            raise validation_exception(f'Cannot create already existing endpoint "{self.endpoints[name].arn}".')
        configuration = self._region.hosting.configuration(parameters["EndpointConfigName"])
        # It deploys nothing; it is what RetainDeploymentConfig keeps later.
        default = parameters.get("DeploymentConfig", {})
        deployments.check(default, _instances(configuration), self._region.alarms.alarms)
        endpoint = self.endpoints[name] = Endpoint(self._region, name, configuration)
        endpoint.last_configuration = default or None
        self._region.packages.tag(endpoint.arn, parameters.get("Tags"))
        return {"EndpointArn": endpoint.arn}

    def describe_endpoint(self, parameters, caller):
        return self.endpoint(parameters["EndpointName"]).description()

    def list_endpoints(self, parameters, caller):
        kept = [item for item in self.endpoints.values() if parameters.get("NameContains", "") in item.name]
        kept = [item for item in kept if parameters.get("StatusEquals") in (None, item.status)]
        kept.sort(key=lambda item: item.created, reverse=parameters.get("SortOrder") != "Ascending")
        items, token = page(kept, parameters, 10, validation_exception("Invalid pagination token."))
        return {
            "Endpoints": [
                {
                    "EndpointName": item.name, "EndpointArn": item.arn, "CreationTime": item.created,
                    "LastModifiedTime": item.modified, "EndpointStatus": item.status,
                }
                for item in items
            ],
            "NextToken": token,
        }

    def update_endpoint(self, parameters, caller):
        endpoint = self._updatable(parameters["EndpointName"])
        configuration = self._region.hosting.configuration(parameters["EndpointConfigName"])
        # Seen in the field: an endpoint whose present configuration was deleted cannot be updated any more.
        self._region.hosting.configuration(endpoint.blue.name)
        wanted = parameters.get("DeploymentConfig")
        if parameters.get("RetainDeploymentConfig"):
            if wanted is not None:
                raise validation_exception("DeploymentConfig and RetainDeploymentConfig must not both be given.")
            wanted = endpoint.last_configuration
        green = Fleet(configuration, self._region.hosting, *self._retained(endpoint, parameters))
        self._check_variants(endpoint, green, wanted or {})
        deployments.check(wanted or {}, green.instances, self._region.alarms.alarms)
        endpoint.deploy(green, wanted or {})
        return {"EndpointArn": endpoint.arn}

    @staticmethod
    def _retained(endpoint, parameters):
        """Counts and weights that the new fleet takes over from the old one."""
        if not parameters.get("RetainAllVariantProperties"):
            return {}, {}
        excluded = {item["VariantPropertyType"] for item in parameters.get("ExcludeRetainedVariantProperties", [])}
        variants = endpoint.blue.variants.values()
        counts = {} if "DesiredInstanceCount" in excluded else {item.name: item.desired for item in variants}
        weights = {} if "DesiredWeight" in excluded else {item.name: item.weight for item in variants}
        return counts, weights

    def _check_variants(self, endpoint, green, wanted):
        if wanted and set(green.variants) != set(endpoint.blue.variants):
            raise validation_exception(
                "With deployment guardrails the new endpoint configuration must have the same variant names: "
                f"{', '.join(green.variants)} instead of {', '.join(endpoint.blue.variants)}."
            )
        for name, variant in green.variants.items():
            old = endpoint.blue.variants.get(name)
            if old is None or old.instance_type == variant.instance_type:
                continue
            if self._region.scaling.is_registered(endpoint.name, name):
                raise validation_exception(
                    f"The instance type of variant {name} cannot be changed from {old.instance_type} to "
                    f"{variant.instance_type} while it is registered as a scalable target of Application Auto Scaling. "
                    "Deregister it first."
                )

    def update_endpoint_weights_and_capacities(self, parameters, caller):
        endpoint = self._updatable(parameters["EndpointName"])
        counts, weights = {}, {}
        for wanted in parameters["DesiredWeightsAndCapacities"]:
            name = wanted["VariantName"]
            if name not in endpoint.blue.variants:
                raise validation_exception(f"The endpoint {endpoint.name} has no variant {name}.")
            if "DesiredInstanceCount" in wanted:
                counts[name] = wanted["DesiredInstanceCount"]
            if "DesiredWeight" in wanted:
                weights[name] = wanted["DesiredWeight"]
        endpoint.scale(counts, weights)
        return {"EndpointArn": endpoint.arn}

    def delete_endpoint(self, parameters, caller):
        endpoint = self.endpoint(parameters["EndpointName"])
        if endpoint.status in ("Creating", "Updating", "Deleting"):
            raise validation_exception(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        self._region.scaling.forget(endpoint.name, caller)
        endpoint.delete(lambda: self.endpoints.pop(endpoint.name))

    def alarm_tripped(self, name):
        for endpoint in self.endpoints.values():
            if endpoint.deployment is not None:
                endpoint.deployment.alarm_tripped(name)

    def endpoint(self, name):
        if name not in self.endpoints:
            arn = self._region.arn("sagemaker", f"endpoint/{name.lower()}")
            raise validation_exception(f'Could not find endpoint "{arn}".')
        return self.endpoints[name]

    def _updatable(self, name):
        endpoint = self.endpoint(name)
        if endpoint.status == "Failed":
            raise validation_exception(f'Cannot update failed endpoint "{endpoint.arn}". It can only be deleted.')
        if endpoint.status not in ("InService", "UpdateRollbackFailed"):
            raise validation_exception(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        if endpoint.deployment is not None:
            endpoint.deployment = None
        return endpoint


def _instances(configuration):
    return sum(variant.get("InitialInstanceCount", 1) for variant in configuration["ProductionVariants"])
