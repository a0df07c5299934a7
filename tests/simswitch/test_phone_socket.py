"""The phone socket: its operations, and what it says to those that make no sense."""

import asyncio
import json

import pytest

from telephony.simswitch.phone import LineLost, NeverHeard, Phone, PhoneError
from telephony.simswitch.phone_server import LONGEST_LINE
from tests.contracts.rig import PASSWORD
from tests.contracts.simulated import Process
from tests.simswitch.conftest import START

SOON_S = 5


class Wire:
    """The phone socket, a line at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, process: Process, *, authenticated: bool = True) -> "Wire":
        wire = cls(*await asyncio.open_connection("127.0.0.1", process.phone_port))
        if authenticated:
            assert (await wire.ask({"op": "auth", "password": PASSWORD}))["event"] == "done"
        return wire

    async def ask(self, line: object) -> dict:
        """Send a line, raw or as JSON; the next that comes back."""
        data = line if isinstance(line, bytes) else json.dumps(line).encode()
        self.writer.write(data + b"\n")
        return json.loads(await asyncio.wait_for(self.reader.readline(), SOON_S))

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), SOON_S) == b""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"not json", "this line is no JSON"),
        (b"\xff\xfe", "this line is no JSON"),
        (b"[" * 5000, "this line is no JSON"),
        (b"[1]", "an operation is a JSON object"),
        ({"op": "fly"}, "no such operation: fly"),
        ({"op": 7}, "no such operation: 7"),
        ({"op": "dial"}, "number is to be a text of at most 256 printable characters"),
        ({"op": "dial", "number": "9" * 300}, "number is to be a text"),
        ({"op": "dial", "number": "1\n2"}, "number is to be a text"),
        ({"op": "dial", "number": "961202", "test": "yes"}, "test is to be true or false"),
        ({"op": "keys", "digits": "1"}, "no such call"),
        ({"op": "hangup", "call": "none"}, "no such call"),
        ({"op": "answer", "call": "none"}, "no such call"),
        ({"op": "register"}, "user is to be a text"),
        ({"op": "advance", "seconds": -1}, "seconds is to be a number from 0 to 31536000"),
        ({"op": "advance", "seconds": True}, "seconds is to be a number"),
        ({"op": "advance", "seconds": "9"}, "seconds is to be a number"),
        ({"op": "step", "limit_s": 1e99}, "limit_s is to be a number"),
        ({"op": "settle", "patience_s": 1000}, "patience_s is to be a number from 0 to 300"),
        ({"op": "withhold"}, "match is to be a text"),
    ],
)
async def test_nonsense_is_refused_and_the_line_stays(shared: Process, line: object, why: str):
    wire = await Wire.open(shared)

    said = await wire.ask(line)

    assert said["event"] == "refused"
    assert said["why"].startswith(why)
    assert (await wire.ask({"op": "clock", "id": 7}))["id"] == 7
    wire.writer.close()


async def test_keys_that_are_none_are_refused(shared: Process):
    async with Phone.connect(shared.phone_port, PASSWORD) as phone:
        await phone.dial("961202")
        for digits in ("12x", "1" * 201):
            with pytest.raises(PhoneError, match="keys are at most 200"):
                await phone.keys(digits)
        with pytest.raises(PhoneError, match="gap_ms is to be a number"):
            await phone.keys("12", gap_ms=-5)


async def test_a_line_without_end_is_cut(shared: Process):
    wire = await Wire.open(shared)

    wire.writer.write(b"x" * (LONGEST_LINE * 3))

    said = json.loads(await asyncio.wait_for(wire.reader.readline(), SOON_S))
    assert said["why"] == f"a line is longer than {LONGEST_LINE} bytes"
    assert await wire.is_closed()
    wire.writer.close()


@pytest.mark.parametrize(
    "line",
    [{"op": "auth", "password": "guess"}, {"op": "auth"}, {"op": "calls"}, b"GET / HTTP/1.1"],
)
async def test_nothing_is_told_without_the_password(shared: Process, line: object):
    wire = await Wire.open(shared, authenticated=False)

    said = await wire.ask(line)

    assert said["event"] == "refused"
    assert await wire.is_closed()
    wire.writer.close()


async def test_a_phone_that_goes_away_hangs_up(process: Process):
    async with Phone.connect(process.phone_port, PASSWORD) as witness:
        await witness.subscribe()
        async with Phone.connect(process.phone_port, PASSWORD) as phone:
            call = await phone.dial("961202", phone="kitchen")
            assert [one["call"] for one in await witness.calls()] == [call]
        gone = await witness.hears("hangup")
        assert (gone.call, gone.what["by"], gone.what["phone"]) == (call, "phone", "kitchen")
        assert await witness.calls() == []
        with pytest.raises(LineLost):
            await phone.calls()


async def test_a_subscriber_hears_one_call_and_no_other(process: Process):
    async with (
        Phone.connect(process.phone_port, PASSWORD) as first,
        Phone.connect(process.phone_port, PASSWORD) as second,
        Phone.connect(process.phone_port, PASSWORD) as witness,
    ):
        mine, other = await first.dial("961202"), await second.dial("961202")
        await witness.subscribe(mine)
        await second.hang_up(call=other)
        await first.hang_up(call=mine)
        assert (await witness.hears("hangup")).call == mine


async def test_keys_have_gaps_and_pauses(process: Process):
    async with Phone.connect(process.phone_port, PASSWORD) as phone:
        await phone.register("desk")
        await phone.dial("961202")
        call = await phone.hears("held")
        await phone.keys("1w2W3", gap_ms=200, call=call.call)
        await phone.keys("4", call=call.call)
        done = await phone.ask("clock")
        assert done["at"] == START
        # The keys are pressed at 0, 0.7, 1.9 and 2.1 s: three timers before the notice's end.
        times = []
        for _ in range(3):
            assert (await phone.ask("step", limit_s=1.99))["moved"]
            times.append(round((await phone.ask("clock"))["at"] - START, 3))
        assert times[:2] == [0.7, 1.9]


async def test_what_never_comes_is_said_with_what_came(process: Process):
    async with Phone.connect(process.phone_port, PASSWORD) as phone:
        await phone.dial("961202")
        with pytest.raises(NeverHeard, match=r"'welcome'; heard .*held.*nobody\.drives"):
            await phone.hears("welcome", within_s=4)


async def test_the_clock_can_only_be_moved_when_it_stands(tmp_path, prompts):
    process = Process(tmp_path, prompts, "--rate", "10")
    try:
        async with Phone.connect(process.phone_port, PASSWORD) as phone:
            with pytest.raises(PhoneError, match="the clock runs by itself"):
                await phone.advance(1)
    finally:
        process.stop()
