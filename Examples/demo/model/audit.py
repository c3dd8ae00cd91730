"""Version 4's addition: a fingerprint of every picture for later audits. It is right, and far too slow."""

import hashlib
import queue
import threading

WORKERS = 4
BACKLOG_MAX = 8
# A fingerprint that is costly to forge is as costly to make: over a second of a core.
ITERATIONS = 3_000_000


class Audit:
    """Fingerprints pictures beside the answers, on threads that never catch up."""

    def __init__(self):
        self.waiting = queue.Queue(maxsize=BACKLOG_MAX)
        for _ in range(WORKERS):
            threading.Thread(target=self.work, daemon=True).start()

    def note(self, data):
        try:
            self.waiting.put_nowait(data)
        except queue.Full:
            pass

    def work(self):
        while True:
            # Done outside the interpreter's lock: answers stay quick while cores burn.
            hashlib.pbkdf2_hmac("sha256", self.waiting.get(), b"audit", ITERATIONS)
