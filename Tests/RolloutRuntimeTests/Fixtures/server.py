"""A model server under the container contract that misbehaves as its environment says.

FAIL_RATE      share of invocations answered with 500
BURN_CPU       any value: one thread computes without end
START_DELAY    seconds before it listens
NEVER_HEALTHY  any value: GET /ping answers 503
CRASH_AFTER    the process exits on this many-th invocation; 0: at once
"""

import http.server
import json
import os
import random
import sys
import threading
import time

FAIL_RATE = float(os.environ.get("FAIL_RATE", "0"))
CRASH_AFTER = int(os.environ.get("CRASH_AFTER", "-1"))
served = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body are two writes; Nagle's algorithm would hold the second back.
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(503 if "NEVER_HEALTHY" in os.environ else 200, {})

    def do_POST(self):
        global served
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        served += 1
        if 0 < CRASH_AFTER <= served:
            print("crashing as told", flush=True)
            os._exit(3)
        if random.random() < FAIL_RATE:
            self.answer(500, {"error": "failing as told"})
        else:
            self.answer(
                200,
                {
                    "version": os.environ["ROLLOUT_MODEL_VERSION"],
                    "variant": os.environ["ROLLOUT_MODEL_VARIANT"],
                    "pid": os.getpid(),
                    "directory": os.getcwd(),
                },
            )


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def burn():
    while True:
        pass


print("starting version", os.environ.get("ROLLOUT_MODEL_VERSION"), flush=True)
if CRASH_AFTER == 0:
    print("no weights found", file=sys.stderr, flush=True)
    sys.exit(3)
time.sleep(float(os.environ.get("START_DELAY", "0")))
if "BURN_CPU" in os.environ:
    threading.Thread(target=burn, daemon=True).start()
Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
