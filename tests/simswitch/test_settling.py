"""Virtual time: it moves only when asked, never before a driver has decided, always the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from telephony import esl
from telephony.simswitch.phone import Phone, PhoneError
from tests.contracts.rig import PASSWORD
from tests.contracts.simulated import Process
from tests.simswitch.conftest import START

SOON_S = 5


@asynccontextmanager
async def driver(process: Process) -> AsyncIterator[tuple[esl.Client, "asyncio.Queue[str]"]]:
    """A client that hears of each call as a worker does: its uuid comes in the queue."""
    calls: asyncio.Queue[str] = asyncio.Queue()
    connected: asyncio.Queue[None] = asyncio.Queue()

    def told(event: esl.Event) -> None:
        if event.name == "CHANNEL_ANSWER":
            calls.put_nowait(event["Unique-ID"])

    client = esl.Client(
        "127.0.0.1",
        process.esl_port,
        PASSWORD,
        events=["CHANNEL_ANSWER"],
        filters=[("variable_bankline", "1")],
        on_event=told,
        on_connected=lambda: connected.put(None),
    )
    running = asyncio.create_task(client.run())
    await asyncio.wait_for(connected.get(), SOON_S)
    try:
        yield client, calls
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_time_stands_while_a_driver_makes_up_its_mind(process: Process):
    async with driver(process) as (client, calls), phone_of(process) as phone:
        call = await phone.dial("961202")
        assert await asyncio.wait_for(calls.get(), SOON_S) == call
        await client.api(f"sched_del {call}")

        with pytest.raises(PhoneError, match=f"nobody drives call {call}"):
            await phone.ask("step", patience_s=0.1)

        playing = asyncio.create_task(client.execute(call, "playback", "long.wav"))
        await phone.hears("long.wav")
        assert (await phone.ask("step"))["moved"]  # now it is the clock's turn
        await playing
        assert (await phone.ask("clock"))["at"] == START + 6


async def test_without_a_driver_time_is_free(process: Process):
    async with phone_of(process) as phone:
        await phone.dial("961202")
        await phone.hears("nobody.drives")
        assert (await phone.ask("clock"))["at"] == START + 2


async def test_advance_goes_timer_by_timer_and_lets_the_driver_act_in_between(process: Process):
    async with driver(process) as (client, calls), phone_of(process) as phone:
        call = await phone.dial("961202")
        await asyncio.wait_for(calls.get(), SOON_S)
        await client.api(f"sched_del {call}")

        async def talk() -> None:
            while True:
                await client.execute(call, "playback", "a.wav")  # 600 ms each

        talking = asyncio.create_task(talk())
        await phone.advance(6)
        talking.cancel()
        played = 0
        async for heard in phone.heard():
            played += heard.event == "played"
            if heard.at > START + 5.9 and heard.event == "played":
                break
        assert played == 10


async def test_the_same_story_is_told_the_same_way_twice(tmp_path: Path, prompts: Path):
    tellings = []
    for telling in ("once", "twice"):
        (tmp_path / telling).mkdir()
        process = Process(tmp_path / telling, prompts, "--clock", "virtual", "--start", str(START))
        try:
            async with driver(process) as (client, calls), phone_of(process) as phone:
                tellings.append(await story(client, calls, phone))
        finally:
            process.stop()
    assert tellings[0] == tellings[1]
    assert tellings[0] == [
        ("123", "timeout"),
        ("played", 0.0, ()),  # the first key stopped it at once
        ("playing", 1.8, ("a.wav", "b.wav")),  # the third key was pressed at 0.8
        ("played", 3.25, ()),
        ("hangup", 3.25, ()),
    ]


async def story(
    client: esl.Client, calls: "asyncio.Queue[str]", phone: Phone
) -> list[tuple[object, ...]]:
    call = await phone.dial("961202")
    await asyncio.wait_for(calls.get(), SOON_S)
    await client.api(f"sched_del {call}")
    asked = "1 4 1 3000 # long.wav '' got .* 1000"
    entry = asyncio.create_task(client.execute(call, "play_and_get_digits", asked))
    await phone.hears("long.wav")
    await phone.keys("12w3", gap_ms=150)
    done = await phone.until(entry)
    told: list[tuple[object, ...]] = [(done["variable_got"], done["variable_read_result"])]
    await phone.until(client.execute(call, "playback", "file_string://a.wav!b.wav"))
    await phone.hang_up()
    async for heard in phone.heard():
        told.append((heard.event, round(heard.at - START, 6), tuple(heard.files)))
        if heard.event == "hangup":
            return told
    return told


async def test_a_command_is_withheld_and_released(process: Process):
    async with driver(process) as (client, calls), phone_of(process) as phone:
        call = await phone.dial("961202")
        await asyncio.wait_for(calls.get(), SOON_S)
        await client.api(f"sched_del {call}")

        await phone.withhold("b.wav")
        await phone.until(client.execute(call, "playback", "a.wav"))
        receipt = asyncio.create_task(client.execute(call, "playback", "b.wav"))
        held = await phone.hears("withheld")
        assert held.what["match"] == "b.wav"
        later = asyncio.create_task(client.api("uuid_exists none"))
        await phone.settle()  # nothing to wait for: the switch itself keeps the command
        assert not receipt.done()
        assert not later.done()  # the replies of a client keep their order

        assert await phone.release()
        assert (await phone.until(receipt))["variable_playback_ms"] == "600"
        assert await asyncio.wait_for(later, SOON_S) == "false"
        assert not await phone.release()


async def test_what_is_withheld_dies_with_its_client(process: Process):
    async with phone_of(process) as phone:
        async with driver(process) as (client, calls):
            call = await phone.dial("961202")
            await asyncio.wait_for(calls.get(), SOON_S)
            await client.api(f"sched_del {call}")
            await phone.withhold("receipt")
            lost = asyncio.create_task(client.execute(call, "playback", "receipt.wav"))
            await phone.hears("withheld")
        with pytest.raises(esl.Lost):
            await lost

        async with driver(process) as (client, calls):
            assert await client.api(f"uuid_exists {call}") == "true"
            done = await phone.until(client.execute(call, "playback", "receipt.wav"))
            assert done["Application-Response"] == "FILE NOT FOUND"  # this one was let through
        assert not await phone.release()


def phone_of(process: Process):
    return Phone.connect(process.phone_port, PASSWORD)
