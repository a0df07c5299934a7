"""Ports for what a test starts, which nobody else of the suite is given meanwhile."""

import os
import random
import socket
from contextlib import suppress

# Below those that the kernel lends to whoever calls out (from 32,768), and the RTP's.
OURS = range(10_000, 16_000)
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4


def free() -> int:
    """One that nobody listens on, by TCP or UDP: SIP wants both."""
    while True:
        port = random.choice(OURS)
        with (
            suppress(OSError),
            socket.socket() as tcp,
            socket.socket(type=socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
            return port


def rtp() -> dict[str, int]:
    """A thousand for a switch of this process: each process of the suite has its own few."""
    first = 16_400 + 4_000 * WORKER + random.randrange(3_000)
    return {"rtp_first": first, "rtp_last": first + 1_000}
