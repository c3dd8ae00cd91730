"""An emulator of the AWS that SageMaker deployments meet, on top of moto, written from AWS's documentation and
botocore's service models only.

    python3 emulator.py [--port 0] [--seed 1] [--rate 1]

One line of JSON on standard output says that it is ready:

    {"url": "http://127.0.0.1:PORT", "accessKeyId": …, "secretAccessKey": …, "region": "us-east-1",
     "readOnlyAccessKeyId": …, "readOnlySecretAccessKey": …}

It dies with its parent. Every service is on that one port. SageMaker, SageMaker Runtime, CloudFormation, CloudWatch,
Application Auto Scaling and Service Quotas (ListServiceQuotas) are the emulator's own, one set per region; S3, IAM, STS
and the rest are moto's. Every signature is checked (date within 5 minutes, 15 for S3; all x-amz-* headers signed; the
right service in the scope) and so are IAM policies, by IAM's action names and resources. Every request is checked
against botocore's model: an unknown member, a wrong type or a missing member is answered with a ValidationException
(ValidationError by CloudFormation) and is a violation, on standard error and in `GET /emulator/violations`. So is what
no correct client does: an operation that does not exist, or deleting an endpoint configuration that is in use.

Time is virtual. It starts at a whole minute and runs `rate` times as fast as real time (0: only when told). For a
client now is always its own now: a time on the wire is virtual time - (virtual now - real now), so a thing's time of
creation, read again after time was advanced, lies further back. Temporary keys expire in virtual time.

The unsigned AssumeRoleWithWebIdentity works, and instance metadata (PUT /latest/api/token and so on) hands out keys
that are accepted. A role that nobody made can be assumed and may do everything.

S3's, IAM's and STS's times are real.

Control, JSON in and out, unsigned; 400 {"error"} if something is wrong with it. `region` may be added to traffic,
models, quotas and seed; it is us-east-1 otherwise.

GET  /emulator/clock      {"virtual": s, "wire": s, "rate": r, "skew": s}
POST /emulator/clock      {"advance": s, "rate": r, "skew": s}, each optional. Advancing does everything that falls due
                          on the way, in order, before it answers. "skew": AWS's clock is so far ahead of the client's.
POST /emulator/traffic    {"endpoint": NAME, "perMinute": n}: synthetic invocations in every virtual minute from now
                          on. They count in the metrics of the minute, divided exactly by share and error rate.
POST /emulator/models     {"ARN" or "GROUP/VERSION" or "MODEL NAME": {…}}: how a model behaves from now on:
                          errorRate 0…1 · errorStatus 500 · errorBody TEXT · latencyMs 40 · cpuPerRequest 0.05
                          (seconds of a core) · answer JSON or {"contentType", "body"} · delaySeconds (real, of
                          InvokeEndpoint) · failsToStart false · notReady n (so many more answers are
                          ModelNotReadyException)
POST /emulator/seed       {"group": NAME, "versions": [{"status": "Approved", "metrics": {NAME: number},
                          "metadata": {NAME: TEXT}, "description", "variants": [NAME], "image", "modelDataUrl",
                          "packageStatus": "Completed", "behaviour": {…}}]} → {"group": ARN, "arns": [ARN]}. Metrics
                          become CustomerMetadataProperties; variants AdditionalInferenceSpecifications. Called again,
                          it adds versions.
POST /emulator/quotas     {"ml.m5.xlarge": 4}: the quota "ml.m5.xlarge for endpoint usage"; 20 otherwise.
POST /emulator/credentials {"seconds": n, "user": "emulator"} → {"accessKeyId", "secretAccessKey", "sessionToken",
                          "expiration"}: a session of that user; n virtual seconds later it is an expired token.
POST /emulator/users      {"name": NAME, "policy": DOCUMENT} → {"accessKeyId", "secretAccessKey", "arn"}
GET  /emulator/users      {"users": {NAME: [ACTION]}}: every IAM action that was asked for and allowed, also by the
                          handlers of a stack's resources.
POST /emulator/buckets    {"name": NAME, "region": REGION}: an empty bucket.
POST /emulator/faults     one fault or a list; they add up, a request meets the first that is its own:
                          {"kind", "service": "sagemaker" | "*", "operation": "DescribeEndpoint" | "Describe*" | "*",
                          "after": skip so many (0), "count": so many (1; 0 for ever), "seconds", "user",
                          "by": "cloudformation" for what a stack's work asks for: only duplicateLater}
                          throttle · html500 · expired · dropBefore (closed before anything happened) ·
                          timeoutAfterEffect (done, then closed without an answer) · delay (done, the answer held back
                          `seconds` real seconds) · effectLater (closed without an answer, done `seconds` virtual
                          seconds later) · duplicateLater (done and answered, and done again `seconds` virtual seconds
                          later) · repeatToken (the answer has a next page whose token is always the same) · stale
                          (the answer that the same question got last; if it was never asked, that there is no such
                          thing)
GET  /emulator/faults     {"faults": [{…, "met": n, "spent": bool}]};  DELETE /emulator/faults forgets them.
GET  /emulator/options    what can be chosen, see options.py;  POST changes some of it, e.g.
                          {"cloudFormation": {"noticesRollback": false}, "sageMaker": {"failureReasons": false}}
GET  /emulator/log        {"requests": [{"service", "operation", "region", "user", "status", "error", "message",
                          "parameters", "fault", "late": true if it is a copy that came late, "by":
                          "cloudformation" if a stack's work asked for it, "at": virtual}]}. `service` is botocore's
                          name of it. `status` is null where no answer was sent.
GET  /emulator/violations {"violations": [TEXT]}
GET  /emulator/state      {"endpoints": {NAME: {"status", "config", "pendingConfig", "fleets": [{"config", "share",
                          "variants": {NAME: {"modelPackage", "inferenceSpecification", "model", "desired", "current",
                          "instanceType"}}}]}}, "alarms": {NAME: STATE}, "configurations": [NAME], "models": [NAME],
                          "stacks": {NAME: STATUS}, "regions": {REGION: the same}}. `fleets` are those with traffic.
POST /emulator/reset      as it was at the start: same keys, no state. The clock keeps its rate.
"""

import argparse
import json
import os
import select
import sys
import threading


def die_with_parent():
    """Not by PR_SET_PDEATHSIG: that is sent when the parent's *thread* ends that started this, and test runners start
    processes from threads that come and go."""
    parent = os.getppid()
    try:
        process = os.pidfd_open(parent)
    except (AttributeError, OSError):
        return  # Not Linux, or it is gone: then the check below sees it.
    finally:
        # It may have died before anybody watched.
        if os.getppid() != parent:
            sys.exit(1)

    def watch():
        ended = select.poll()
        ended.register(process, select.POLLIN)
        ended.poll()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def first_line(server):
    identities = server.front.world.identities
    return {
        "url": server.url,
        "accessKeyId": identities.administrator.access_key,
        "secretAccessKey": identities.administrator.secret,
        "region": "us-east-1",
        "readOnlyAccessKeyId": identities.reader.access_key,
        "readOnlySecretAccessKey": identities.reader.secret,
    }


def main():
    arguments = argparse.ArgumentParser(description="AWS as SageMaker deployments meet it")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rate", type=float, default=1.0)
    chosen = arguments.parse_args()
    die_with_parent()
    # After the check of arguments: they load the models of AWS.
    from server import Server
    from world import World

    server = Server(World(chosen.seed, chosen.rate), chosen.port)
    print(json.dumps(first_line(server)), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
