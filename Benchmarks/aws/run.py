"""What `plan` and `validate` cost on AWS, beside the tools that people use for it today.

    run.py ROLLOUT [SETUP]      ROLLOUT: the binary to measure; `make bench-aws` builds a release and passes it.
                                SETUP: a binary that deploys what is planned over (the same, when left out)

Against one emulator of AWS, for 1 and for 25 environments that are deployed already, a new version of the model is
planned: rollout reads registry, journal and endpoints, and makes, reads and deletes a change set of every stack. The
peer is a script of boto3 that does the last of these only. `validate` is measured beside cfn-lint on the same template.
Whole processes, in turns; CPU time and largest resident set are the kernel's (wait4). Medians.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ROUNDS = 7
COUNTS = (1, 25)


class Emulator:
    def __init__(self):
        command = [sys.executable, ROOT / "Tests/AWSEmulator/emulator.py", "--port", "0", "--rate", "600"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.keys = json.loads(self.process.stdout.readline())

    def environment(self):
        return {
            **os.environ,
            "AWS_ENDPOINT_URL": self.keys["url"],
            "AWS_ACCESS_KEY_ID": self.keys["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.keys["secretAccessKey"],
            "AWS_REGION": self.keys["region"],
            "AWS_DEFAULT_REGION": self.keys["region"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "ROLLOUT_ACTOR": "benchmark",
            "ROLLOUT_POLL": "50ms",
        }

    def post(self, path, body):
        request = urllib.request.Request(self.keys["url"] + path, json.dumps(body).encode())
        return json.loads(urllib.request.urlopen(request).read() or b"{}")


def write_environments(folder, count):
    """A service of `count` environments, each as small as it can be: one instance, no tests, everything at once."""
    for name in ("Templates", "Alarms"):
        shutil.copytree(ROOT / name, folder / name)
    files = folder / "Environments"
    files.mkdir()
    names = [f"env-{number:02}" for number in range(1, count + 1)]
    service = f"bench-{count}"
    (files / "pipeline.yaml").write_text(
        f"service: {service}\n"
        f"registry: {{provider: sagemaker, region: us-east-1, group: {service}}}\n"
        f"state: {{backend: s3, bucket: bench, prefix: {service}, region: us-east-1}}\n"
        f"stages: [{', '.join(names)}]\n"
    )
    for name in names:
        (files / f"{name}.yaml").write_text(
            f"environment: {name}\n"
            "target:\n"
            "  provider: sagemaker\n"
            "  region: us-east-1\n"
            "  role: arn:aws:iam::123456789012:role/endpoint\n"
            "  template: ../Templates/staging.yaml\n"
            f"endpoint: {{name: {service}-{name}, instances: 1, type: ml.m5.xlarge}}\n"
            "model: {select: latest-approved}\n"
            "strategy: {allAtOnce: {bakeAfter: 10m}}\n"
            "alarms: [../Alarms/model-errors.yaml, ../Alarms/cpu.yaml]\n"
            "autoscaling: {instances: 1...4, invocationsPerInstance: 70}\n"
        )


def run(command, folder, environment, accepted=(0,)):
    """One process from start to end: CPU seconds, wall seconds, MiB. Started by a small process, because a child's
    largest resident set begins with its parent's."""
    lean = [sys.executable, "-I", "-S", HERE / "measured.py", *command]
    done = subprocess.run(lean, cwd=folder, env=environment, capture_output=True, text=True)
    measured = json.loads(done.stdout.splitlines()[-1])
    if measured["code"] not in accepted:
        sys.exit(f"bench: {' '.join(map(str, command))}: exit status {measured['code']}\n{done.stderr}")
    return measured["cpu"], measured["wall"], measured["mib"]


def medians(measured):
    return [statistics.median(column) for column in zip(*measured)]


def compare(title, ours, peer_name, peer, folder, environment):
    """In turns, so that a noisy moment falls on both."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(run(ours, folder, environment))
        theirs.append(run(peer, folder, environment, accepted=(0, 4)))
    rows = [("rollout", medians(mine)), (peer_name, medians(theirs))]
    for name, (cpu, wall, size) in rows:
        print(f"{title:<22}  {name:<9}  {cpu:>8.3f}  {wall:>7.2f}  {size:>7.1f}", flush=True)
    ratio = statistics.median(one[0] / other[0] for one, other in zip(mine, theirs))
    print(f"{'':<22}  {'ratio':<9}  {ratio:>8.2f}", flush=True)


def prepare(emulator, folder, count, setup, environment):
    write_environments(folder, count)
    group = {"group": f"bench-{count}", "versions": [{"status": "Approved", "metrics": {"accuracy": 0.6}}]}
    emulator.post("/emulator/seed", group)
    run([setup, "apply"], folder, environment)
    group["versions"][0]["metrics"] = {"accuracy": 0.61}
    emulator.post("/emulator/seed", group)


def main():
    rollout = str(Path(sys.argv[1]).resolve())
    setup = str(Path(sys.argv[2] if len(sys.argv) > 2 else sys.argv[1]).resolve())
    emulator = Emulator()
    environment = emulator.environment()
    import boto3

    keys = emulator.keys
    boto3.client(
        "s3", endpoint_url=keys["url"], region_name=keys["region"], aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
    ).create_bucket(Bucket="bench")
    cfn_lint = Path(sys.executable).parent / "cfn-lint"
    print(f"{'':<22}  {'':<9}  {'CPU s':>8}  {'wall s':>7}  {'MiB':>7}")
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            prepare(emulator, folder, count, setup, environment)
            noun = "environment" + ("" if count == 1 else "s")
            peer = [sys.executable, HERE / "changesets.py", f"bench-{count}", str(count)]
            compare(f"plan, {count} {noun}", [rollout, "plan"], "boto3", peer, folder, environment)
            if count == 1:
                lint = [cfn_lint, "Templates/staging.yaml"]
                compare("validate", [rollout, "validate"], "cfn-lint", lint, folder, environment)
    emulator.process.terminate()


if __name__ == "__main__":
    main()
