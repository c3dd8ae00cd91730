"""An endpoint to test with, made by hand: models, configurations, alarms."""

from harness import ROLE, EmulatorCase

VARIANT = "AllTraffic"


class ServingCase(EmulatorCase):
    """`self.arns`: four approved versions of eye-catcher. `serve` makes an endpoint of the first."""

    def setUp(self):
        super().setUp()
        versions = [{"status": "Approved", "metrics": {"accuracy": 0.6 + number / 100}} for number in range(4)]
        self.arns = self.control("seed", {"group": "eye-catcher", "versions": versions})["arns"]
        self.sagemaker = self.client("sagemaker")
        self.cloudwatch = self.client("cloudwatch")
        self.scaling = self.client("application-autoscaling")

    def configure(self, version, count=4, instance_type="ml.m5.xlarge", name=None):
        """Makes model and configuration of a version; gives the configuration's name."""
        name = name or f"config-{version}"
        self.sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"ModelPackageName": self.arns[version - 1]}
        )
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": VARIANT, "ModelName": name, "InstanceType": instance_type,
                    "InitialInstanceCount": count, "InitialVariantWeight": 1.0,
                }
            ],
        )
        return name

    def serve(self, count=4):
        self.sagemaker.create_endpoint(EndpointName="eye", EndpointConfigName=self.configure(1, count))
        self.advance(180)
        self.assertEqual("InService", self.describe()["EndpointStatus"])

    def describe(self):
        return self.sagemaker.describe_endpoint(EndpointName="eye")

    def state(self):
        return self.control("state")["endpoints"]["eye"]

    def alarm(self, name="errors", metric="InvocationModelErrors", threshold=5.0, dimensions=None, **others):
        dimensions = dimensions or {"EndpointName": "eye", "VariantName": VARIANT}
        self.cloudwatch.put_metric_alarm(
            **{
                "AlarmName": name, "Namespace": "AWS/SageMaker", "MetricName": metric, "Statistic": "Sum",
                "Period": 60, "EvaluationPeriods": 1, "Threshold": threshold,
                "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                **others,
            }
        )

    def abort_alarm(self):
        self.alarm(
            "abort", Namespace="Rollout", metric="Abort", Statistic="Maximum", threshold=0.0, TreatMissingData="ignore",
            dimensions={"EndpointName": "eye"},
        )

    def canary(self, percent=25, wait=300, termination=120, alarms=("errors",)):
        return {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY", "WaitIntervalInSeconds": wait,
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": percent},
                },
                "TerminationWaitInSeconds": termination, "MaximumExecutionTimeoutInSeconds": 3600,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
        }
