"""The front: who may in, what a request must look like, and the faults that can happen to it."""

import datetime
import json
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ConnectionClosedError
from harness import EmulatorCase
from serving import ServingCase


class RawCase(EmulatorCase):
    """Requests that are made by hand."""

    def signed(self, body, secret=None, service="sagemaker", target="SageMaker.ListModels", at=None):
        caller = self.world.identities.administrator
        request = AWSRequest("POST", self.server.url + "/", data=body, headers={
            "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"})
        signer = botocore.auth.SigV4Auth(
            Credentials(caller.access_key, secret or caller.secret), service, "us-east-1"
        )
        signer.add_auth(request)
        return request

    def send(self, request, body=None):
        """(status, body, headers)"""
        data = request.data if body is None else body
        data = data.encode() if isinstance(data, str) else data
        raw = urllib.request.Request(request.url, data, dict(request.headers.items()))
        try:
            with urllib.request.urlopen(raw) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers


class SignatureTests(RawCase):
    def test_a_right_signature_is_accepted(self):
        status, body, _ = self.send(self.signed("{}"))
        self.assertEqual((200, {"Models": []}), (status, json.loads(body)))

    def test_a_wrong_secret_is_refused(self):
        status, body, _ = self.send(self.signed("{}", secret="wrong"))
        self.assertEqual((400, "InvalidSignatureException"), (status, json.loads(body)["__type"]))

    def test_a_body_that_changed_after_signing_is_refused(self):
        status, body, _ = self.send(self.signed("{}"), body='{"MaxResults": 1}')
        self.assertEqual("InvalidSignatureException", json.loads(body)["__type"])

    def test_a_scope_of_another_service_is_refused(self):
        status, body, _ = self.send(self.signed("{}", service="s3", target="SageMaker.ListModels"))
        self.assertIn("scoped to correct service: 'sagemaker'", json.loads(body)["message"])

    def test_a_header_that_is_not_signed_is_refused(self):
        request = self.signed("{}")
        request.headers["X-Amz-Meta"] = "added"
        self.assertIn("x-amz-meta", self.send(request)[1])

    def test_a_date_that_is_off_is_refused_with_the_right_time(self):
        self.control("clock", {"skew": 400})
        status, body, headers = self.send(self.signed("{}"))
        self.assertIn("Signature expired", json.loads(body)["message"])
        said = datetime.datetime.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
        ahead = said.replace(tzinfo=datetime.timezone.utc).timestamp() - time.time()
        self.assertAlmostEqual(400, ahead, delta=5)
        self.control("clock", {"skew": -400})
        self.assertIn("not yet current", self.send(self.signed("{}"))[1])

    def test_refusals_in_the_words_of_each_protocol(self):
        wrong = {"aws_secret_access_key": "wrong"}
        unknown = {"aws_access_key_id": "AKIANOBODY0000000000"}
        for service, call, codes in (
            ("sagemaker", "list_models", ("InvalidSignatureException", "UnrecognizedClientException")),
            ("cloudformation", "list_stacks", ("SignatureDoesNotMatch", "InvalidClientTokenId")),
            ("s3", "list_buckets", ("SignatureDoesNotMatch", "InvalidAccessKeyId")),
        ):
            with self.subTest(service):
                for code, keys in zip(codes, (wrong, unknown)):
                    with self.assertRaises(ClientError) as caught:
                        getattr(self.client(service, **keys), call)()
                    self.assertEqual(code, caught.exception.response["Error"]["Code"])

    def test_every_protocol_of_boto3_is_understood(self):
        self.client("sagemaker").list_models()
        self.client("cloudwatch").describe_alarms()
        self.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
        self.client("cloudformation").list_stacks()
        self.client("service-quotas").list_service_quotas(ServiceCode="sagemaker")
        self.assertTrue(self.client("sts").get_caller_identity()["Arn"].endswith(":user/emulator"))

    def test_keys_of_objects_that_moto_refuses(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="things")
        for key in ("plain", "with space+plus&and", "Ünïcode/ß", "a/b//c", "100%2F"):
            with self.subTest(key):
                s3.put_object(Bucket="things", Key=key, Body=b"x" * 10)
                self.assertEqual(b"x" * 10, s3.get_object(Bucket="things", Key=key)["Body"].read())
        listed = s3.list_objects_v2(Bucket="things", Prefix="with space+plus&")
        self.assertEqual(["with space+plus&and"], [item["Key"] for item in listed["Contents"]])

    def test_conditional_writes(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="things")
        s3.put_object(Bucket="things", Key="a", Body=b"1", IfNoneMatch="*")
        self.assert_refused(
            "PreconditionFailed", "", s3.put_object, Bucket="things", Key="a", Body=b"2", IfNoneMatch="*"
        )
        s3.list_objects_v2(Bucket="things", Prefix="a")
        s3.head_object(Bucket="things", Key="a")
        s3.delete_object(Bucket="things", Key="a")
        log = [(entry["operation"], entry["status"]) for entry in self.control("log")["requests"]]
        self.assertEqual(
            [("CreateBucket", 200), ("PutObject", 200), ("PutObject", 412), ("ListObjectsV2", 200),
             ("HeadObject", 200), ("DeleteObject", 204)],
            log,
        )


class PermissionTests(EmulatorCase):
    def test_a_reader_reads_and_does_not_write(self):
        reader = self.world.identities.reader
        for service, read, write in (
            ("sagemaker", lambda it: it.list_models(), lambda it: it.delete_model(ModelName="m")),
            ("cloudformation", lambda it: it.list_stacks(), lambda it: it.delete_stack(StackName="s")),
            ("cloudwatch", lambda it: it.describe_alarms(), lambda it: it.delete_alarms(AlarmNames=["a"])),
            ("s3", lambda it: it.list_buckets(), lambda it: it.create_bucket(Bucket="things")),
        ):
            with self.subTest(service):
                client = self.client(service, caller=reader)
                read(client)
                code = "AccessDeniedException" if service in ("sagemaker", "cloudwatch") else "AccessDenied"
                self.assert_refused(code, f"not authorized to perform: {service}:", write, client)

    def test_a_policy_counts_by_action_and_resource(self):
        keys = self.control("users", {"name": "narrow", "policy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sagemaker:Describe*",
             "Resource": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/eye-*"},
            {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:sagemaker:*:*:endpoint/eye-secret"},
        ]}})
        client = self.client(
            "sagemaker", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"]
        )
        self.assert_refused("ValidationException", "Could not find", client.describe_endpoint, EndpointName="eye-1")
        self.assert_refused("AccessDeniedException", "no identity-based", client.describe_endpoint, EndpointName="x")
        self.assert_refused(
            "AccessDeniedException", "explicit deny", client.describe_endpoint, EndpointName="eye-secret"
        )

    def test_temporary_keys_end(self):
        keys = self.control("credentials", {"seconds": 100})
        given = {
            "aws_access_key_id": keys["accessKeyId"], "aws_secret_access_key": keys["secretAccessKey"],
            "aws_session_token": keys["sessionToken"],
        }
        sagemaker, stacks = self.client("sagemaker", **given), self.client("cloudformation", **given)
        sagemaker.list_models()
        self.advance(100)
        self.assert_refused("ExpiredTokenException", "expired", sagemaker.list_models)
        self.assert_refused("ExpiredToken", "expired", stacks.list_stacks)

    def test_a_role_can_be_assumed_with_a_token_and_without_a_signature(self):
        from botocore import UNSIGNED
        from botocore.config import Config

        import boto3

        sts = boto3.client(
            "sts", endpoint_url=self.server.url, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
        )
        answer = sts.assume_role_with_web_identity(
            RoleArn="arn:aws:iam::123456789012:role/ci", RoleSessionName="job", WebIdentityToken="t" * 20
        )
        self.client_of(answer["Credentials"]).list_models()

    def client_of(self, keys):
        return self.client(
            "sagemaker", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken") or keys["Token"],
        )

    def test_an_instance_finds_its_keys(self):
        def fetch(path, method="GET", **headers):
            request = urllib.request.Request(f"{self.server.url}/latest/{path}", method=method, headers=headers)
            with urllib.request.urlopen(request) as answer:
                return answer.read().decode()

        token = fetch("api/token", "PUT", **{"x-aws-ec2-metadata-token-ttl-seconds": "21600"})
        place = "meta-data/iam/security-credentials/"
        role = fetch(place, **{"x-aws-ec2-metadata-token": token})
        self.client_of(json.loads(fetch(place + role, **{"x-aws-ec2-metadata-token": token}))).list_models()

    def test_a_policy_may_ask_for_conditions(self):
        keys = self.control("users", {"name": "abort", "policy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*",
             "Condition": {"StringEquals": {"cloudwatch:namespace": "Rollout"}}}]}})
        client = self.client(
            "cloudwatch", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"]
        )
        client.put_metric_data(Namespace="Rollout", MetricData=[{"MetricName": "Abort", "Value": 1}])
        self.assert_refused(
            "AccessDeniedException", "cloudwatch:PutMetricData", client.put_metric_data, Namespace="Other",
            MetricData=[{"MetricName": "Abort", "Value": 1}],
        )

    def test_scaling_can_be_allowed_for_one_service(self):
        keys = self.control("users", {"name": "scaler", "policy": {"Statement": [
            {"Effect": "Allow", "Action": "application-autoscaling:*", "Resource": "*", "Condition": {"StringEquals": {
                "application-autoscaling:service-namespace": "sagemaker",
                "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount"}}}]}})
        client = self.client(
            "application-autoscaling", aws_access_key_id=keys["accessKeyId"],
            aws_secret_access_key=keys["secretAccessKey"],
        )
        place = {"ResourceId": "endpoint/e/variant/v", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
        self.assert_refused(
            "ObjectNotFoundException", "", client.deregister_scalable_target, ServiceNamespace="sagemaker", **place
        )
        self.assert_refused(
            "AccessDeniedException", "DeregisterScalableTarget", client.deregister_scalable_target,
            ServiceNamespace="ecs", **place,
        )

    def test_a_role_can_be_assumed(self):
        role = self.client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/deployer", RoleSessionName="ci")
        client = self.client_of(role["Credentials"])
        client.list_models()
        self.advance(3700)
        self.assert_refused("ExpiredTokenException", "expired", client.list_models)


class ViolationTests(RawCase):
    """Requests that no client with the service's model would send."""

    EXPECTED = {
        "test_unknown_members_wrong_types_and_missing_members": [
            "sagemaker CreateModel: Modle: CreateModelInput has no such member",
            "sagemaker CreateModel: EnableNetworkIsolation: must be true or false, is str 'yes'",
            "sagemaker CreateModel: ModelName: is required and missing",
        ],
        "test_an_operation_that_does_not_exist": ["sagemaker has no operation MakeModel"],
    }

    def expected_violations(self):
        return self.EXPECTED.get(self._testMethodName, [])

    def test_unknown_members_wrong_types_and_missing_members(self):
        body = json.dumps({"Modle": "m", "EnableNetworkIsolation": "yes"})
        status, answer, _ = self.send(self.signed(body, target="SageMaker.CreateModel"))
        self.assertEqual((400, "ValidationException"), (status, json.loads(answer)["__type"]))

    def test_an_operation_that_does_not_exist(self):
        status, answer, _ = self.send(self.signed("{}", target="SageMaker.MakeModel"))
        self.assertEqual("UnknownOperationException", json.loads(answer)["__type"])

    def test_what_a_user_may_get_wrong_is_no_violation(self):
        body = json.dumps({"ModelName": "under_score", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/execution"})
        status, answer, _ = self.send(self.signed(body, target="SageMaker.CreateModel"))
        self.assertIn("regular expression pattern", json.loads(answer)["message"])


class FaultTests(ServingCase):
    def fault(self, kind, operation="DescribeEndpoint", service="sagemaker", **others):
        self.control("faults", {"service": service, "operation": operation, "kind": kind, **others})

    def test_throttling_comes_when_it_is_due_and_ends(self):
        self.serve()
        self.fault("throttle", after=1, count=2)
        self.describe()
        for _ in range(2):
            self.assert_refused("ThrottlingException", "Rate exceeded", self.describe)
        self.describe()
        self.fault("throttle", service="cloudformation", operation="*")
        self.assert_refused("Throttling", "Rate exceeded", self.client("cloudformation").list_stacks)

    def test_a_page_instead_of_an_answer(self):
        self.fault("html500", "ListModels")
        with self.assertRaises(ClientError) as caught:
            self.sagemaker.list_models()
        self.assertEqual(500, caught.exception.response["ResponseMetadata"]["HTTPStatusCode"])

    def test_an_expired_token_out_of_the_blue(self):
        self.fault("expired", "ListModels")
        self.assert_refused("ExpiredTokenException", "expired", self.sagemaker.list_models)

    def test_no_answer_with_and_without_the_effect(self):
        self.serve()
        name = self.configure(2)
        self.fault("dropBefore", "UpdateEndpoint")
        self.fault("timeoutAfterEffect", "UpdateEndpoint", after=1)
        for status in ("InService", "Updating"):
            with self.assertRaises(ConnectionClosedError):
                self.sagemaker.update_endpoint(EndpointName="eye", EndpointConfigName=name)
            self.assertEqual(status, self.describe()["EndpointStatus"])

    def test_an_effect_that_comes_later(self):
        self.serve()
        name = self.configure(2)
        self.fault("effectLater", "UpdateEndpoint", seconds=300)
        with self.assertRaises(ConnectionClosedError):
            self.sagemaker.update_endpoint(EndpointName="eye", EndpointConfigName=name)
        self.advance(299)
        self.assertEqual("InService", self.describe()["EndpointStatus"])
        self.advance(1)
        self.assertEqual("Updating", self.describe()["EndpointStatus"])

    def test_a_pager_that_never_ends(self):
        self.fault("repeatToken", "ListModelPackages", count=3)
        tokens = []
        token = {}
        for _ in range(4):
            answer = self.sagemaker.list_model_packages(ModelPackageGroupName="eye-catcher", **token)
            self.assertEqual(4, len(answer["ModelPackageSummaryList"]))
            tokens.append(answer.get("NextToken"))
            token = {"NextToken": answer["NextToken"]} if "NextToken" in answer else {}
        self.assertEqual(["repeated-token"] * 3 + [None], tokens)

    def test_reads_that_lag_behind(self):
        self.serve()
        name = self.configure(2)
        self.fault("stale", count=2)
        self.sagemaker.update_endpoint(EndpointName="eye", EndpointConfigName=name)
        seen = [self.describe()["EndpointStatus"] for _ in range(3)]
        self.assertEqual(["InService", "InService", "Updating"], seen)
        self.fault("stale", "DescribeModelPackage")
        self.assert_refused(
            "ValidationException", "does not exist", self.sagemaker.describe_model_package,
            ModelPackageName=self.arns[0],
        )

    def test_an_answer_that_is_held_back(self):
        self.fault("delay", "ListModels", seconds=0.3)
        before = time.monotonic()
        self.sagemaker.list_models()
        self.assertGreaterEqual(time.monotonic() - before, 0.3)

    def test_a_fault_of_one_user(self):
        self.fault("throttle", "ListModels", user="reader")
        self.sagemaker.list_models()
        reader = self.client("sagemaker", caller=self.world.identities.reader)
        self.assert_refused("ThrottlingException", "Rate exceeded", reader.list_models)


class ControlTests(ServingCase):
    def test_what_is_wrong_with_an_order_is_said(self):
        for name, body, text in (
            ("faults", {"kind": "flood"}, "no such kind of fault"),
            ("faults", {"kind": "throttle", "opration": "x"}, "a fault has no opration"),
            ("models", {"eye-catcher/1": {"errorrate": 1}}, "has no errorrate"),
            ("models", {"eye-catcher/9": {"errorRate": 1}}, "does not exist"),
            ("options", {"cloudFormation": {"noticesRollbak": True}}, "no option cloudFormation.noticesRollbak"),
            ("clock", {"advance": -1}, "backwards"),
            ("nothing", {}, "there are"),
        ):
            with self.subTest(name), self.assertRaisesRegex(AssertionError, text):
                self.control(name, body)

    def test_the_log_says_who_asked_for_what(self):
        self.sagemaker.describe_model_package(ModelPackageName=self.arns[0])
        entry = self.control("log")["requests"][-1]
        self.assertEqual(
            ("sagemaker", "DescribeModelPackage", "emulator", 200, {"ModelPackageName": self.arns[0]}),
            tuple(entry[key] for key in ("service", "operation", "user", "status", "parameters")),
        )

    def test_time_on_the_wire_keeps_ages_right(self):
        self.serve()
        before = self.describe()["LastModifiedTime"].timestamp()
        self.assertAlmostEqual(0, time.time() - before, delta=5)
        self.advance(1000)
        after = self.describe()["LastModifiedTime"].timestamp()
        self.assertAlmostEqual(1000, time.time() - after, delta=5)

    def test_time_runs_by_itself_at_the_rate_that_was_asked_for(self):
        self.sagemaker.create_endpoint(EndpointName="eye", EndpointConfigName=self.configure(1))
        self.control("clock", {"rate": 100000})
        deadline = time.monotonic() + 20
        while self.describe()["EndpointStatus"] != "InService" and time.monotonic() < deadline:
            pass
        self.control("clock", {"rate": 0})
        self.assertEqual("InService", self.describe()["EndpointStatus"])

    def test_a_bucket_is_there_on_demand(self):
        self.control("buckets", {"name": "things"})
        self.client("s3").put_object(Bucket="things", Key="a", Body=b"1")

    def test_regions_know_nothing_of_each_other(self):
        self.serve()
        elsewhere = self.client("sagemaker", region="eu-west-1")
        self.assert_refused("ValidationException", "Could not find", elsewhere.describe_endpoint, EndpointName="eye")

    def test_a_server_says_where_it_is_and_dies_with_its_parent(self):
        starter = (
            "import subprocess, sys\n"
            "command = [sys.executable, sys.argv[1], '--port', '0']\n"
            "child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
            "print(child.pid, child.stdout.readline())\n"
        )
        script = str(Path(__file__).parent / "emulator.py")
        output = subprocess.run([sys.executable, "-c", starter, script], capture_output=True, text=True, check=True)
        child, _, line = output.stdout.strip().partition(" ")
        self.assertEqual(
            {"url", "accessKeyId", "secretAccessKey", "region", "readOnlyAccessKeyId", "readOnlySecretAccessKey"},
            set(json.loads(line)),
        )
        deadline = time.monotonic() + 20
        while is_alive(int(child)) and time.monotonic() < deadline:
            pass
        self.assertFalse(is_alive(int(child)))


def is_alive(process):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    unittest.main()
