"""CloudWatch's metrics: what was measured, and questions about it."""

import bisect
import math
import re

from errors import ServiceError
from expressions import Expression, ExpressionError
from pages import page

SIMPLE = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
TWO_WEEKS = 14 * 86400


def invalid_parameter(message):
    return ServiceError("InvalidParameterValue", message)


class Datum:
    """What one moment adds to a metric. `samples`: [(value, how often)], None if only the statistics were sent."""

    def __init__(self, samples=None, statistics=None):
        self.samples = samples
        if statistics is None:
            self.count = sum(count for _, count in samples)
            self.total = sum(value * count for value, count in samples)
            self.least = min(value for value, _ in samples)
            self.most = max(value for value, _ in samples)
        else:
            self.count = statistics["SampleCount"]
            self.total = statistics["Sum"]
            self.least = statistics["Minimum"]
            self.most = statistics["Maximum"]


class Metric:
    """The data of one metric with one set of dimensions, in order of time."""

    def __init__(self):
        self._moments = []
        self._data = []

    def add(self, moment, datum):
        place = bisect.bisect_right(self._moments, moment)
        self._moments.insert(place, moment)
        self._data.insert(place, datum)

    def between(self, start, end):
        return self._data[bisect.bisect_left(self._moments, start) : bisect.bisect_left(self._moments, end)]


def statistic(name, data):
    """None when there are no data, or no samples to take a percentile of."""
    if not data:
        return None
    count = sum(datum.count for datum in data)
    if name == "SampleCount":
        return float(count)
    if name == "Sum":
        return float(sum(datum.total for datum in data))
    if name == "Average":
        return sum(datum.total for datum in data) / count if count else None
    if name == "Minimum":
        return float(min(datum.least for datum in data))
    if name == "Maximum":
        return float(max(datum.most for datum in data))
    return percentile(float(name[1:]), data)


def percentile(rank, data):
    if any(datum.samples is None for datum in data):
        return None
    samples = sorted(sample for datum in data for sample in datum.samples)
    wanted = math.ceil(sum(count for _, count in samples) * rank / 100)
    seen = 0
    for value, count in samples:
        seen += count
        if seen >= wanted:
            return float(value)
    return None


def check_statistic(name):
    if name not in SIMPLE and not re.fullmatch(r"p(\d{1,2}(\.\d{1,10})?|100)", name or ""):
        raise invalid_parameter(f"The value {name} for parameter Stat is not supported.")


def identity(namespace, name, dimensions):
    return namespace, name, tuple(sorted((item["Name"], item["Value"]) for item in dimensions or []))


class Metrics:
    def __init__(self, region):
        self._clock = region.clock
        self._metrics = {}

    def add(self, namespace, name, dimensions, moment, datum):
        """`dimensions`: {name: value}."""
        key = (namespace, name, tuple(sorted(dimensions.items())))
        self._metrics.setdefault(key, Metric()).add(moment, datum)

    def data(self, metric, start, end):
        """`metric`: {Namespace, MetricName, Dimensions} as in the API."""
        found = self._metrics.get(identity(metric["Namespace"], metric["MetricName"], metric.get("Dimensions")))
        return found.between(start, end) if found else []

    # --- Operations --------------------------------------------------------------------------------------------------

    def put_metric_data(self, parameters, caller):
        namespace = parameters["Namespace"]
        if namespace.startswith("AWS/"):
            raise invalid_parameter("The value AWS/ for parameter Namespace is invalid.")
        if "EntityMetricData" in parameters:
            raise invalid_parameter("the emulator keeps no entities")
        ready = []
        for item in parameters.get("MetricData", []):
            moment = item.get("Timestamp", self._clock.now)
            if not self._clock.now - TWO_WEEKS <= moment <= self._clock.now + 7200:
                raise invalid_parameter("The parameter MetricData.member.1.Timestamp must be within two weeks.")
            ready.append((identity(namespace, item["MetricName"], item.get("Dimensions")), moment, datum_of(item)))
        for key, moment, datum in ready:
            self._metrics.setdefault(key, Metric()).add(moment, datum)

    def get_metric_data(self, parameters, caller):
        start, end = parameters["StartTime"], parameters["EndTime"]
        if start >= end:
            raise ServiceError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
        queries = {query["Id"]: query for query in parameters["MetricDataQueries"]}
        results = []
        for query in parameters["MetricDataQueries"]:
            if not query.get("ReturnData", True):
                continue
            points = self.series(query, queries, start, end)
            moments = sorted(points, reverse=parameters.get("ScanBy") != "TimestampAscending")
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or label(query),
                    "Timestamps": moments,
                    "Values": [points[moment] for moment in moments],
                    "StatusCode": "Complete",
                }
            )
        error = ServiceError("InvalidNextToken", "The next token specified is invalid.")
        items, token = page(results, parameters, 500, error, limit="MaxResults")
        return {"MetricDataResults": items, "Messages": [], "NextToken": token}

    def series(self, query, queries, start, end):
        """{start of a period: value} of a query, which may be an expression over other queries."""
        if "MetricStat" in query:
            wanted = query["MetricStat"]
            check_statistic(wanted["Stat"])
            period = wanted["Period"]
            points = {}
            moment = math.floor(start / period) * period
            while moment < end:
                value = statistic(wanted["Stat"], self.data(wanted["Metric"], moment, moment + period))
                if value is not None:
                    points[moment] = value
                moment += period
            return points
        try:
            expression = Expression(query["Expression"])
            unknown = expression.names - set(queries)
            if unknown:
                raise ServiceError("ValidationError", f"Unknown identifier in expression: {', '.join(sorted(unknown))}")
            return expression.value(
                {name: self.series(queries[name], queries, start, end) for name in expression.names}
            )
        except ExpressionError as error:
            raise ServiceError("ValidationError", str(error)) from None

    def get_metric_statistics(self, parameters, caller):
        period = parameters["Period"]
        names = parameters.get("Statistics", []) + parameters.get("ExtendedStatistics", [])
        points = []
        moment = math.floor(parameters["StartTime"] / period) * period
        while moment < parameters["EndTime"]:
            data = self.data(parameters, moment, moment + period)
            if data:
                point = {"Timestamp": moment, "Unit": "None"}
                extended = {}
                for name in names:
                    check_statistic(name)
                    (point if name in SIMPLE else extended)[name] = statistic(name, data)
                points.append({**point, "ExtendedStatistics": extended or None})
            moment += period
        return {"Label": parameters["MetricName"], "Datapoints": points}

    def list_metrics(self, parameters, caller):
        wanted = [(item["Name"], item.get("Value")) for item in parameters.get("Dimensions", [])]
        found = []
        for namespace, name, dimensions in sorted(self._metrics):
            if parameters.get("Namespace") not in (None, namespace) or parameters.get("MetricName") not in (None, name):
                continue
            if all(any(key == k and value in (None, v) for k, v in dimensions) for key, value in wanted):
                found.append(
                    {
                        "Namespace": namespace, "MetricName": name,
                        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                    }
                )
        error = ServiceError("InvalidParameterValue", "The next token specified is invalid.")
        items, token = page(found, parameters, 500, error)
        return {"Metrics": items, "NextToken": token}


def datum_of(item):
    given = [name for name in ("Value", "Values", "StatisticValues") if name in item]
    if len(given) != 1:
        raise ServiceError(
            "InvalidParameterCombination", "A datum needs one of Value, Values and StatisticValues, and not several."
        )
    if "StatisticValues" in item:
        return Datum(statistics=item["StatisticValues"])
    values = item.get("Values", [item.get("Value")])
    counts = item.get("Counts", [1] * len(values))
    if len(values) != len(counts) or not values or len(values) > 150:
        raise invalid_parameter("Values and Counts must be of one length, 1 to 150.")
    if any(math.isnan(value) or math.isinf(value) for value in values):
        raise invalid_parameter("The value NaN for parameter MetricData.member.1.Value is invalid.")
    return Datum(samples=list(zip(values, counts)))


def label(query):
    return query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"]
