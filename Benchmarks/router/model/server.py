"""A model that does nothing, so that what is measured is the way to it: every request is read and answered at once."""

import asyncio
import os

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{"label": "safe"}\n'


class Connection(asyncio.Protocol):
    """Requests that follow one another; a body is counted by its Content-Length."""

    def connection_made(self, transport):
        self.transport = transport
        self.received = bytearray()
        self.missing = 0

    def data_received(self, data):
        self.received += data
        while True:
            if self.missing == 0:
                end = self.received.find(b"\r\n\r\n")
                if end < 0:
                    return
                head = bytes(self.received[:end]).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                self.missing = end + 4 + int(length or 0)
            if len(self.received) < self.missing:
                return
            del self.received[: self.missing]
            self.missing = 0
            self.transport.write(ANSWER)


async def main():
    server = await asyncio.get_running_loop().create_server(
        Connection, "127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])
    )
    await server.serve_forever()


asyncio.run(main())
