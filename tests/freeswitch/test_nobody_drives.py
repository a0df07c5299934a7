"""A call on the configuration as it is written, with no worker: it hears the truth."""

import asyncio
import re
import wave
from array import array

import pytest

from tests.freeswitch.handset import Handset, handset, share
from tests.freeswitch.sipp import Caller, Result, phone
from tests.freeswitch.switch import TONES_HZ

BEEP_HZ = 1_000

pytestmark = [pytest.mark.freeswitch, pytest.mark.asyncio(loop_scope="module")]


def _call(switch, handset: Handset, **options) -> "asyncio.Task[Result]":
    caller = Caller("961202", media_port=handset.port, **{"stays_s": None, **options})
    return asyncio.create_task(phone(switch, caller))


async def test_a_call_that_nobody_takes_hears_the_notice(switch):
    async with handset() as caller:
        calling = _call(switch, caller)
        await caller.hears(TONES_HZ["drives"], within_s=4)
        result = await calling
    assert (result.successful, result.errors) == (1, "")  # the bank hung up


async def test_a_call_that_is_picked_up_is_held(switch):
    events = ("CHANNEL_ANSWER", "CHANNEL_EXECUTE", "CHANNEL_HANGUP_COMPLETE")
    async with switch.events(*events, filters=[("variable_bankline", "1")]) as (client, heard):
        calling = asyncio.create_task(phone(switch, Caller("25198888", stays_s=4)))
        while (event := await heard.get()).name != "CHANNEL_ANSWER":
            pass
        assert await client.api(f"sched_del {event['Unique-ID']}") == "+OK Deleted: 1\n"
        applications = []
        while (event := await heard.get()).name != "CHANNEL_HANGUP_COMPLETE":
            if event.name == "CHANNEL_EXECUTE":
                applications.append(event["Application"])
        assert (await calling).successful == 1
    assert "play_and_get_digits" not in applications  # the notice stood down


async def test_one_leaves_an_emergency_report(switch):
    before = set((switch.configuration.recordings / "nobody").iterdir())
    voice_hz = 700
    async with switch.events("RECORD_STOP") as (_, heard), handset() as caller:
        calling = _call(switch, caller, caller="13912345678", stays_s=8)
        await caller.hears(TONES_HZ["drives"], within_s=4)
        await caller.speak(voice_hz, 0.2)  # FreeSWITCH takes no key before it had audio
        await caller.key("1")
        await caller.hears(TONES_HZ["record"], within_s=2)
        await caller.hears(BEEP_HZ, within_s=3)
        await caller.speak(voice_hz, 2)
        assert (await calling).successful == 1
        while (await heard.get()).name != "RECORD_STOP":
            pass
    (file,) = set((switch.configuration.recordings / "nobody").iterdir()) - before
    with wave.open(str(file)) as recording:
        assert recording.getframerate() == 8_000
        samples = array("h", recording.readframes(recording.getnframes()))
    said = samples[8_000:12_000]  # the second second
    assert share(list(said), voice_hz) > 0.8


async def test_another_key_ends_the_call(switch):
    caller = Caller("961202", keys=["5"], pauses=[3.5], stays_s=None)
    result = await phone(switch, caller)
    assert (result.successful, result.errors) == (1, "")
    assert result.seconds < 9


@pytest.mark.parametrize(
    "number", ["13900001111", "0085212345678", "9612021", "nobody", "held", "goodbye"]
)
async def test_nothing_but_our_numbers_can_be_reached(switch, number):
    result = await phone(switch, Caller(number, refused=404))
    assert (result.successful, result.errors) == (1, "")


async def test_keys_reach_no_log_and_no_event_but_the_one_that_tells_them(switch):
    collect = "0 12 1 4000 # silence_stream://1 '' bl_keys .* 3000"
    async with switch.events("ALL") as (client, heard):
        caller = Caller("961202", keys=["86420975#"], pauses=[0.8], stays_s=2)
        calling = asyncio.create_task(phone(switch, caller))
        while (event := await heard.get()).name != "CHANNEL_ANSWER":
            pass
        channel = event["Unique-ID"]
        assert await client.api(f"sched_del {channel}") == "+OK Deleted: 1\n"
        done = await client.execute(channel, "play_and_get_digits", collect)
        assert done["variable_bl_keys"] == "86420975"
        await client.api(f"uuid_setvar {channel} bl_keys")
        assert (await calling).successful == 1
        events = []
        while not events or events[-1].name != "CHANNEL_HANGUP_COMPLETE":
            events.append(await heard.get())
    assert {"CHANNEL_EXECUTE", "CHANNEL_HANGUP_COMPLETE"} <= {event.name for event in events}
    assert "DTMF" not in {event.name for event in events}
    assert not [event.name for event in events if "8642" in str([*event.items()])]
    assert "8642" not in switch.log
    assert not re.search(r"\[(INFO|NOTICE|DEBUG)\]", switch.log)
