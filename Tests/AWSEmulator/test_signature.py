"""The check of signatures against Amazon's own cases, if the checkout has them beside it."""

import json
import os
import unittest
from pathlib import Path

import harness
import signature

FOLDER = Path(os.environ.get("ROLLOUT_VECTORS", harness.CHECKOUT.parent / "shared" / "vectors")) / "sigv4"


def parsed(text):
    """(method, path, query, headers, body) of a request as it is written down."""
    head, _, body = text.partition("\n\n")
    lines = head.split("\n")
    method, _, target = lines[0].removesuffix(" HTTP/1.1").partition(" ")
    headers = []
    for line in lines[1:]:
        if line.startswith((" ", "\t")):
            headers[-1] = (headers[-1][0], headers[-1][1] + " " + line.strip())
        else:
            name, _, value = line.partition(":")
            headers.append((name, value))
    path, _, query = target.partition("?")
    return method, path, query, headers, body


@unittest.skipUnless(FOLDER.is_dir(), f"no {FOLDER}, and ROLLOUT_VECTORS names no folder with sigv4 in it")
class VectorTests(unittest.TestCase):
    def test_every_case(self):
        cases = [item for item in sorted(FOLDER.iterdir()) if (item / "request.txt").exists()]
        self.assertGreaterEqual(len(cases), 38)
        for case in cases:
            with self.subTest(case.name):
                self.check(case)

    def check(self, case):
        context = json.loads((case / "context.json").read_text())
        expected = (case / "header-canonical-request.txt").read_text()
        method, path, query, headers, _ = parsed((case / "request.txt").read_text())
        signed_headers, payload_hash = expected.split("\n")[-2:]
        stamp = context["timestamp"].replace("-", "").replace(":", "")
        headers.append(("X-Amz-Date", stamp))
        token = context["credentials"].get("token")
        if token and "x-amz-security-token" in signed_headers:
            headers.append(("X-Amz-Security-Token", token))
        if "x-amz-content-sha256" in signed_headers:
            headers.append(("X-Amz-Content-Sha256", payload_hash))
        # "normalize": false is S3's way; its cases' paths are not encoded yet, as no client may send them.
        service = "service" if context["normalize"] else "s3"
        canonical = signature.canonical_request(
            method, path, query, headers, signed_headers.split(";"), payload_hash, service
        )
        self.assertEqual(expected, canonical)
        date = stamp[:8]
        scope = f"{date}/{context['region']}/{context['service']}/aws4_request"
        text = signature.string_to_sign(stamp, scope, canonical)
        right = signature.signature(
            context["credentials"]["secret_access_key"], date, context["region"], context["service"], text
        )
        self.assertEqual((case / "header-signature.txt").read_text(), right)


if __name__ == "__main__":
    unittest.main()
