"""Asks one URL as fast as it answers, over a number of connections, and says how fast that was.

    load.py URL --connections 16 --seconds 5 --bytes 100000

Each connection sends its next request when the last one is answered. The first tenth of the time warms up and is not
counted. The result is JSON.
"""

import argparse
import asyncio
import json
import time
import urllib.parse


class Client(asyncio.Protocol):
    def __init__(self, request, run):
        self.request = request
        self.run = run
        self.received = bytearray()

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        self.sent_at = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data):
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.received[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self.received) < end + 4 + length:
            return
        now = time.perf_counter()
        self.run.note(now, now - self.sent_at, head.startswith(b"http/1.1 200 "))
        self.received.clear()
        if now < self.run.end:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, error):
        self.run.closed(error)


class Run:
    """What all connections measured."""

    def __init__(self, connections, seconds):
        self.open = connections
        begin = time.perf_counter()
        self.begin = begin + seconds / 10
        self.end = self.begin + seconds
        self.latencies = []
        self.failed = 0
        self.done = asyncio.get_running_loop().create_future()

    def note(self, now, latency, is_good):
        if self.begin <= now < self.end:
            self.latencies.append(latency)
            self.failed += not is_good

    def closed(self, error):
        self.failed += error is not None
        self.open -= 1
        if self.open == 0:
            self.done.set_result(None)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url", type=urllib.parse.urlsplit)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--bytes", type=int, required=True)
    options = parser.parse_args()

    head = (
        f"POST {options.url.path} HTTP/1.1\r\nHost: {options.url.netloc}\r\n"
        f"Content-Type: image/png\r\nContent-Length: {options.bytes}\r\n\r\n"
    )
    request = head.encode() + bytes(options.bytes)
    run = Run(options.connections, options.seconds)
    loop = asyncio.get_running_loop()
    for _ in range(options.connections):
        await loop.create_connection(lambda: Client(request, run), options.url.hostname, options.url.port)
    await run.done

    latencies = sorted(run.latencies)
    milliseconds = {share: round(latencies[int(share / 100 * (len(latencies) - 1))] * 1000, 3) for share in (50, 99)}
    print(
        json.dumps(
            {
                "requests": len(latencies),
                "failed": run.failed,
                "perSecond": round(len(latencies) / options.seconds),
                "p50Milliseconds": milliseconds[50],
                "p99Milliseconds": milliseconds[99],
            }
        )
    )


asyncio.run(main())
