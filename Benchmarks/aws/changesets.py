"""What a short script does to see what would change: a change set of every stack, read and deleted again.

    changesets.py SERVICE COUNT
"""

import sys
import time
from pathlib import Path

import boto3


def main():
    service, count = sys.argv[1], int(sys.argv[2])
    client = boto3.client("cloudformation")
    body = Path("Templates/staging.yaml").read_text()
    for number in range(1, count + 1):
        stack = f"{service}-env-{number:02}"
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
        parameters = [
            {"ParameterKey": one["ParameterKey"], "ParameterValue": one["ParameterValue"] + "-next"}
            if one["ParameterKey"] == "EndpointConfigName"
            else {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
            for one in found["Parameters"]
        ]
        client.create_change_set(
            StackName=stack, ChangeSetName="peer", TemplateBody=body, Parameters=parameters,
            Capabilities=["CAPABILITY_IAM"],
        )
        while True:
            change_set = client.describe_change_set(StackName=stack, ChangeSetName="peer")
            if change_set["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
                break
            time.sleep(0.2)
        print(stack, len(change_set["Changes"]))
        client.delete_change_set(StackName=stack, ChangeSetName="peer")


if __name__ == "__main__":
    main()
