"""CloudWatch's alarms: M of N, missing data, and the operations on them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import json

from errors import ServiceError
from expressions import Expression, ExpressionError
from metrics import check_statistic, invalid_parameter, statistic
from pages import page

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
MISSING = ("missing", "ignore", "breaching", "notBreaching")
# CloudWatch looks at more periods than the alarm has; how many depends, it says, on their length. Its example has 5 for
# N=3, taken here for periods of a minute. With longer ones, windows that slide by a minute would see the past twice.
EXTRA_PERIODS = 2


def verdict(points, periods, needed, missing, state):
    """The state that follows. `points`: of the evaluation range, oldest first: True breaches, False does not, None is
    missing. `periods`: N. `needed`: M. `state`: the present one."""
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        return "ALARM" if sum(real[-periods:]) >= needed else "OK"
    filled = periods - len(real)
    breaching = sum(real)
    if missing == "breaching":
        return "ALARM" if breaching + filled >= needed else "OK"
    if missing == "notBreaching":
        return "ALARM" if breaching >= needed else "OK"
    if breaching >= needed:
        return "ALARM"
    if missing == "ignore":
        return "OK" if False in real else state
    if not real:
        return "INSUFFICIENT_DATA"
    if False in real:
        return "OK"
    # All that is there breaches. Once the oldest of it is M periods old, that is enough.
    oldest = len(points) - points.index(True)
    return "ALARM" if oldest >= needed else state


class Alarm:
    def __init__(self, arn, moment):
        self.arn = arn
        self.definition = {}
        self.state = "INSUFFICIENT_DATA"
        self.reason = "Unchecked: Initial alarm creation"
        self.reason_data = None
        self.updated = self.transitioned = self.configured = moment

    @property
    def name(self):
        return self.definition["AlarmName"]

    @property
    def periods(self):
        return self.definition["EvaluationPeriods"]

    @property
    def needed(self):
        return self.definition.get("DatapointsToAlarm", self.periods)

    @property
    def queries(self):
        """What is measured, as GetMetricData's queries, and the identifier of the one that counts."""
        if "Metrics" in self.definition:
            queries = {query["Id"]: query for query in self.definition["Metrics"]}
            return queries, next(name for name, query in queries.items() if query.get("ReturnData", True))
        wanted = {
            "Metric": {name: self.definition.get(name) for name in ("Namespace", "MetricName", "Dimensions")},
            "Period": self.definition["Period"],
            "Stat": self.definition.get("Statistic") or self.definition.get("ExtendedStatistic"),
        }
        return {"m": {"Id": "m", "MetricStat": wanted}}, "m"

    def description(self):
        return {
            **self.definition,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.configured,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateReasonData": self.reason_data,
            "StateUpdatedTimestamp": self.updated,
            "StateTransitionedTimestamp": self.transitioned,
        }


class Alarms:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self.alarms = {}
        self._history = []
        self.tags = {}

    def state(self, name):
        """None if there is no such alarm."""
        return self.alarms[name].state if name in self.alarms else None

    # --- Evaluation --------------------------------------------------------------------------------------------------

    def minute(self):
        for name in sorted(self.alarms):
            self._evaluate(self.alarms[name])

    def _evaluate(self, alarm):
        values = self.recent_values(alarm)
        compare = COMPARISONS[alarm.definition["ComparisonOperator"]]
        threshold = alarm.definition["Threshold"]
        points = [None if value is None else compare(value, threshold) for value in values]
        if self._has_too_few_samples(alarm):
            return
        missing = alarm.definition.get("TreatMissingData", "missing")
        state = verdict(points, alarm.periods, alarm.needed, missing, alarm.state)
        recent = [value for value in values if value is not None][-alarm.periods :]
        reason = (
            f"Threshold Crossed: {len(recent)} datapoint(s) {recent} compared by "
            f"{alarm.definition['ComparisonOperator']} with the threshold ({threshold}): {state}"
        )
        if state != alarm.state:
            self._change(alarm, state, reason, {"recentDatapoints": recent, "threshold": threshold})

    def recent_values(self, alarm):
        """The values of the evaluation range, oldest first, None where there are none: windows that end now."""
        queries, wanted = alarm.queries
        period = max(query["MetricStat"]["Period"] for query in queries.values() if "MetricStat" in query)
        count = alarm.periods + (EXTRA_PERIODS if period <= 60 else 0)
        end = self._clock.now // 60 * 60

        def series(identifier):
            query = queries[identifier]
            if "Expression" in query:
                expression = Expression(query["Expression"])
                return expression.value({name: series(name) for name in expression.names})
            points = {}
            for index in range(count):
                start = end - (count - index) * period
                data = self._region.metrics.data(query["MetricStat"]["Metric"], start, start + period)
                value = statistic(query["MetricStat"]["Stat"], data)
                if value is not None:
                    points[index] = value
            return points

        points = series(wanted)
        return [points.get(index) for index in range(count)]

    def _has_too_few_samples(self, alarm):
        """A percentile of few samples says little: below 10/(1-p) of them the state may be left alone."""
        rank = alarm.definition.get("ExtendedStatistic")
        if rank is None or alarm.definition.get("EvaluateLowSampleCountPercentile") != "ignore":
            return False
        share = float(rank[1:]) / 100
        end = self._clock.now // 60 * 60
        data = self._region.metrics.data(alarm.definition, end - alarm.definition["Period"], end)
        return bool(data) and sum(datum.count for datum in data) < 10 / max(1e-9, min(share, 1 - share))

    def _change(self, alarm, state, reason, data):
        old, alarm.state = alarm.state, state
        alarm.reason = reason
        alarm.reason_data = json.dumps({"version": "1.0", "evaluatedAt": self._clock.now, **data})
        alarm.updated = self._clock.now
        if old == state:
            return
        alarm.transitioned = self._clock.now
        data = {"oldState": old, "newState": state}
        self._remember(alarm, "StateUpdate", f"Alarm updated from {old} to {state}", data)
        if state == "ALARM":
            self._region.endpoints.alarm_tripped(alarm.name)

    def _remember(self, alarm, kind, text, data):
        self._history.append(
            {
                "AlarmName": alarm.name, "AlarmType": "MetricAlarm", "Timestamp": self._clock.now,
                "HistoryItemType": kind, "HistorySummary": text, "HistoryData": json.dumps(data),
            }
        )

    # --- Operations --------------------------------------------------------------------------------------------------

    def put_metric_alarm(self, parameters, caller):
        check_definition(parameters)
        name = parameters["AlarmName"]
        alarm = self.alarms.get(name)
        is_new = alarm is None
        if is_new:
            alarm = Alarm(self._region.arn("cloudwatch", f"alarm:{name}"), self._clock.now)
        definition = {key: value for key, value in parameters.items() if key != "Tags"}
        for key in ("OKActions", "AlarmActions", "InsufficientDataActions"):
            definition.setdefault(key, [])
        definition.setdefault("ActionsEnabled", True)
        if "Metrics" not in definition:
            definition.setdefault("Dimensions", [])
        alarm.definition = definition
        alarm.configured = self._clock.now
        self.alarms[name] = alarm
        if is_new:
            self.tags[alarm.arn] = parameters.get("Tags", [])
        word = "created" if is_new else "updated"
        self._remember(alarm, "ConfigurationUpdate", f'Alarm "{name}" {word}', {"type": word})

    def describe_alarms(self, parameters, caller):
        names = parameters.get("AlarmNames")
        prefix = parameters.get("AlarmNamePrefix")
        if names is not None and prefix is not None:
            raise ServiceError(
                "InvalidParameterCombination", "AlarmNames and AlarmNamePrefix must not both be given."
            )
        kept = [
            alarm.description()
            for name, alarm in sorted(self.alarms.items())
            if (not names or name in names)
            and name.startswith(prefix or "")
            and parameters.get("StateValue") in (None, alarm.state)
            and "MetricAlarm" in parameters.get("AlarmTypes", ["MetricAlarm"])
        ]
        items, token = page(kept, parameters, 50, self._bad_token, limit="MaxRecords")
        return {"MetricAlarms": items, "CompositeAlarms": [], "NextToken": token}

    def describe_alarm_history(self, parameters, caller):
        kept = [
            item
            for item in self._history
            if parameters.get("AlarmName") in (None, item["AlarmName"])
            and parameters.get("HistoryItemType") in (None, item["HistoryItemType"])
            and item["Timestamp"] >= parameters.get("StartDate", 0)
            and item["Timestamp"] <= parameters.get("EndDate", float("inf"))
        ]
        if parameters.get("ScanBy") != "TimestampAscending":
            kept.reverse()
        items, token = page(kept, parameters, 50, self._bad_token, limit="MaxRecords")
        return {"AlarmHistoryItems": items, "NextToken": token}

    def delete_alarms(self, parameters, caller):
        for name in parameters["AlarmNames"]:
            self._alarm(name)
        for name in parameters["AlarmNames"]:
            self.tags.pop(self.alarms.pop(name).arn, None)

    def set_alarm_state(self, parameters, caller):
        """Lasts until the next evaluation."""
        alarm = self._alarm(parameters["AlarmName"])
        self._change(alarm, parameters["StateValue"], parameters["StateReason"], {})

    def enable_alarm_actions(self, parameters, caller):
        for name in parameters["AlarmNames"]:
            self._alarm(name).definition["ActionsEnabled"] = True

    def disable_alarm_actions(self, parameters, caller):
        for name in parameters["AlarmNames"]:
            self._alarm(name).definition["ActionsEnabled"] = False

    def list_tags_for_resource(self, parameters, caller):
        return {"Tags": self.tags.get(parameters["ResourceARN"], [])}

    def tag_resource(self, parameters, caller):
        merged = {tag["Key"]: tag for tag in self.tags.get(parameters["ResourceARN"], []) + parameters["Tags"]}
        self.tags[parameters["ResourceARN"]] = list(merged.values())

    def _alarm(self, name):
        if name not in self.alarms:
            raise ServiceError("ResourceNotFound", f"Unknown alarm: {name}", 404)
        return self.alarms[name]

    @property
    def _bad_token(self):
        return ServiceError("InvalidNextToken", "The next token specified is invalid.")


def check_definition(definition):
    """Refuses what PutMetricAlarm refuses beyond its model."""
    if ("Metrics" in definition) == ("MetricName" in definition):
        raise ServiceError("InvalidParameterCombination", "An alarm needs either MetricName or Metrics.")
    if "Metrics" in definition:
        periods = check_metrics(definition)
    else:
        for name in ("Namespace", "Period"):
            if name not in definition:
                raise ServiceError("MissingParameter", f"The parameter {name} is required with MetricName.")
        if ("Statistic" in definition) == ("ExtendedStatistic" in definition):
            raise ServiceError("InvalidParameterCombination", "An alarm needs either Statistic or ExtendedStatistic.")
        check_statistic(definition.get("Statistic") or definition["ExtendedStatistic"])
        periods = [definition["Period"]]
    for period in periods:
        if period not in (10, 20, 30) and period % 60:
            raise invalid_parameter(f"Period must be 10, 20, 30 or a multiple of 60, is {period}.")
        limit = 604800 if period >= 3600 else 86400
        if period * definition["EvaluationPeriods"] > limit:
            raise invalid_parameter(f"Period times EvaluationPeriods must not exceed {limit} seconds.")
    if definition["ComparisonOperator"] not in COMPARISONS:
        raise invalid_parameter("the emulator has no anomaly detection")
    if "Threshold" not in definition:
        raise ServiceError("MissingParameter", "The parameter Threshold is required.")
    if definition.get("DatapointsToAlarm", 1) > definition["EvaluationPeriods"]:
        raise invalid_parameter("DatapointsToAlarm must not exceed EvaluationPeriods.")
    if definition.get("TreatMissingData", "missing") not in MISSING:
        raise invalid_parameter(f"TreatMissingData must be one of {', '.join(MISSING)}.")


def check_metrics(definition):
    """The periods of a math alarm's metrics."""
    queries = {query["Id"]: query for query in definition["Metrics"]}
    for name in ("Namespace", "MetricName", "Dimensions", "Period", "Statistic", "ExtendedStatistic", "Unit"):
        if name in definition:
            raise ServiceError("InvalidParameterCombination", f"{name} must not be given together with Metrics.")
    if len([query for query in queries.values() if query.get("ReturnData", True)]) != 1:
        raise ServiceError("ValidationError", "Exactly one element of the metrics list should return data.")
    stats = [query["MetricStat"] for query in queries.values() if "MetricStat" in query]
    if not 1 <= len(stats) <= 10:
        raise ServiceError("ValidationError", "A math alarm needs 1 to 10 metrics.")
    for stat in stats:
        check_statistic(stat["Stat"])
    for query in queries.values():
        if "Expression" in query:
            try:
                unknown = Expression(query["Expression"]).names - set(queries)
            except ExpressionError as error:
                raise ServiceError("ValidationError", str(error)) from None
            if unknown:
                raise ServiceError("ValidationError", f"Unknown identifier in expression: {', '.join(sorted(unknown))}")
    return [stat["Period"] for stat in stats]
