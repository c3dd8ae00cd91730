"""An emulator inside the test's process, with boto3's clients for it. Its time moves only when told."""

import json
import sys
import threading
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import boto3
from botocore.config import Config
from server import Server
from world import World

CHECKOUT = Path(__file__).resolve().parents[2]
ROLE = "arn:aws:iam::123456789012:role/execution"


class EmulatorCase(unittest.TestCase):
    """One emulator for the class, new for each test."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(seed=1, rate=0)
        cls.server = Server(cls.world)
        cls.thread = threading.Thread(target=cls.server.serve_forever, daemon=True)
        cls.thread.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.thread.join()

    def setUp(self):
        self.control("reset", {})

    def tearDown(self):
        self.assertEqual(self.expected_violations(), self.control("violations")["violations"])

    def expected_violations(self):
        return []

    def control(self, name, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server.url}/emulator/{name}", data, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{name}: {error.read().decode()}") from None

    def advance(self, seconds):
        self.control("clock", {"advance": seconds})

    def client(self, service, caller=None, region="us-east-1", **keys):
        caller = caller or self.world.identities.administrator
        given = {
            "aws_access_key_id": caller.access_key,
            "aws_secret_access_key": caller.secret,
            "aws_session_token": caller.token,
            **keys,
        }
        config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
        return boto3.client(service, endpoint_url=self.server.url, region_name=region, config=config, **given)

    def assert_refused(self, code, text, call, *arguments, **parameters):
        from botocore.exceptions import ClientError

        with self.assertRaises(ClientError) as caught:
            call(*arguments, **parameters)
        error = caught.exception.response["Error"]
        self.assertEqual(code, error["Code"])
        self.assertIn(text, error["Message"])
        return caught.exception.response
