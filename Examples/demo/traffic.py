"""Plays the users: sends pictures to an endpoint at a steady rate until it is told to stop, and counts the answers.

    traffic.py URL --rate 12 --report FILE PICTURE...

Requests start on a fixed schedule, whether or not earlier ones were answered, over kept connections. A request has
failed when its answer is not 200, or does not come; nothing is sent twice. SIGTERM or SIGINT ends it; the report is
JSON, rewritten every second.
"""

import argparse
import collections
import http.client
import json
import os
import signal
import threading
import time
import urllib.parse
from pathlib import Path

WORKERS = 16
TIMEOUT_SECONDS = 30
CONTENT_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".json": "application/json"}


class Report:
    """What happened so far; shared by all workers."""

    def __init__(self):
        self.lock = threading.Lock()
        self.failures = collections.Counter()
        self.latencies = []

    def note(self, failure, seconds):
        with self.lock:
            self.latencies.append(seconds)
            if failure:
                self.failures[failure] += 1

    def write(self, path):
        with self.lock:
            latencies = sorted(self.latencies)
            failures = dict(self.failures)
        report = {"sent": len(latencies), "failed": sum(failures.values()), "failures": failures}
        if latencies:
            for name, share in (("p50", 0.5), ("p99", 0.99)):
                report[f"{name}Milliseconds"] = round(latencies[int(share * (len(latencies) - 1))] * 1000, 1)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(report))
        os.replace(partial, path)


class Schedule:
    """Hands out the numbers of requests, each at its time."""

    def __init__(self, rate):
        self.rate = rate
        self.start = time.monotonic()
        self.lock = threading.Lock()
        self.next = 0
        self.ended = threading.Event()

    def take(self):
        with self.lock:
            number = self.next
            self.next += 1
        wait = self.start + number / self.rate - time.monotonic()
        return None if self.ended.wait(max(0, wait)) else number


def work(url, bodies, schedule, report):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT_SECONDS)
    while (number := schedule.take()) is not None:
        kind, body = bodies[number % len(bodies)]
        begin = time.monotonic()
        try:
            connection.request("POST", url.path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
            failure = None if answer.status == 200 else f"status {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            failure = type(error).__name__
        report.note(failure, time.monotonic() - begin)
    connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url", type=urllib.parse.urlsplit)
    parser.add_argument("--rate", type=float, required=True, help="requests per second")
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("bodies", type=Path, nargs="+")
    options = parser.parse_args()

    bodies = [(CONTENT_TYPES[path.suffix], path.read_bytes()) for path in options.bodies]
    report = Report()
    schedule = Schedule(options.rate)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: schedule.ended.set())
    workers = [threading.Thread(target=work, args=(options.url, bodies, schedule, report)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    while not schedule.ended.wait(1):
        report.write(options.report)
    # Requests that are under way still count.
    for worker in workers:
        worker.join()
    report.write(options.report)


main()
