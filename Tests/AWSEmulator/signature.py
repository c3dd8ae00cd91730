"""AWS Signature Version 4, from its specification: what a request should have been signed with.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import calendar
import hashlib
import hmac
import re
import time
from urllib.parse import quote, unquote


class Authorization:
    """The parts of an `Authorization: AWS4-HMAC-SHA256 …` header."""

    PATTERN = re.compile(
        r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)"
        r"/aws4_request\s*,\s*SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*Signature=(?P<signature>[0-9a-f]{64})\s*$"
    )

    def __init__(self, match):
        self.access_key = match["key"]
        self.date = match["date"]
        self.region = match["region"]
        self.service = match["service"]
        self.signed_headers = match["headers"].split(";")
        self.signature = match["signature"]

    @classmethod
    def parse(cls, header):
        """None if the header is not of that form."""
        match = cls.PATTERN.match(header or "")
        return cls(match) if match else None


def encoded(text, keeping=""):
    return quote(text, safe="-_.~" + keeping)


def canonical_path(path, service):
    """`path` as sent. S3's keys are taken as they are; for every other service the path is tidied and encoded again."""
    if service == "s3":
        return encoded(unquote(path), keeping="/") or "/"
    kept = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    tidy = "/" + "/".join(kept)
    if kept and path.endswith(("/", "/.", "/..")):
        tidy += "/"
    return encoded(tidy, keeping="/")


def canonical_query(query):
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        pairs.append((encoded(unquote(name)), encoded(unquote(value))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_headers(headers, signed):
    """`headers`: (name, value) as sent, in their order."""
    values = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(" ".join(value.split()))
    return "".join(f"{name}:{','.join(values.get(name, ['']))}\n" for name in signed)


def canonical_request(method, path, query, headers, signed, payload_hash, service):
    return "\n".join(
        [
            method,
            canonical_path(path, service),
            canonical_query(query),
            canonical_headers(headers, signed),
            ";".join(signed),
            payload_hash,
        ]
    )


def string_to_sign(timestamp, scope, request):
    return "\n".join(["AWS4-HMAC-SHA256", timestamp, scope, hashlib.sha256(request.encode()).hexdigest()])


def signature(secret, date, region, service, text):
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def seconds(timestamp):
    """Seconds since 1970 of `20260101T000000Z`; None if it is not of that form."""
    try:
        return calendar.timegm(time.strptime(timestamp, "%Y%m%dT%H%M%SZ"))
    except (ValueError, TypeError):
        return None
