"""Application Auto Scaling of an endpoint."""

import unittest

from serving import VARIANT, ServingCase

RESOURCE = f"endpoint/eye/variant/{VARIANT}"
WHAT = {
    "ServiceNamespace": "sagemaker", "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


class ScalingTests(ServingCase):
    def setUp(self):
        super().setUp()
        self.serve(count=4)

    def track(self, least=2, most=8, out=300, in_=600):
        self.scaling.register_scalable_target(**WHAT, MinCapacity=least, MaxCapacity=most)
        return self.scaling.put_scaling_policy(
            **WHAT, PolicyName="invocations", PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 70.0, "ScaleOutCooldown": out, "ScaleInCooldown": in_,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            },
        )

    def instances(self):
        return self.describe()["ProductionVariants"][0]["CurrentInstanceCount"]

    def traffic(self, per_minute):
        self.control("traffic", {"endpoint": "eye", "perMinute": per_minute})

    def activities(self, **others):
        return self.scaling.describe_scaling_activities(
            ServiceNamespace="sagemaker", ResourceId=RESOURCE, **others
        )["ScalingActivities"]

    def test_from_four_to_seven_to_two(self):
        self.track()
        self.traffic(280)
        self.advance(600)
        self.assertEqual(4, self.instances())
        self.traffic(490)
        self.advance(120)
        self.assertEqual(4, self.instances())
        self.advance(60)
        self.assertEqual("Updating", self.describe()["EndpointStatus"])
        self.advance(60)
        self.assertEqual(7, self.instances())
        self.traffic(100)
        self.advance(14 * 60)
        self.assertEqual(7, self.instances())
        self.advance(3 * 60)
        self.assertEqual(2, self.instances())
        self.assertEqual(
            ["Setting desired instance count to 2.", "Setting desired instance count to 7."],
            [activity["Description"] for activity in self.activities()],
        )
        self.assertEqual({"Successful"}, {activity["StatusCode"] for activity in self.activities()})

    def test_a_load_just_below_the_target_scales_nothing_in(self):
        self.track()
        self.traffic(4 * 64)
        self.advance(3600)
        self.assertEqual(4, self.instances())

    def test_no_traffic_is_no_reason(self):
        self.track()
        self.advance(3600)
        self.assertEqual(4, self.instances())

    def test_limits_hold(self):
        self.track(least=3, most=5)
        self.traffic(2000)
        self.advance(1200)
        self.assertEqual(5, self.instances())
        reasons = [
            reason["Code"]
            for activity in self.activities(IncludeNotScaledActivities=True)
            for reason in activity.get("NotScaledReasons", [])
        ]
        self.assertIn("AlreadyAtMaxCapacity", reasons)
        self.traffic(10)
        self.advance(3600)
        self.assertEqual(3, self.instances())

    def test_in_the_cooldown_only_a_larger_scale_out_goes_through(self):
        self.track(most=20, out=1200)
        self.traffic(350)
        self.advance(300)
        self.assertEqual(5, self.instances())
        self.traffic(700)
        self.advance(300)
        self.assertEqual(10, self.instances())

    def test_a_scale_in_waits_for_its_cooldown(self):
        self.track(in_=1800)
        self.traffic(200)
        self.advance(20 * 60)
        self.assertEqual(3, self.instances())
        self.traffic(100)
        self.advance(20 * 60)
        self.assertEqual(3, self.instances())
        self.advance(20 * 60)
        self.assertEqual(2, self.instances())

    def test_an_update_blocks_scaling(self):
        self.track()
        self.alarm()
        self.traffic(280)
        self.advance(60)
        self.sagemaker.update_endpoint(
            EndpointName="eye", EndpointConfigName=self.configure(2), DeploymentConfig=self.canary(wait=1200),
            RetainAllVariantProperties=True,
        )
        self.traffic(560)
        self.advance(900)
        self.assertEqual(4, self.instances())
        activity = self.activities(IncludeNotScaledActivities=True)[0]
        self.assertEqual("TargetServicePutResourceAsUnscalable", activity["NotScaledReasons"][0]["Code"])
        self.advance(1200)
        self.assertEqual(8, self.instances())

    def test_its_alarms_are_a_pair_of_its_own(self):
        names = [alarm["AlarmName"] for alarm in self.track()["Alarms"]]
        self.assertEqual(2, len(names))
        self.assertTrue(names[0].startswith(f"TargetTracking-{RESOURCE}-AlarmHigh-"))
        alarms = {
            alarm["AlarmName"]: alarm
            for alarm in self.cloudwatch.describe_alarms(AlarmNamePrefix="TargetTracking-")["MetricAlarms"]
        }
        high, low = (alarms[name] for name in names)
        self.assertEqual((70.0, 3, "GreaterThanThreshold"), figures(high))
        self.assertEqual((63.0, 15, "LessThanThreshold"), figures(low))
        self.scaling.deregister_scalable_target(**WHAT)
        self.assertEqual([], self.cloudwatch.describe_alarms(AlarmNamePrefix="TargetTracking-")["MetricAlarms"])
        self.assert_refused(
            "ObjectNotFoundException", "No scalable target", self.scaling.deregister_scalable_target, **WHAT
        )

    def test_what_cannot_be_scaled(self):
        register = self.scaling.register_scalable_target
        self.assert_refused("ValidationException", "required", register, **WHAT)
        self.assert_refused(
            "ValidationException", "cannot be less", register, **WHAT, MinCapacity=3, MaxCapacity=2
        )
        elsewhere = {**WHAT, "ResourceId": "endpoint/nose/variant/AllTraffic"}
        self.assert_refused("ValidationException", "doesn't exist", register, **elsewhere, MinCapacity=1, MaxCapacity=2)
        wrong = {**WHAT, "ResourceId": "endpoints/eye/variant/AllTraffic"}
        self.assert_refused("ValidationException", "Unsupported", register, **wrong, MinCapacity=1, MaxCapacity=2)

    def test_describing_targets_and_policies(self):
        self.track()
        target = self.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"][0]
        self.assertEqual((2, 8), (target["MinCapacity"], target["MaxCapacity"]))
        policy = self.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"][0]
        self.assertEqual(70.0, policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"])


def figures(alarm):
    return alarm["Threshold"], alarm["EvaluationPeriods"], alarm["ComparisonOperator"]


if __name__ == "__main__":
    unittest.main()
