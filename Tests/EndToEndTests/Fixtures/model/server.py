"""A model server that does what a test tells it to, by its environment.

ANSWER         the label it answers with, score 0.9 (default: safe)
FAIL_RATE      share of requests answered with status 500, spread evenly: 0.3 fails 3 of every 10
LATENCY_MS     how long an answer takes
BURN_CPU       any value: keeps one core busy
START_DELAY    seconds before it listens
SAYS           what it prints as it starts
NEVER_HEALTHY  any value: /ping answers 503
CRASH_AFTER    ends with exit status 3 instead of answering the request of this number

Standard library only, so that it starts in a tenth of a second. SIGTERM ends it once open requests are answered.
"""

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = os.environ.get("ANSWER", "safe")
FAIL_RATE = float(os.environ.get("FAIL_RATE", "0"))
LATENCY_MS = float(os.environ.get("LATENCY_MS", "0"))
CRASH_AFTER = int(os.environ.get("CRASH_AFTER", "0"))
HEALTHY = "NEVER_HEALTHY" not in os.environ


class Count:
    """How many requests came and how many of them are open; shared by all threads."""

    def __init__(self):
        self.condition = threading.Condition()
        self.total = 0
        self.open = 0

    def enter(self):
        with self.condition:
            self.total += 1
            self.open += 1
            return self.total

    def leave(self):
        with self.condition:
            self.open -= 1
            self.condition.notify_all()

    def drained(self):
        with self.condition:
            self.condition.wait_for(lambda: self.open == 0)


count = Count()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it, headers and body leave in two packets and the second waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path != "/ping":
            self.answer(404, {"error": "not found"})
        elif HEALTHY:
            self.answer(200, {})
        else:
            self.answer(503, {"error": "not healthy, as told"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path != "/invocations":
            return self.answer(404, {"error": "not found"})
        number = count.enter()
        try:
            if number == CRASH_AFTER:
                os._exit(3)
            time.sleep(LATENCY_MS / 1000)
            # The whole part of number x rate grows by one at exactly the failing requests.
            if int(number * FAIL_RATE) > int((number - 1) * FAIL_RATE):
                self.answer(500, {"error": "failed, as told"})
            else:
                scores = [{"label": ANSWER, "score": 0.9}, {"label": f"not-{ANSWER}", "score": 0.1}]
                self.answer(200, scores, {"X-Body-Bytes": str(len(body))})
        finally:
            count.leave()

    def answer(self, status, document, headers=None):
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def burn():
    while True:
        pass


def end(*_):
    def drain_and_exit():
        count.drained()
        os._exit(0)

    threading.Thread(target=drain_and_exit).start()


signal.signal(signal.SIGTERM, end)
if "SAYS" in os.environ:
    print(os.environ["SAYS"], flush=True)
if "BURN_CPU" in os.environ:
    threading.Thread(target=burn, daemon=True).start()
time.sleep(float(os.environ.get("START_DELAY", "0")))
Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
