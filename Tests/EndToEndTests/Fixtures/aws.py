"""Asks AWS for something through Amazon's own client, as somebody else would, and prints the answer.

    aws.py SERVICE METHOD JSON
"""

import json
import os
import sys

import boto3

service, method, parameters = sys.argv[1:]
client = boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
answer = getattr(client, method)(**json.loads(parameters))
answer.pop("ResponseMetadata", None)
print(json.dumps(answer, default=str))
