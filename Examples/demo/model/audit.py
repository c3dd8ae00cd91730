"""Version 4's addition: a fingerprint of every picture for later audits. It is right, and far too slow."""

import queue
import threading


class Audit:
    """Fingerprints pictures one after the other, beside the answers, on a thread that never catches up."""

    BACKLOG_MAX = 8

    def __init__(self):
        self.waiting = queue.Queue(maxsize=self.BACKLOG_MAX)
        threading.Thread(target=self.work, daemon=True).start()

    def note(self, data):
        try:
            self.waiting.put_nowait(data)
        except queue.Full:
            pass

    def work(self):
        while True:
            fingerprint(self.waiting.get())


def fingerprint(data):
    """FNV-1a over the picture's bytes, repeated so that it is costly to forge."""
    value = 14695981039346656037
    for _ in range(80):
        for byte in data:
            value = (value ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return value
