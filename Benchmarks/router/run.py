"""What the way through the runtime's front costs, against asking the same model server directly.

    run.py ROLLOUT      ROLLOUT: the binary to measure; `make bench` builds a release and passes it

A model that does nothing is rolled out by the runtime. The same load, bodies of 100 KB as pictures are, goes to its
port and to the front, in turns; the runtime's CPU time is the kernel's count. Client, runtime and model share the
machine, so requests per second say less than the CPU time of a request.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import rmtree

HERE = Path(__file__).resolve().parent
STATE = HERE / ".rollout"
SECONDS = 5
BYTES = 100_000
CONNECTIONS = (1, 16)
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Rollout:
    def __init__(self, binary):
        self.binary = str(Path(binary).resolve())
        # The model server is started with the interpreter that runs this.
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "ROLLOUT_ACTOR": "benchmark"}

    def __call__(self, *words):
        done = subprocess.run([self.binary, *words], cwd=HERE, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench: rollout {' '.join(words)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def cpu_seconds(pid):
    """User and system time so far: fields 14 and 15 of proc(5)'s stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def load(url, connections):
    command = [sys.executable, HERE / "load.py", url, "--connections", str(connections)]
    command += ["--seconds", str(SECONDS), "--bytes", str(BYTES)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def row(way, connections, result, cpu):
    print(
        f"{connections:>11}  {way:<9}  {result['perSecond']:>10}  {result['p50Milliseconds']:>8.2f}"
        f"  {result['p99Milliseconds']:>8.2f}  {cpu:>18}  {result['failed']:>6}",
        flush=True,
    )


def measure(rollout):
    rollout("models", "register", "model", "--approve")
    rollout("apply")
    status = json.loads(rollout("runtime", "status", "--format", "json"))["runtime"]
    (endpoint,) = status["endpoints"]
    (instance,) = endpoint["instances"]
    print(f"{os.cpu_count()} cores, bodies of {BYTES // 1000} KB, {SECONDS} s each")
    print("connections  way        requests/s  p50 (ms)  p99 (ms)  runtime CPU (µs/r)  failed")
    for connections in CONNECTIONS:
        direct = load(f"http://127.0.0.1:{instance['port']}/invocations", connections)
        row("direct", connections, direct, "")
        before = cpu_seconds(status["pid"])
        front = load(f"{status['address']}/endpoints/echo/invocations", connections)
        # The warm-up is counted by the kernel, and so has to be here.
        requests = front["requests"] * 1.1
        row("via front", connections, front, f"{(cpu_seconds(status['pid']) - before) / requests * 1e6:.0f}")


def main():
    rollout = Rollout(sys.argv[1])
    if STATE.exists():
        rollout("runtime", "stop")
        rmtree(STATE)
    try:
        measure(rollout)
    finally:
        rollout("runtime", "stop")
        rmtree(STATE)


main()
