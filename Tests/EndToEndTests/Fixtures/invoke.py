"""Invokes an endpoint through Amazon's own client, as a user's program would, and prints what the client made of it.

    invoke.py BASE ENDPOINT [VARIANT]

One line of JSON: the answer, or the error as the client raised it.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

base, endpoint, *variant = sys.argv[1:]
client = boto3.client(
    "sagemaker-runtime",
    endpoint_url=base,
    region_name="us-east-1",
    # The runtime asks for no credentials; the client signs all the same.
    aws_access_key_id="any",
    aws_secret_access_key="any",
    # A repeated request would hide what the first one was answered.
    config=Config(retries={"total_max_attempts": 1}, proxies={}),
)
request = {"EndpointName": endpoint, "ContentType": "application/json", "Body": b'{"picture": 1}'}
if variant:
    request["TargetVariant"] = variant[0]
try:
    answer = client.invoke_endpoint(**request)
    result = {
        "body": json.loads(answer["Body"].read()),
        "contentType": answer["ContentType"],
        "variant": answer["InvokedProductionVariant"],
    }
except ClientError as error:
    result = {
        "error": error.response["Error"]["Code"],
        "message": error.response["Error"]["Message"],
        "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
        "originalStatus": error.response.get("OriginalStatusCode"),
        "originalMessage": error.response.get("OriginalMessage"),
    }
print(json.dumps(result, sort_keys=True))
