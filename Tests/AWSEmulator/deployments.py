"""One guarded deployment of SageMaker: blue/green (all at once, canary, linear) or rolling.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html. A deployment provisions the new fleet, gives
it traffic step by step and bakes after each step; an alarm of AutoRollbackConfiguration that is in ALARM during a bake
sends all traffic back to the old fleet, which the endpoint then is InService on.
"""

import math

from errors import validation_exception

DEFAULT_TIMEOUT = 3600


class RolledBack(Exception):
    """Why the deployment goes back."""


def check(configuration, instances, alarm_names):
    """Refuses what SageMaker's API documentation rules out and its model cannot say. `instances`: of the old fleet."""
    blue_green = configuration.get("BlueGreenUpdatePolicy")
    rolling = configuration.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise validation_exception(
            "Only one update policy should be used: BlueGreenUpdatePolicy or RollingUpdatePolicy."
        )
    for name in rollback_alarms(configuration):
        if name not in alarm_names:
            raise validation_exception(f"The alarm {name} of AutoRollbackConfiguration does not exist.")
    if rolling:
        _check_share("MaximumBatchSize", rolling["MaximumBatchSize"], instances, 5, 50)
        waits = rolling["WaitIntervalInSeconds"]
        limit = rolling.get("MaximumExecutionTimeoutInSeconds")
    elif blue_green:
        waits = _check_routing(blue_green, instances)
        limit = blue_green.get("MaximumExecutionTimeoutInSeconds")
    else:
        return
    if limit is not None and limit <= waits:
        raise validation_exception(
            f"MaximumExecutionTimeoutInSeconds must be larger than the waits together: {limit} is not more than "
            f"{waits}."
        )


def _check_routing(policy, instances):
    """The seconds that the waits of a blue/green policy take together."""
    routing = policy["TrafficRoutingConfiguration"]
    waits = policy.get("TerminationWaitInSeconds", 0)
    kind = routing["Type"]
    if kind == "CANARY":
        if "CanarySize" not in routing:
            raise validation_exception("CanarySize is required for traffic routing of type CANARY.")
        _check_share("CanarySize", routing["CanarySize"], instances, 1, 50)
        waits += routing["WaitIntervalInSeconds"]
    elif kind == "LINEAR":
        if "LinearStepSize" not in routing:
            raise validation_exception("LinearStepSize is required for traffic routing of type LINEAR.")
        _check_share("LinearStepSize", routing["LinearStepSize"], instances, 10, 50)
        step = capacity(routing["LinearStepSize"], instances)
        waits += routing["WaitIntervalInSeconds"] * (math.ceil(instances / step) - 1)
    return waits


def _check_share(name, size, instances, least, most):
    if size["Type"] == "CAPACITY_PERCENT" and not least <= size["Value"] <= most:
        raise validation_exception(f"{name} must be between {least} and {most} percent, is {size['Value']}.")
    if size["Type"] == "INSTANCE_COUNT" and size["Value"] > max(1, instances * most / 100):
        raise validation_exception(
            f"{name} must be at most {most} percent of {instances} instances, is {size['Value']}."
        )


def rollback_alarms(configuration):
    return [alarm["AlarmName"] for alarm in configuration.get("AutoRollbackConfiguration", {}).get("Alarms", [])]


def capacity(size, instances):
    """Whole instances. How SageMaker rounds a percentage is not documented; up, here: a canary is never nothing."""
    if size["Type"] == "INSTANCE_COUNT":
        return min(instances, size["Value"])
    return max(1, math.ceil(instances * size["Value"] / 100))


class Deployment:
    def __init__(self, endpoint, region, green, configuration):
        """`configuration`: a DeploymentConfig as it came, or {}: all at once, no bake, nothing that goes back."""
        self._endpoint = endpoint
        self._region = region
        self._clock = region.clock
        self._seconds = region.world.options["sageMaker"]
        self.green = green
        self.configuration = configuration
        self.alarms = rollback_alarms(configuration)
        self.started = self._clock.now
        self.is_baking = False

    @property
    def _policy(self):
        return self.configuration.get("RollingUpdatePolicy") or self.configuration.get("BlueGreenUpdatePolicy") or {}

    def run(self):
        """The steps of a `Process`."""
        deadline = None
        limit = self._policy.get("MaximumExecutionTimeoutInSeconds", DEFAULT_TIMEOUT if self.configuration else None)
        if limit is not None:
            deadline = self._clock.after(limit, self._time_out)
        try:
            yield from self._rolling() if "RollingUpdatePolicy" in self.configuration else self._blue_green()
        except RolledBack as reason:
            self._cancel(deadline)
            yield from self._go_back(str(reason))
            return
        self._cancel(deadline)
        self._endpoint.finish_deployment(self)

    def _cancel(self, deadline):
        if deadline is not None:
            self._clock.cancel(deadline)

    def alarm_tripped(self, name):
        if self.is_baking and name in self.alarms:
            self._endpoint.process.interrupt(RolledBack(self._because([name])))

    def _time_out(self):
        reason = "The deployment took longer than MaximumExecutionTimeoutInSeconds."
        self._endpoint.process.interrupt(RolledBack(reason))

    @staticmethod
    def _because(names):
        listed = ", ".join(names)
        return f"One or more configured alarm(s) in your deployment configuration are in ALARM state: {listed}"

    # --- Forward -----------------------------------------------------------------------------------------------------

    def _blue_green(self):
        total = self.green.instances
        routing = self._policy.get("TrafficRoutingConfiguration", {"Type": "ALL_AT_ONCE"})
        yield from self._provision(self.green, total)
        for active in steps(routing, total):
            yield from self._activate(active, total)
            word = "canary" if routing["Type"] == "CANARY" else "a"
            yield from self._bake(
                routing["WaitIntervalInSeconds"],
                "Baking for {seconds} seconds with traffic enabled on " + f"{word} capacity of {active} instance(s).",
            )
        yield from self._activate(total, total)
        yield from self._bake(
            self._policy.get("TerminationWaitInSeconds", 0),
            "Baking for {seconds} seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of "
            f"{total} instance(s).",
        )
        self._say("Deleting", f"Deleting {self._endpoint.blue.instances} instance(s) of the old fleet.")
        yield self._seconds["terminateSeconds"]

    def _rolling(self):
        """The new fleet grows by a batch, bakes, and the old one shrinks by as much."""
        total = self.green.instances
        batch = capacity(self._policy["MaximumBatchSize"], total)
        done = 0
        while done < total:
            size = min(batch, total - done)
            done += size
            yield from self._provision(self.green, size, done / total)
            yield from self._activate(done, total)
            yield from self._bake(
                self._policy["WaitIntervalInSeconds"],
                "Baking for {seconds} seconds with traffic enabled on " + f"{done} of {total} instance(s).",
            )
            self._say("Deleting", f"Deleting {size} instance(s) of the old fleet.")
            yield self._seconds["terminateSeconds"]
            self._endpoint.blue.launch(1 - done / total)

    def _provision(self, fleet, count, part=1.0):
        self._say("Creating", f"Launching {count} instance(s).")
        yield self._seconds["provisionSeconds"]
        sick = fleet.starts(self._region.invocations.behaviours)
        if sick is not None:
            raise RolledBack(
                f"The primary container for production variant {sick} did not pass the ping health check. "
                "Please check CloudWatch logs for this endpoint."
            )
        fleet.launch(part)

    def _activate(self, active, total):
        self._say("ActivatingTraffic", f"Activating traffic on capacity of {active} instance(s).")
        yield self._seconds["activateSeconds"]
        self._endpoint.share = active / total

    def _bake(self, seconds, message):
        if seconds == 0:
            return
        self._say("Baking", message.format(seconds=seconds))
        tripped = [name for name in self.alarms if self._region.alarms.state(name) == "ALARM"]
        if tripped:
            raise RolledBack(self._because(tripped))
        self.is_baking = True
        try:
            yield seconds
        finally:
            self.is_baking = False

    # --- Back --------------------------------------------------------------------------------------------------------

    def _go_back(self, reason):
        is_rolling = "RollingUpdatePolicy" in self.configuration
        if is_rolling and self._seconds["rollbackFails"]:
            self._endpoint.fail_rollback(reason)
            return
        # Blue/green: the old fleet is still whole, so traffic is back at once. Rolling: batches are launched again.
        if is_rolling:
            self._say("Updating", "Rolling back.")
            yield self._seconds["provisionSeconds"]
            self._endpoint.blue.launch()
        self._endpoint.share = 0.0
        self._say("Deleting", "Rolling back: deleting the new fleet.")
        yield self._seconds["rollbackSeconds"]
        self._endpoint.finish_rollback(reason)

    def _say(self, status, message):
        self.green.say(status, message, self._clock.now)


def steps(routing, total):
    """How many instances have traffic in each step before the last, which is all of them."""
    if routing["Type"] == "CANARY":
        size = capacity(routing["CanarySize"], total)
        return [size] if size < total or total == 1 else []
    if routing["Type"] == "LINEAR":
        size = capacity(routing["LinearStepSize"], total)
        return list(range(size, total, size))
    return []
