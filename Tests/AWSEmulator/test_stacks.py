"""CloudFormation: stacks and change sets, with the endpoint's guarded deployments behind them."""

import json
import textwrap
import unittest

from harness import ROLE
from serving import ServingCase

TEMPLATE = textwrap.dedent("""\
    AWSTemplateFormatVersion: 2010-09-09
    Description: One endpoint with guardrails
    Parameters:
      EndpointName: {Type: String}
      EndpointConfigName: {Type: String}
      ModelPackageArn: {Type: String}
      Count: {Type: Number, Default: 4, MinValue: 1, MaxValue: 10}
      FirstDeployment: {Type: String, AllowedValues: ["true", "false"]}
      Canary: {Type: Number, Default: 25}
      Threshold: {Type: Number, Default: 5}
    Conditions:
      IsUpdate: !Equals [!Ref FirstDeployment, "false"]
    Resources:
      Model:
        Type: AWS::SageMaker::Model
        DeletionPolicy: Retain
        UpdateReplacePolicy: Retain
        Properties:
          ExecutionRoleArn: ROLE
          PrimaryContainer: {ModelPackageName: !Ref ModelPackageArn}
      Config:
        Type: AWS::SageMaker::EndpointConfig
        DeletionPolicy: Retain
        UpdateReplacePolicy: Retain
        Properties:
          EndpointConfigName: !Ref EndpointConfigName
          ProductionVariants:
            - VariantName: AllTraffic
              ModelName: !GetAtt Model.ModelName
              InstanceType: ml.m5.xlarge
              InitialInstanceCount: !Ref Count
              InitialVariantWeight: 1
      Errors:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmName: !Sub "${EndpointName}-model-errors"
          Namespace: AWS/SageMaker
          MetricName: InvocationModelErrors
          Dimensions:
            - {Name: EndpointName, Value: !Ref EndpointName}
            - {Name: VariantName, Value: AllTraffic}
          Statistic: Sum
          Period: 60
          EvaluationPeriods: 1
          Threshold: !Ref Threshold
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching
      Endpoint:
        Type: AWS::SageMaker::Endpoint
        Properties:
          EndpointName: !Ref EndpointName
          EndpointConfigName: !GetAtt Config.EndpointConfigName
          RetainAllVariantProperties: !If [IsUpdate, true, !Ref "AWS::NoValue"]
          DeploymentConfig:
            BlueGreenUpdatePolicy:
              TrafficRoutingConfiguration:
                Type: CANARY
                CanarySize: {Type: CAPACITY_PERCENT, Value: !Ref Canary}
                WaitIntervalInSeconds: 300
              TerminationWaitInSeconds: 120
            AutoRollbackConfiguration:
              Alarms:
                - AlarmName: !Ref Errors
      Target:
        Type: AWS::ApplicationAutoScaling::ScalableTarget
        Properties:
          ServiceNamespace: sagemaker
          ScalableDimension: sagemaker:variant:DesiredInstanceCount
          ResourceId: !Sub "endpoint/${Endpoint.EndpointName}/variant/AllTraffic"
          MinCapacity: 2
          MaxCapacity: 8
      Policy:
        Type: AWS::ApplicationAutoScaling::ScalingPolicy
        Properties:
          PolicyName: invocations
          PolicyType: TargetTrackingScaling
          ScalingTargetId: !Ref Target
          TargetTrackingScalingPolicyConfiguration:
            TargetValue: 70
            PredefinedMetricSpecification: {PredefinedMetricType: SageMakerVariantInvocationsPerInstance}
    Outputs:
      Endpoint: {Value: !Ref Endpoint}
      Config: {Value: !GetAtt Config.EndpointConfigName}
    """).replace("ROLE", ROLE)


class StackCase(ServingCase):
    def setUp(self):
        super().setUp()
        self.cloudformation = self.client("cloudformation")

    def parameters(self, version, fence, **others):
        values = {
            "EndpointName": "eye", "EndpointConfigName": f"eye-{fence}", "ModelPackageArn": self.arns[version - 1],
            "FirstDeployment": "true" if fence == 1 else "false", **others,
        }
        return [{"ParameterKey": key, "ParameterValue": str(value)} for key, value in values.items()]

    def change_set(self, version, fence, template=TEMPLATE, **others):
        self.cloudformation.create_change_set(
            StackName="eye", ChangeSetName=f"rollout-{fence}", ChangeSetType="CREATE" if fence == 1 else "UPDATE",
            TemplateBody=template, Parameters=self.parameters(version, fence, **others),
        )
        self.advance(4)
        return self.cloudformation.describe_change_set(StackName="eye", ChangeSetName=f"rollout-{fence}")

    def execute(self, fence):
        self.cloudformation.execute_change_set(StackName="eye", ChangeSetName=f"rollout-{fence}")

    def deploy(self, version, fence, seconds=1200, **others):
        self.change_set(version, fence, **others)
        self.execute(fence)
        self.advance(seconds)

    def stack(self):
        return self.cloudformation.describe_stacks(StackName="eye")["Stacks"][0]

    def status(self):
        return self.stack()["StackStatus"]

    def changes(self, described):
        return {item["ResourceChange"]["LogicalResourceId"]: item["ResourceChange"] for item in described["Changes"]}


class ChangeSetTests(StackCase):
    def test_a_change_set_comes_about_in_its_own_time(self):
        created = self.cloudformation.create_change_set(
            StackName="eye", ChangeSetName="rollout-1", ChangeSetType="CREATE", TemplateBody=TEMPLATE,
            Parameters=self.parameters(1, 1),
        )
        described = self.cloudformation.describe_change_set(ChangeSetName=created["Id"])
        self.assertEqual(("CREATE_PENDING", "UNAVAILABLE"), (described["Status"], described["ExecutionStatus"]))
        self.assert_refused("InvalidChangeSetStatus", "CREATE_PENDING", self.execute, 1)
        self.assertEqual("REVIEW_IN_PROGRESS", self.status())
        self.advance(4)
        described = self.cloudformation.describe_change_set(ChangeSetName=created["Id"])
        self.assertEqual(("CREATE_COMPLETE", "AVAILABLE"), (described["Status"], described["ExecutionStatus"]))
        self.assertEqual(
            [("Add", name) for name in ("Model", "Config", "Errors", "Endpoint", "Target", "Policy")],
            [(item["Action"], name) for name, item in self.changes(described).items()],
        )

    def test_the_whole_stack_comes_to_be_under_the_names_it_gives(self):
        self.deploy(1, 1, seconds=300)
        self.assertEqual("CREATE_COMPLETE", self.status())
        outputs = {item["OutputKey"]: item["OutputValue"] for item in self.stack()["Outputs"]}
        self.assertEqual("eye-1", outputs["Config"])
        self.assertEqual("arn:aws:sagemaker:us-east-1:123456789012:endpoint/eye", outputs["Endpoint"])
        self.assertEqual("eye-1", self.describe()["EndpointConfigName"])
        self.assertEqual(["eye-model-errors"], [
            item["AlarmName"]
            for item in self.cloudwatch.describe_alarms(AlarmNamePrefix="eye-")["MetricAlarms"]
        ])
        rows = self.cloudformation.list_stack_resources(StackName="eye")["StackResourceSummaries"]
        self.assertEqual({"CREATE_COMPLETE"}, {row["ResourceStatus"] for row in rows})
        self.assertEqual(
            "endpoint/eye/variant/AllTraffic|sagemaker:variant:DesiredInstanceCount|sagemaker",
            next(row["PhysicalResourceId"] for row in rows if row["LogicalResourceId"] == "Target"),
        )
        events = self.cloudformation.describe_stack_events(StackName="eye")["StackEvents"]
        self.assertEqual("CREATE_COMPLETE", events[0]["ResourceStatus"])
        self.assertEqual("REVIEW_IN_PROGRESS", events[-1]["ResourceStatus"])
        times = [event["Timestamp"] for event in events]
        self.assertEqual(sorted(times, reverse=True), times)

    def test_a_new_version_replaces_model_and_configuration_and_updates_the_endpoint(self):
        self.deploy(1, 1)
        found = self.changes(self.change_set(2, 2))
        self.assertEqual(["Model", "Config", "Endpoint"], list(found))
        self.assertEqual(
            ["True", "True", "False"], [found[name]["Replacement"] for name in ("Model", "Config", "Endpoint")]
        )
        self.assertEqual("ReplaceAndRetain", found["Config"]["PolicyAction"])
        details = {
            (detail["Target"]["Name"], detail["ChangeSource"]): detail for detail in found["Endpoint"]["Details"]
        }
        reference = details["EndpointConfigName", "ResourceAttribute"]
        self.assertEqual("Dynamic", reference["Evaluation"])
        self.assertEqual("Config.EndpointConfigName", reference["CausingEntity"])
        retained = details["RetainAllVariantProperties", "ParameterReference"]
        self.assertEqual(("FirstDeployment", "Static"), (retained["CausingEntity"], retained["Evaluation"]))

    def test_a_change_of_parameters_alone_shows_what_it_changes(self):
        self.deploy(1, 1)
        self.deploy(1, 2)
        described = self.change_set(1, 3, EndpointConfigName="eye-2", Threshold=9)
        found = self.changes(described)
        self.assertEqual(["Errors"], list(found))
        change = found["Errors"]
        self.assertEqual(
            ("Modify", "False", ["Properties"]), (change["Action"], change["Replacement"], change["Scope"])
        )
        self.assertEqual("eye-model-errors", change["PhysicalResourceId"])
        self.assertEqual("AWS::CloudWatch::Alarm", change["ResourceType"])
        target = {"Attribute": "Properties", "Name": "Threshold", "RequiresRecreation": "Never"}
        self.assertEqual(
            [
                {"Target": target, "Evaluation": "Static", "ChangeSource": "ParameterReference",
                 "CausingEntity": "Threshold"},
                {"Target": target, "Evaluation": "Dynamic", "ChangeSource": "DirectModification"},
            ],
            change["Details"],
        )

    def test_a_reference_to_what_may_be_replaced_is_a_conditional_replacement(self):
        self.deploy(1, 1)
        found = self.changes(self.change_set(2, 2, EndpointConfigName="eye-1", FirstDeployment="true"))
        self.assertEqual(("True", "Conditional"), (found["Model"]["Replacement"], found["Config"]["Replacement"]))

    def test_nothing_to_change_is_a_failed_change_set(self):
        self.deploy(1, 1)
        described = self.change_set(1, 2, EndpointConfigName="eye-1", FirstDeployment="true")
        self.assertEqual(("FAILED", "UNAVAILABLE"), (described["Status"], described["ExecutionStatus"]))
        self.assertIn("The submitted information didn't contain changes.", described["StatusReason"])
        self.assert_refused(
            "ValidationError", "No updates are to be performed.", self.cloudformation.update_stack, StackName="eye",
            UsePreviousTemplate=True,
            Parameters=[
                {"ParameterKey": item["ParameterKey"], "UsePreviousValue": True} for item in self.parameters(1, 1)
            ],
        )

    def test_a_change_set_is_executed_once_and_its_siblings_go(self):
        self.deploy(1, 1)
        self.change_set(2, 2)
        self.change_set(3, 3)
        self.assertEqual(2, len(self.cloudformation.list_change_sets(StackName="eye")["Summaries"]))
        self.execute(3)
        self.assert_refused(
            "ChangeSetNotFound", "does not exist", self.cloudformation.describe_change_set, StackName="eye",
            ChangeSetName="rollout-2",
        )
        self.assert_refused("InvalidChangeSetStatus", "EXECUTE_IN_PROGRESS", self.execute, 3)
        self.advance(1200)
        self.assertEqual("UPDATE_COMPLETE", self.status())
        self.assert_refused("InvalidChangeSetStatus", "EXECUTE_COMPLETE", self.execute, 3)

    def test_a_name_is_taken_unless_the_same_request_comes_again(self):
        self.deploy(1, 1)
        given = dict(
            StackName="eye", ChangeSetName="c", TemplateBody=TEMPLATE, Parameters=self.parameters(2, 2),
            ClientToken="t1",
        )
        first = self.cloudformation.create_change_set(**given)
        self.assertEqual(first["Id"], self.cloudformation.create_change_set(**given)["Id"])
        given["ClientToken"] = "t2"
        self.assert_refused(
            "AlreadyExistsException", "c already exists", self.cloudformation.create_change_set, **given
        )
        self.cloudformation.delete_change_set(StackName="eye", ChangeSetName="c")
        self.cloudformation.create_change_set(**given)


class GuardedUpdateTests(StackCase):
    def setUp(self):
        super().setUp()
        self.control("traffic", {"endpoint": "eye", "perMinute": 200})
        self.deploy(1, 1)

    def test_an_update_waits_for_the_canary_and_keeps_the_old_configuration(self):
        self.change_set(2, 2)
        self.execute(2)
        self.advance(200)
        self.assertEqual("UPDATE_IN_PROGRESS", self.status())
        self.assertEqual("Updating", self.describe()["EndpointStatus"])
        self.advance(1000)
        self.assertEqual("UPDATE_COMPLETE", self.status())
        self.assertEqual("eye-2", self.describe()["EndpointConfigName"])
        names = [item["EndpointConfigName"] for item in self.sagemaker.list_endpoint_configs()["EndpointConfigs"]]
        self.assertEqual({"eye-1", "eye-2"}, set(names))
        events = self.cloudformation.describe_stack_events(StackName="eye")["StackEvents"]
        skipped = [event["LogicalResourceId"] for event in events if event["ResourceStatus"] == "DELETE_SKIPPED"]
        self.assertEqual({"Model", "Config"}, set(skipped))

    def test_the_live_instance_count_is_kept(self):
        self.control("traffic", {"endpoint": "eye", "perMinute": 420})
        self.advance(600)
        self.assertEqual(6, self.describe()["ProductionVariants"][0]["CurrentInstanceCount"])
        self.deploy(2, 2)
        self.assertEqual(6, self.describe()["ProductionVariants"][0]["CurrentInstanceCount"])

    def bad_update(self):
        self.control("models", {"eye-catcher/3": {"errorRate": 0.2}})
        self.deploy(3, 2)
        self.assertEqual("eye-1", self.describe()["EndpointConfigName"])

    def test_a_rollback_that_is_noticed_rolls_the_stack_back(self):
        self.bad_update()
        self.assertEqual("UPDATE_ROLLBACK_COMPLETE", self.status())
        events = self.cloudformation.describe_stack_events(StackName="eye")["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]
        self.assertEqual(["Endpoint"], [event["LogicalResourceId"] for event in failed])
        self.assertIn("eye-model-errors", failed[0]["ResourceStatusReason"])
        outputs = {item["OutputKey"]: item["OutputValue"] for item in self.stack()["Outputs"]}
        self.assertEqual("eye-1", outputs["Config"])
        self.deploy(2, 3)
        self.assertEqual(("UPDATE_COMPLETE", "eye-3"), (self.status(), self.describe()["EndpointConfigName"]))

    def test_a_rollback_that_is_not_noticed_counts_as_done(self):
        self.control("options", {"cloudFormation": {"noticesRollback": False}})
        self.bad_update()
        self.assertEqual("UPDATE_COMPLETE", self.status())
        outputs = {item["OutputKey"]: item["OutputValue"] for item in self.stack()["Outputs"]}
        self.assertEqual("eye-2", outputs["Config"])

    def updates(self):
        return [
            entry["parameters"]["EndpointConfigName"]
            for entry in self.control("log")["requests"]
            if entry["operation"] == "UpdateEndpoint" and entry.get("by") == "cloudformation"
        ]

    def test_the_way_back_may_or_may_not_deploy_the_old_configuration_again(self):
        self.bad_update()
        self.assertEqual(["eye-2"], self.updates())
        self.control("options", {"cloudFormation": {"rollbackRedeploys": True}})
        self.deploy(3, 3, seconds=2400)
        self.assertEqual("UPDATE_ROLLBACK_COMPLETE", self.status())
        self.assertEqual(["eye-2", "eye-3", "eye-1"], self.updates())

    def test_a_way_back_that_fails_too_leaves_a_stack_that_must_be_continued(self):
        self.control("models", {"eye-catcher/3": {"errorRate": 0.2}})
        self.change_set(3, 2, Threshold=6)
        self.execute(2)
        self.advance(100)
        # Meanwhile the user loses the right to put the alarm back as it was.
        denial = {"Effect": "Deny", "Action": "cloudwatch:PutMetricAlarm", "Resource": "*"}
        self.client("iam").put_user_policy(
            UserName="emulator", PolicyName="denial",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": denial}),
        )
        self.advance(1200)
        self.assertEqual("UPDATE_ROLLBACK_FAILED", self.status())
        self.assert_refused("ValidationError", "UPDATE_ROLLBACK_FAILED state and can not be updated", self.deploy, 2, 3)
        self.cloudformation.continue_update_rollback(StackName="eye", ResourcesToSkip=["Errors"])
        self.advance(60)
        self.assertEqual("UPDATE_ROLLBACK_COMPLETE", self.status())

    def test_a_late_second_execution_changes_nothing(self):
        self.control("faults", {
            "service": "cloudformation", "operation": "ExecuteChangeSet", "kind": "duplicateLater", "seconds": 2000})
        self.deploy(2, 2)
        self.deploy(3, 3)
        self.advance(1200)
        late = [entry for entry in self.control("log")["requests"] if entry.get("late")]
        self.assertEqual(["InvalidChangeSetStatus"], [entry["error"] for entry in late])
        self.assertEqual("eye-3", self.describe()["EndpointConfigName"])

    def test_what_a_stack_asks_for_can_arrive_again_later(self):
        self.control("faults", {
            "kind": "duplicateLater", "operation": "UpdateEndpoint", "by": "cloudformation", "seconds": 5000})
        self.deploy(2, 2)
        self.deploy(3, 3)
        self.assertEqual(["eye-2", "eye-3"], self.updates())
        self.advance(5000)
        late = [entry for entry in self.control("log")["requests"] if entry.get("late")]
        self.assertEqual(
            [("eye-2", "cloudformation", 200)],
            [(entry["parameters"]["EndpointConfigName"], entry["by"], entry["status"]) for entry in late])
        self.assertEqual("eye-2", self.describe()["EndpointConfigName"])

    def test_an_update_can_be_cancelled(self):
        self.change_set(2, 2)
        self.execute(2)
        self.advance(3)
        self.cloudformation.cancel_update_stack(StackName="eye")
        self.advance(1200)
        self.assertEqual("UPDATE_ROLLBACK_COMPLETE", self.status())
        self.assertEqual("eye-1", self.describe()["EndpointConfigName"])

    def test_deleting_the_stack_keeps_what_is_to_be_kept(self):
        self.cloudformation.delete_stack(StackName="eye")
        self.advance(300)
        self.assert_refused("ValidationError", "Stack with id eye does not exist", self.stack)
        self.assert_refused("ValidationException", "Could not find", self.describe)
        self.assertEqual(["eye-1"], self.control("state")["configurations"])
        self.assertEqual([], self.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"])


class RefusalTests(StackCase):
    def create(self, template=TEMPLATE, parameters=None, **others):
        return self.cloudformation.create_stack(
            StackName="eye", TemplateBody=template,
            Parameters=self.parameters(1, 1) if parameters is None else parameters, **others,
        )

    def refused(self, text, **given):
        self.assert_refused("ValidationError", text, self.create, **given)

    def test_parameters_must_be_there_and_within_their_constraints(self):
        self.refused("do not exist in the template", parameters=self.parameters(1, 1, Nobody=1))
        self.refused("must have values", parameters=self.parameters(1, 1)[1:])
        self.refused("must be one of AllowedValues", parameters=self.parameters(1, 1, FirstDeployment="yes"))
        self.refused("must be a number not greater than 10", parameters=self.parameters(1, 1, Count=11))
        self.refused("must be a number", parameters=self.parameters(1, 1, Count="many"))

    def test_templates_must_make_sense(self):
        dangling = TEMPLATE.replace("Model.ModelName", "Modle.ModelName")
        self.refused("Unresolved resource dependencies [Modle]", template=dangling)
        self.refused("does not support attribute type Name", template=TEMPLATE.replace("Model.ModelName", "Model.Name"))
        self.refused("Unrecognized resource types", template=TEMPLATE.replace("CloudWatch::Alarm", "CloudWatch::Alrm"))
        self.refused("Circular dependency", template=TEMPLATE.replace(
            "ExecutionRoleArn: ", "ModelName: !Ref Endpoint\n      ExecutionRoleArn: "))
        self.refused("cannot be evaluated", template="Resources: {A: {Type: AWS::CloudFormation::WaitConditionHandle, "
                     "Condition: C}}\nConditions: {C: 3}\n", parameters=[])
        self.refused("not well-formed", template=TEMPLATE + "Resources: {}\n")
        self.refused("Invalid template property", template=TEMPLATE + "Output: {}\n")

    def test_a_template_over_the_limit_goes_through_s3(self):
        large = TEMPLATE + "".join(f"# {'x' * 76}\n" for _ in range(700))
        self.assertGreater(len(large), 51_200)
        self.refused("length less than or equal to 51200", template=large)
        s3 = self.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key="large.yaml", Body=large.encode())
        virtual_hosted = "https://templates.s3.us-east-1.amazonaws.com/large.yaml"
        for url in (virtual_hosted, self.server.url + "/templates/large.yaml"):
            self.cloudformation.validate_template(TemplateURL=url)
        self.assert_refused(
            "ValidationError", "S3 error", self.cloudformation.validate_template,
            TemplateURL="https://templates.s3.amazonaws.com/small.yaml",
        )

    def test_an_unknown_property_fails_its_resource_and_a_stack_in_rollback_complete_takes_no_update(self):
        self.create(TEMPLATE.replace("DeploymentConfig:", "DeploymentConfgi:"))
        self.advance(60)
        self.assertEqual("ROLLBACK_COMPLETE", self.status())
        events = self.cloudformation.describe_stack_events(StackName="eye")["StackEvents"]
        reason = next(event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED")
        self.assertIn("extraneous key [DeploymentConfgi]", reason)
        self.assert_refused(
            "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated", self.change_set, 1, 2
        )

    def test_a_name_that_is_taken_fails_and_the_other_thing_stays(self):
        self.serve()
        self.create(parameters=self.parameters(1, 1, EndpointConfigName="config-1"))
        self.advance(60)
        self.assertEqual("ROLLBACK_COMPLETE", self.status())
        self.assertIn("config-1", self.control("state")["configurations"])

    def test_roles_need_a_capability(self):
        template = TEMPLATE.replace("Resources:\n", textwrap.dedent("""\
            Resources:
              Role:
                Type: AWS::IAM::Role
                Properties: {AssumeRolePolicyDocument: {}, RoleName: named}
            """))
        self.assert_refused(
            "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]", self.create, template
        )
        self.create(template, Capabilities=["CAPABILITY_NAMED_IAM"])

    def test_what_a_user_may_not_do_its_stack_may_not_do_either(self):
        keys = self.control("users", {"name": "deployer", "policy": {"Statement": [
            {"Effect": "Allow", "Action": ["cloudformation:*", "sagemaker:*", "iam:PassRole"], "Resource": "*"}]}})
        deployer = self.client(
            "cloudformation", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"]
        )
        deployer.create_stack(StackName="eye", TemplateBody=TEMPLATE, Parameters=self.parameters(1, 1))
        self.advance(60)
        events = self.cloudformation.describe_stack_events(StackName="eye")["StackEvents"]
        reason = next(event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED")
        self.assertIn("not authorized to perform: cloudwatch:PutMetricAlarm", reason)

    def test_handlers_put_tags_on_resources_and_read_them_back(self):
        everything = [
            "cloudformation:*", "sagemaker:*", "iam:*", "application-autoscaling:*", "cloudwatch:PutMetricAlarm",
            "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms", "cloudwatch:GetMetricData",
        ]
        keys = self.control("users", {"name": "deployer", "policy": {"Statement": [
            {"Effect": "Allow", "Action": everything, "Resource": "*"}]}})
        deployer = self.client(
            "cloudformation", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"]
        )
        deployer.create_stack(StackName="eye", TemplateBody=TEMPLATE, Parameters=self.parameters(1, 1))
        self.advance(60)
        events = self.cloudformation.describe_stack_events(StackName="eye")["StackEvents"]
        reason = next(event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED")
        self.assertIn("not authorized to perform: cloudwatch:TagResource", reason)
        used = self.control("users")["users"]["deployer"]
        self.assertIn("cloudwatch:PutMetricAlarm", used)
        self.assertNotIn("cloudwatch:TagResource", used)

    def test_a_stack_with_tags_needs_the_right_to_tag_it(self):
        keys = self.control("users", {"name": "deployer", "policy": {"Statement": [
            {"Effect": "Allow", "Action": "cloudformation:Create*", "Resource": "*"}]}})
        deployer = self.client(
            "cloudformation", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"]
        )
        self.assert_refused(
            "AccessDenied", "not authorized to perform: cloudformation:TagResource", deployer.create_stack,
            StackName="eye", TemplateBody=TEMPLATE, Parameters=self.parameters(1, 1),
            Tags=[{"Key": "owner", "Value": "ana"}],
        )

    def test_a_stack_that_is_not_there(self):
        self.assert_refused("ValidationError", "Stack with id eye does not exist", self.stack)
        self.assert_refused("ValidationError", "Stack [eye] does not exist", self.change_set, 1, 2)
        self.cloudformation.delete_stack(StackName="eye")

    def test_a_summary_says_what_a_template_declares(self):
        summary = self.cloudformation.get_template_summary(TemplateBody=TEMPLATE)
        declared = {item["ParameterKey"]: item for item in summary["Parameters"]}
        self.assertEqual("Number", declared["Count"]["ParameterType"])
        self.assertEqual("4", declared["Count"]["DefaultValue"])
        self.assertIn("AWS::SageMaker::Endpoint", summary["ResourceTypes"])


if __name__ == "__main__":
    unittest.main()
