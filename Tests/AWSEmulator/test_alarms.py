"""CloudWatch: the rules of its alarms, and metrics."""

import datetime
import unittest

from alarms import verdict
from expressions import Expression, ExpressionError
from harness import EmulatorCase
from metrics import Datum, statistic

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html: points of the evaluation
# range (0 good, X breaching, - missing), then what follows with missing, ignore, breaching and notBreaching.
KEEP = "keep"
THREE_OF_THREE = [
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("0 - - - -", "OK", "OK", "OK", "OK"),
    ("- - - - -", "INSUFFICIENT_DATA", KEEP, "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", KEEP, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", KEEP, "ALARM", "OK"),
]
WAYS = ("missing", "ignore", "breaching", "notBreaching")
STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


class MissingDataTests(unittest.TestCase):
    def check(self, needed, table):
        for row in table:
            points = [{"0": False, "X": True, "-": None}[word] for word in row[0].split()]
            for way, expected in zip(WAYS, row[1:]):
                for state in STATES:
                    with self.subTest(points=row[0], way=way, state=state):
                        self.assertEqual(
                            state if expected == KEEP else expected, verdict(points, 3, needed, way, state)
                        )

    def test_three_of_three(self):
        self.check(3, THREE_OF_THREE)

    def test_two_of_three(self):
        self.check(2, TWO_OF_THREE)


class ExpressionTests(unittest.TestCase):
    def value(self, text, **series):
        return Expression(text).value(series)

    def test_arithmetic(self):
        self.assertEqual({1: 2.0, 2: 3.0}, self.value("m1/4", m1={1: 8.0, 2: 12.0}))
        self.assertEqual({1: 25.0}, self.value("100*e/i", e={1: 1.0}, i={1: 4.0}))
        self.assertEqual({1: -3.0}, self.value("-(m1 - m2) ^ 1", m1={1: 5.0}, m2={1: 2.0}))
        self.assertEqual({1: 1.0, 2: 0.0}, self.value("m1 > 3", m1={1: 4.0, 2: 3.0}))

    def test_a_point_needs_all_its_series_and_no_division_by_zero(self):
        self.assertEqual({2: 1.0}, self.value("m1/m2", m1={1: 1.0, 2: 2.0, 3: 3.0}, m2={2: 2.0, 3: 0.0}))

    def test_what_it_does_not_know_it_says(self):
        with self.assertRaisesRegex(ExpressionError, "FILL"):
            self.value("FILL(m1, 0)", m1={1: 1.0})
        with self.assertRaises(ExpressionError):
            Expression("m1 +")


class StatisticTests(unittest.TestCase):
    DATA = [Datum(samples=[(value, 1) for value in range(1, 100)]), Datum(samples=[(1000, 1)])]

    def test_every_statistic(self):
        for name, expected in (
            ("Sum", 5950), ("Average", 59.5), ("Minimum", 1), ("Maximum", 1000), ("SampleCount", 100), ("p99", 99),
            ("p99.5", 1000), ("p50", 50),
        ):
            with self.subTest(name):
                self.assertEqual(expected, statistic(name, self.DATA))
        self.assertIsNone(statistic("Sum", []))


class CloudWatchCase(EmulatorCase):
    def setUp(self):
        super().setUp()
        self.cloudwatch = self.client("cloudwatch")

    def alarm(self, name="load", **others):
        self.cloudwatch.put_metric_alarm(
            **{
                "AlarmName": name, "Namespace": "Own", "MetricName": "Load", "Statistic": "Sum", "Period": 60,
                "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 10,
                "ComparisonOperator": "GreaterThanThreshold", **others,
            }
        )

    def put(self, value, name="Load", **others):
        self.cloudwatch.put_metric_data(Namespace="Own", MetricData=[{"MetricName": name, "Value": value, **others}])

    def state(self, name="load"):
        return self.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


class AlarmTests(CloudWatchCase):
    def test_a_new_alarm_knows_nothing_until_it_is_evaluated(self):
        self.alarm(TreatMissingData="notBreaching")
        self.assertEqual("INSUFFICIENT_DATA", self.state())
        self.advance(60)
        self.assertEqual("OK", self.state())

    def test_two_of_three_minutes(self):
        self.alarm()
        states = []
        for value in (1, 1, 1, 20, 1, 20, 1, 1):
            self.put(value)
            self.advance(60)
            states.append(self.state())
        self.assertEqual(["OK"] * 5 + ["ALARM"] + ["OK"] * 2, states)

    def test_a_change_of_its_definition_leaves_its_state_until_the_next_evaluation(self):
        self.alarm(EvaluationPeriods=1, DatapointsToAlarm=1)
        self.put(20)
        self.advance(60)
        self.assertEqual("ALARM", self.state())
        self.alarm(EvaluationPeriods=1, DatapointsToAlarm=1, Threshold=30)
        self.assertEqual("ALARM", self.state())
        self.advance(60)
        self.assertEqual("OK", self.state())

    def test_a_state_set_by_hand_does_not_last(self):
        self.alarm(TreatMissingData="notBreaching")
        self.advance(60)
        self.cloudwatch.set_alarm_state(AlarmName="load", StateValue="ALARM", StateReason="by hand")
        self.assertEqual("ALARM", self.state())
        self.advance(60)
        self.assertEqual("OK", self.state())

    def test_a_window_of_five_minutes_slides_by_one(self):
        self.alarm(Period=300, EvaluationPeriods=1, DatapointsToAlarm=1, TreatMissingData="notBreaching")
        seen = []
        for minute in range(8):
            if minute < 3:
                self.put(4)
            self.advance(60)
            seen.append(self.state())
        self.assertEqual(["OK", "OK", "ALARM", "ALARM", "ALARM", "OK", "OK", "OK"], seen)

    def test_metric_math(self):
        def measured(identifier, name):
            return {
                "Id": identifier, "ReturnData": False,
                "MetricStat": {"Metric": {"Namespace": "Own", "MetricName": name}, "Period": 60, "Stat": "Sum"},
            }

        self.cloudwatch.put_metric_alarm(
            AlarmName="share", EvaluationPeriods=1, Threshold=10, ComparisonOperator="GreaterThanThreshold",
            Metrics=[measured("e", "Errors"), measured("i", "Calls"), {"Id": "r", "Expression": "100*e/i"}],
        )
        for errors, expected in ((1, "OK"), (3, "ALARM")):
            self.put(errors, "Errors")
            self.put(20, "Calls")
            self.advance(60)
            self.assertEqual(expected, self.state("share"))

    def test_a_percentile_of_few_samples_may_leave_the_state_alone(self):
        given = dict(EvaluationPeriods=1, DatapointsToAlarm=1, ExtendedStatistic="p99")
        definition = {
            "Namespace": "Own", "MetricName": "Load", "Period": 60, "Threshold": 10,
            "ComparisonOperator": "GreaterThanThreshold", **given,
        }
        self.cloudwatch.put_metric_alarm(AlarmName="all", **definition)
        self.cloudwatch.put_metric_alarm(AlarmName="enough", EvaluateLowSampleCountPercentile="ignore", **definition)
        self.put(20)
        self.advance(60)
        self.assertEqual(("ALARM", "INSUFFICIENT_DATA"), (self.state("all"), self.state("enough")))

    def test_what_makes_no_alarm(self):
        for text, others in (
            ("multiple of 60", {"Period": 45}),
            ("must not exceed 86400", {"Period": 600, "EvaluationPeriods": 200}),
            ("must not exceed EvaluationPeriods", {"DatapointsToAlarm": 4}),
            ("TreatMissingData", {"TreatMissingData": "maybe"}),
        ):
            with self.subTest(text):
                self.assert_refused("InvalidParameterValue", text, self.alarm, **others)
        self.assert_refused(
            "InvalidParameterCombination", "either Statistic or ExtendedStatistic", self.alarm, ExtendedStatistic="p99"
        )

    def test_pages(self):
        for number in range(5):
            self.alarm(f"load-{number}")
        self.alarm("other")
        pages = self.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix="load-", PaginationConfig={"PageSize": 2}
        )
        self.assertEqual([2, 2, 1], [len(page["MetricAlarms"]) for page in pages])
        self.assert_refused("InvalidNextToken", "invalid", self.cloudwatch.describe_alarms, NextToken="?")

    def test_history_and_absence(self):
        self.alarm(TreatMissingData="notBreaching")
        self.advance(60)
        items = self.cloudwatch.describe_alarm_history(AlarmName="load", HistoryItemType="StateUpdate")
        self.assertEqual(
            ["Alarm updated from INSUFFICIENT_DATA to OK"],
            [item["HistorySummary"] for item in items["AlarmHistoryItems"]],
        )
        self.cloudwatch.delete_alarms(AlarmNames=["load"])
        self.assertEqual([], self.cloudwatch.describe_alarms(AlarmNames=["load"])["MetricAlarms"])
        self.assert_refused(
            "ResourceNotFound", "load", self.cloudwatch.set_alarm_state, AlarmName="load", StateValue="OK",
            StateReason="-",
        )


class MetricTests(CloudWatchCase):
    def ask(self, *queries, minutes=10, **others):
        end = datetime.datetime.now(datetime.timezone.utc)
        return self.cloudwatch.get_metric_data(
            MetricDataQueries=list(queries), StartTime=end - datetime.timedelta(minutes=minutes), EndTime=end, **others
        )["MetricDataResults"]

    def query(self, identifier, name="Load", stat="Sum", **others):
        metric = {"Namespace": "Own", "MetricName": name}
        return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}, **others}

    def test_values_by_minute_newest_first(self):
        for value in (1, 2, 3):
            self.put(value)
            self.put(value)
            self.advance(60)
        found = self.ask(self.query("m"))
        self.assertEqual([6.0, 4.0, 2.0], found[0]["Values"])
        self.assertEqual(
            [2.0, 4.0, 6.0], self.ask(self.query("m"), ScanBy="TimestampAscending")[0]["Values"]
        )
        ages = [datetime.datetime.now(datetime.timezone.utc) - moment for moment in found[0]["Timestamps"]]
        self.assertEqual([1, 2, 3], [round(age.total_seconds() / 60) for age in ages])

    def test_an_expression_over_other_queries(self):
        self.put(8)
        self.advance(60)
        found = self.ask(self.query("m1", ReturnData=False), {"Id": "share", "Expression": "m1/4", "Label": "per core"})
        self.assertEqual([("share", "per core", [2.0])], [(r["Id"], r["Label"], r["Values"]) for r in found])

    def test_a_time_that_is_given_is_kept(self):
        moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
        self.put(3, Timestamp=moment)
        self.assertEqual([3.0], self.ask(self.query("m"))[0]["Values"])
        self.assertEqual([], self.ask(self.query("m"), minutes=3)[0]["Values"])

    def test_what_is_not_a_datum(self):
        self.assert_refused("InvalidParameterValue", "AWS/", self.cloudwatch.put_metric_data, Namespace="AWS/Own",
                            MetricData=[{"MetricName": "Load", "Value": 1}])
        self.assert_refused("InvalidParameterValue", "NaN", self.put, float("nan"))


if __name__ == "__main__":
    unittest.main()
