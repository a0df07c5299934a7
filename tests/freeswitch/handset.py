"""A caller's handset: RTP on the loopback, heard by pitch, with keys and a voice of its own."""

import asyncio
import math
import struct
from contextlib import asynccontextmanager
from functools import cache

from tests.freeswitch.sipp import EVENT_TYPE

FRAME = 160  # samples of 20 ms
WINDOW = 10  # frames that a pitch is judged by


def _linear(byte: int) -> int:
    """A-law to a sample (ITU-T G.711)."""
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 15
    sample = (mantissa << 4) + 8
    if exponent:
        sample = (sample + 0x100) << (exponent - 1)
    return sample if byte & 0x80 else -sample


LINEAR = [_linear(byte) for byte in range(256)]


def share(samples: list[int], hertz: float) -> float:
    """The share of the energy that lies at one pitch: near 1 for a tone, near 0 for others."""
    power = sum(sample * sample for sample in samples)
    if power < len(samples) * 100**2:
        return 0.0
    turn = 2 * math.pi * hertz / 8_000
    real = sum(sample * math.cos(turn * n) for n, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * n) for n, sample in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * power)


class Handset(asyncio.DatagramProtocol):
    """One caller's audio. SIPp holds the call; its SDP names this port."""

    port: int

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._came: list[float] = []  # when, by the loop's clock
        self._keys: dict[int, str] = {}  # by their time stamp
        self._more = asyncio.Event()
        self._switch: tuple[str, int] | None = None
        self._sequence, self._clock = 1, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[1] & 0x7F == 8:
            self._switch = addr
            self._frames.append(data[12:])
            self._came.append(asyncio.get_running_loop().time())
            self._more.set()
        elif data[1] & 0x7F == EVENT_TYPE and data[12:14] and data[13] & 0x80:
            when = struct.unpack(">I", data[4:8])[0]
            self._keys[when] = "0123456789*#"[data[12]]  # its end is sent thrice
            self._more.set()

    async def receives(self, keys: str, *, within_s: float) -> None:
        """Until these keys came from the other end (RFC 2833); TimeoutError if they did not."""
        async with asyncio.timeout(within_s):
            while "".join(self._keys.values()) != keys:
                self._more.clear()
                await self._more.wait()

    async def hears_anything(self) -> None:
        """Until the first packet: from then on it can speak."""
        while self._switch is None:
            self._more.clear()
            await self._more.wait()

    async def hears(self, hertz: float, *, within_s: float) -> None:
        """Until a fifth of a second of this pitch was heard; TimeoutError if it was not."""
        async with asyncio.timeout(within_s):
            while share(self._last(), hertz) < 0.8:
                self._more.clear()
                await self._more.wait()

    async def hears_no_more(self, hertz: float, *, within_s: float, for_s: float = 1.5) -> None:
        """Until this pitch has been away for `for_s`; TimeoutError if it goes on coming."""
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(within_s):
            away_since = now()
            while now() - away_since < for_s:
                if share(self._last(), hertz) > 0.5:
                    away_since = now()
                self._more.clear()
                await self._more.wait()

    async def begins(self, hertz: float, *, since: float, within_s: float) -> float:
        """When the first frame of this pitch came, at `since` or later."""
        judged = 0
        async with asyncio.timeout(within_s):
            while True:
                for frame, came in zip(self._frames[judged:], self._came[judged:], strict=True):
                    samples = [LINEAR[byte] for byte in frame]
                    if came >= since and share(samples, hertz) > 0.7:
                        return came
                judged = len(self._frames)
                self._more.clear()
                await self._more.wait()

    async def key(self, key: str) -> float:
        """Press it for a tenth of a second (RFC 2833); when it ended.

        Speak first, or FreeSWITCH does not hear it.
        """
        event, start = "0123456789*#".index(key), self._clock
        for step in range(1, 8):
            ends = step > 5  # the last is sent thrice
            body = struct.pack(">BBH", event, ends << 7 | 10, min(step, 5) * FRAME)
            await self._send(EVENT_TYPE | (step == 1) << 7, start, body)
            if step == 6:  # the first that says so
                ended = asyncio.get_running_loop().time() - FRAME / 8_000
        return ended

    async def speak(self, hertz: float, seconds: float) -> None:
        """A voice of one pitch."""
        for _ in range(int(seconds * 50)):
            samples = (
                8_000 * math.sin(2 * math.pi * hertz * (self._clock + n) / 8_000)
                for n in range(FRAME)
            )
            await self._send(8, self._clock, bytes(map(_alaw, map(int, samples))))

    async def _send(self, kind: int, clock: int, body: bytes) -> None:
        assert self._switch, "Nothing was heard yet."
        head = struct.pack(">BBHII", 0x80, kind, self._sequence, clock, 0x5EED)
        self._transport.sendto(head + body, self._switch)
        self._sequence += 1
        self._clock += FRAME
        await asyncio.sleep(FRAME / 8_000)  # the pace of speech

    def _last(self) -> list[int]:
        return [LINEAR[byte] for frame in self._frames[-WINDOW:] for byte in frame] or [0]


@cache
def _alaw(sample: int) -> int:
    return min(range(256), key=lambda byte: abs(LINEAR[byte] - sample))


@asynccontextmanager
async def handset():
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        Handset, local_addr=("127.0.0.1", 0)
    )
    try:
        yield protocol
    finally:
        transport.close()
