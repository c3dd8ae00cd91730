"""Endpoints and their guarded deployments."""

import json
import unittest

from serving import VARIANT, ServingCase


class EndpointTests(ServingCase):
    def test_an_endpoint_takes_its_time_to_come_into_service(self):
        self.sagemaker.create_endpoint(EndpointName="eye", EndpointConfigName=self.configure(1))
        self.assertEqual("Creating", self.describe()["EndpointStatus"])
        self.advance(179)
        self.assertEqual("Creating", self.describe()["EndpointStatus"])
        self.advance(1)
        self.assertEqual("InService", self.describe()["EndpointStatus"])
        self.assertEqual(4, self.describe()["ProductionVariants"][0]["CurrentInstanceCount"])

    def test_a_model_that_does_not_start_fails_a_creation_and_the_endpoint_can_only_be_deleted(self):
        self.control("models", {"eye-catcher/1": {"failsToStart": True}})
        self.sagemaker.create_endpoint(EndpointName="eye", EndpointConfigName=self.configure(1))
        self.advance(180)
        self.assertEqual("Failed", self.describe()["EndpointStatus"])
        self.assertIn("ping health check", self.describe()["FailureReason"])
        name = self.configure(2)
        self.assert_refused(
            "ValidationException", "only be deleted", self.sagemaker.update_endpoint, EndpointName="eye",
            EndpointConfigName=name,
        )
        self.sagemaker.delete_endpoint(EndpointName="eye")
        self.advance(30)
        self.assert_refused("ValidationException", "Could not find", self.describe)

    def test_names_are_given_once(self):
        name = self.configure(1)
        self.assert_refused("ValidationException", "Cannot create already existing model", self.configure, 1)
        self.assert_refused(
            "ValidationException", "Cannot create already existing endpoint configuration",
            self.sagemaker.create_endpoint_config, EndpointConfigName=name,
            ProductionVariants=[
                {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m7i.large", "InitialInstanceCount": 1}
            ],
        )

    def test_a_package_that_is_not_approved_makes_no_model(self):
        self.sagemaker.update_model_package(ModelPackageArn=self.arns[1], ModelApprovalStatus="Rejected")
        self.assert_refused("ValidationException", "Rejected", self.configure, 2)

    def test_a_second_update_is_refused_while_one_runs(self):
        self.serve()
        self.sagemaker.update_endpoint(EndpointName="eye", EndpointConfigName=self.configure(2))
        self.assert_refused(
            "ValidationException", "Cannot update in-progress endpoint", self.sagemaker.update_endpoint,
            EndpointName="eye", EndpointConfigName=self.configure(3),
        )

    def test_an_update_resets_the_instance_count_unless_it_is_retained(self):
        self.serve(count=4)
        self.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="eye", DesiredWeightsAndCapacities=[{"VariantName": VARIANT, "DesiredInstanceCount": 6}]
        )
        self.assertEqual("Updating", self.describe()["EndpointStatus"])
        self.advance(60)
        self.sagemaker.update_endpoint(
            EndpointName="eye", EndpointConfigName=self.configure(2), RetainAllVariantProperties=True
        )
        self.advance(600)
        self.assertEqual(6, self.describe()["ProductionVariants"][0]["CurrentInstanceCount"])
        self.sagemaker.update_endpoint(EndpointName="eye", EndpointConfigName=self.configure(3))
        self.advance(600)
        self.assertEqual(4, self.describe()["ProductionVariants"][0]["CurrentInstanceCount"])

    def test_the_instance_type_of_a_scalable_target_cannot_change(self):
        self.serve()
        self.scaling.register_scalable_target(
            ServiceNamespace="sagemaker", ResourceId=f"endpoint/eye/variant/{VARIANT}",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount", MinCapacity=2, MaxCapacity=8,
        )
        name = self.configure(2, instance_type="ml.c5.xlarge")
        self.assert_refused(
            "ValidationException", "scalable target", self.sagemaker.update_endpoint, EndpointName="eye",
            EndpointConfigName=name,
        )

    def test_guardrails_that_make_no_sense_are_refused(self):
        self.serve()
        self.alarm()
        self.configure(2)
        good = self.canary()
        routing = good["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]

        def refused(text, deployment):
            self.assert_refused(
                "ValidationException", text, self.sagemaker.update_endpoint, EndpointName="eye",
                EndpointConfigName="config-2", DeploymentConfig=deployment,
            )

        refused("between 1 and 50 percent", self.canary(percent=51))
        refused("larger than the waits together", self.canary(wait=3600))
        refused("does not exist", self.canary(alarms=["nobody"]))
        refused("CanarySize is required", {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {
            "Type": "CANARY", "WaitIntervalInSeconds": 60}}})
        refused("LinearStepSize is required", {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {
            "Type": "LINEAR", "WaitIntervalInSeconds": 60}}})
        refused("Only one update policy", {
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 25}, "WaitIntervalInSeconds": 60}})
        self.assertEqual("InService", self.describe()["EndpointStatus"])

    def test_who_is_asked_for_and_who_is_not_there(self):
        self.serve()
        runtime = self.client("sagemaker-runtime")
        answer = runtime.invoke_endpoint(EndpointName="eye", Body=b"{}", ContentType="application/json")
        self.assertEqual({"modelPackage": self.arns[0]}, json.load(answer["Body"]))
        self.assertEqual(VARIANT, answer["InvokedProductionVariant"])
        self.assert_refused(
            "ValidationError", "not found", runtime.invoke_endpoint, EndpointName="nose", Body=b"{}"
        )

    def test_a_model_that_fails_is_a_424_with_what_it_said(self):
        self.serve()
        self.control("models", {"eye-catcher/1": {"errorRate": 1, "errorStatus": 503, "errorBody": "no memory"}})
        refused = self.assert_refused(
            "ModelError", "no memory", self.client("sagemaker-runtime").invoke_endpoint, EndpointName="eye", Body=b"{}"
        )
        self.assertEqual(424, refused["ResponseMetadata"]["HTTPStatusCode"])
        self.assertEqual(503, refused["OriginalStatusCode"])
        self.assertEqual("no memory", refused["OriginalMessage"])


class ConfigurationInUseTests(ServingCase):
    def expected_violations(self):
        return ["sagemaker DeleteEndpointConfig: config-1 is in use by the endpoint eye"]

    def test_deleting_a_configuration_in_use_is_possible_and_wrong(self):
        self.serve()
        self.sagemaker.delete_endpoint_config(EndpointConfigName="config-1")
        self.assertEqual("InService", self.describe()["EndpointStatus"])
        name = self.configure(2)
        self.assert_refused(
            "ValidationException", "Could not find endpoint configuration", self.sagemaker.update_endpoint,
            EndpointName="eye", EndpointConfigName=name,
        )


class DeploymentTests(ServingCase):
    def deploy(self, version, deployment=None, **others):
        given = {"DeploymentConfig": deployment} if deployment else {}
        self.sagemaker.update_endpoint(
            EndpointName="eye", EndpointConfigName=self.configure(version), **given, **others
        )

    def pending(self):
        summary = self.describe().get("PendingDeploymentSummary")
        return summary and summary["ProductionVariants"][0]["VariantStatus"][0]

    def test_a_canary_that_succeeds(self):
        self.serve()
        self.control("traffic", {"endpoint": "eye", "perMinute": 400})
        self.alarm()
        self.advance(60)
        self.deploy(2, self.canary())
        self.assertEqual("Updating", self.describe()["EndpointStatus"])
        self.assertEqual("config-1", self.describe()["EndpointConfigName"])
        self.assertEqual("Launching 4 instance(s).", self.pending()["StatusMessage"])
        self.advance(150)
        self.assertEqual("Baking", self.pending()["Status"])
        self.assertIn("canary capacity of 1 instance(s)", self.pending()["StatusMessage"])
        self.assertEqual([("config-1", 0.75), ("config-2", 0.25)], self.shares())
        self.advance(300)
        self.assertEqual("ActivatingTraffic", self.pending()["Status"])
        self.advance(30)
        self.assertIn("TerminationWaitInSeconds", self.pending()["StatusMessage"])
        self.assertEqual([("config-2", 1.0)], self.shares())
        self.advance(120)
        self.assertEqual("Deleting", self.pending()["Status"])
        self.advance(60)
        described = self.describe()
        self.assertEqual(("InService", "config-2"), (described["EndpointStatus"], described["EndpointConfigName"]))
        self.assertNotIn("PendingDeploymentSummary", described)
        self.assertEqual(self.canary(), described["LastDeploymentConfig"])

    def shares(self):
        return [(fleet["config"], fleet["share"]) for fleet in self.state()["fleets"]]

    def test_a_canary_is_rolled_back_by_its_alarm(self):
        self.serve()
        self.control("models", {"eye-catcher/2": {"errorRate": 0.2}})
        self.control("traffic", {"endpoint": "eye", "perMinute": 400})
        self.alarm()
        self.advance(60)
        self.deploy(2, self.canary())
        self.advance(150)
        self.assertEqual("Baking", self.pending()["Status"])
        self.advance(40)
        self.assertEqual("ALARM", self.control("state")["alarms"]["errors"])
        self.assertEqual([("config-1", 1.0)], self.shares())
        self.assertEqual("Updating", self.describe()["EndpointStatus"])
        self.advance(60)
        described = self.describe()
        self.assertEqual(("InService", "config-1"), (described["EndpointStatus"], described["EndpointConfigName"]))
        self.assertIn("errors", described["FailureReason"])
        self.assertNotIn("PendingDeploymentSummary", described)

    def test_a_rollback_may_leave_no_reason(self):
        self.control("options", {"sageMaker": {"failureReasons": False}})
        self.test_a_start_that_fails_goes_back_too(reason=None)

    def test_a_start_that_fails_goes_back_too(self, reason="ping health check"):
        self.serve()
        self.control("models", {"eye-catcher/2": {"failsToStart": True}})
        self.deploy(2)
        self.advance(600)
        described = self.describe()
        self.assertEqual(("InService", "config-1"), (described["EndpointStatus"], described["EndpointConfigName"]))
        if reason is None:
            self.assertNotIn("FailureReason", described)
        else:
            self.assertIn(reason, described["FailureReason"])

    def test_a_breaching_point_on_the_abort_metric_takes_the_traffic_back(self):
        self.serve()
        self.abort_alarm()
        self.advance(60)
        self.assertEqual("INSUFFICIENT_DATA", self.control("state")["alarms"]["abort"])
        self.deploy(2, self.canary(wait=1200, alarms=["abort"]))
        self.advance(300)
        self.assertEqual("Baking", self.pending()["Status"])
        self.put_abort(1)
        self.advance(60)
        self.assertEqual([("config-1", 1.0)], self.shares())
        self.advance(3600)
        # Missing data are ignored: what it was told last it remembers, until it is told otherwise.
        self.assertEqual("ALARM", self.control("state")["alarms"]["abort"])
        self.put_abort(0)
        self.advance(60)
        self.assertEqual("OK", self.control("state")["alarms"]["abort"])
        self.assertEqual("config-1", self.describe()["EndpointConfigName"])

    def put_abort(self, value):
        self.cloudwatch.put_metric_data(
            Namespace="Rollout",
            MetricData=[
                {"MetricName": "Abort", "Dimensions": [{"Name": "EndpointName", "Value": "eye"}], "Value": value}
            ],
        )

    def test_an_alarm_that_is_in_alarm_before_ends_a_deployment_at_its_first_bake(self):
        self.serve()
        self.abort_alarm()
        self.put_abort(1)
        self.advance(60)
        self.deploy(2, self.canary(alarms=["abort"]))
        self.advance(600)
        self.assertEqual(("InService", "config-1"), (self.state()["status"], self.state()["config"]))

    def test_an_alarm_that_trips_for_the_old_fleet_ends_it_too(self):
        self.serve()
        self.control("traffic", {"endpoint": "eye", "perMinute": 400})
        self.alarm()
        self.advance(60)
        self.deploy(2, self.canary(wait=600))
        self.advance(200)
        self.control("models", {"eye-catcher/1": {"errorRate": 0.5}})
        self.advance(300)
        self.assertEqual(("InService", "config-1"), (self.state()["status"], self.state()["config"]))

    def test_only_the_new_fleet_has_metrics_of_its_configuration(self):
        self.serve()
        self.control("models", {"eye-catcher/2": {"errorRate": 0.1}})
        self.control("traffic", {"endpoint": "eye", "perMinute": 400})
        self.advance(60)
        deployment = self.canary(wait=600)
        del deployment["AutoRollbackConfiguration"]
        self.deploy(2, deployment)
        self.advance(300)
        found = self.cloudwatch.list_metrics(Namespace="AWS/SageMaker", MetricName="Invocations")["Metrics"]
        names = [{item["Name"]: item["Value"] for item in metric["Dimensions"]} for metric in found]
        self.assertEqual(
            [{"EndpointConfigName": "config-2", "EndpointName": "eye", "VariantName": VARIANT},
             {"EndpointName": "eye", "VariantName": VARIANT}],
            names,
        )

    def test_a_linear_deployment_goes_in_equal_steps(self):
        self.serve()
        self.alarm()
        linear = self.canary()
        linear["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] = {
            "Type": "LINEAR", "WaitIntervalInSeconds": 120, "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
        }
        self.deploy(2, linear)
        self.advance(120)
        seen = []
        for _ in range(4):
            self.advance(30)
            seen.append(self.shares()[-1])
            self.advance(120)
        self.assertEqual([("config-2", share) for share in (0.25, 0.5, 0.75, 1.0)], seen)
        self.advance(200)
        self.assertEqual(("InService", "config-2"), (self.state()["status"], self.state()["config"]))

    def instances(self):
        return [fleet["variants"][VARIANT]["current"] for fleet in self.state()["fleets"]]

    def rolling(self):
        return {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50}, "WaitIntervalInSeconds": 300,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
        }

    def test_a_rolling_deployment_replaces_batch_by_batch(self):
        self.serve()
        self.alarm()
        self.deploy(2, self.rolling())
        self.advance(150)
        self.assertEqual([("config-1", 0.5), ("config-2", 0.5)], self.shares())
        self.assertEqual([4, 2], self.instances())
        self.advance(300 + 60)
        self.assertEqual([2, 2], self.instances())
        self.advance(150)
        self.assertEqual([("config-2", 1.0)], self.shares())
        self.advance(300 + 60)
        self.assertEqual(("InService", "config-2"), (self.state()["status"], self.state()["config"]))

    def test_a_rolling_rollback_can_fail_with_both_fleets_in_service(self):
        self.control("options", {"sageMaker": {"rollbackFails": True}})
        self.serve()
        self.control("models", {"eye-catcher/2": {"errorRate": 1}})
        self.control("traffic", {"endpoint": "eye", "perMinute": 100})
        self.alarm()
        self.deploy(2, self.rolling())
        self.advance(600)
        self.assertEqual("UpdateRollbackFailed", self.state()["status"])
        self.assertEqual([("config-1", 0.5), ("config-2", 0.5)], self.shares())

    def test_a_deployment_that_takes_too_long_goes_back(self):
        self.control("options", {"sageMaker": {"provisionSeconds": 5000}})
        self.serve()
        self.alarm()
        self.deploy(2, self.canary())
        self.advance(3600 + 60)
        described = self.describe()
        self.assertEqual(("InService", "config-1"), (described["EndpointStatus"], described["EndpointConfigName"]))
        self.assertIn("MaximumExecutionTimeout", described["FailureReason"])

    def test_a_late_copy_of_an_update_brings_back_what_that_name_now_means(self):
        self.serve()
        self.abort_alarm()
        self.control("faults", {
            "service": "sagemaker", "operation": "UpdateEndpoint", "kind": "duplicateLater", "seconds": 3000})
        self.deploy(2, self.canary(wait=600, alarms=["abort"]))
        self.advance(300)
        self.put_abort(1)
        self.advance(300)
        self.put_abort(0)
        self.advance(600)
        self.assertEqual(("InService", "config-1"), (self.state()["status"], self.state()["config"]))
        # The name is taken from the bad content and given the good one.
        self.sagemaker.delete_endpoint_config(EndpointConfigName="config-2")
        self.sagemaker.create_endpoint_config(
            EndpointConfigName="config-2",
            ProductionVariants=[
                {"VariantName": VARIANT, "ModelName": "config-1", "InstanceType": "ml.m5.xlarge",
                 "InitialInstanceCount": 4}
            ],
        )
        self.advance(1900)
        self.assertEqual("Updating", self.state()["status"])
        late = [entry for entry in self.control("log")["requests"] if entry.get("late")]
        self.assertEqual([("UpdateEndpoint", 200)], [(entry["operation"], entry["status"]) for entry in late])
        self.advance(1500)
        self.assertEqual(("InService", "config-2"), (self.state()["status"], self.state()["config"]))
        self.assertEqual(self.arns[0], self.state()["fleets"][0]["variants"][VARIANT]["modelPackage"])


if __name__ == "__main__":
    unittest.main()
