"""A caller whose line went dead without a word: her call ends by itself."""

import asyncio

import pytest

from tests.freeswitch import switch as freeswitch
from tests.freeswitch.handset import handset
from tests.freeswitch.sipp import Caller, phone

pytestmark = [pytest.mark.freeswitch, pytest.mark.asyncio(loop_scope="module")]

SILENCE_S = 3


async def test_a_line_without_a_packet_ends_and_one_that_speaks_does_not(folder):
    switch = await freeswitch.start(freeswitch.configuration(folder, silence_s=SILENCE_S))
    filters = [("variable_bankline", "1")]
    try:
        async with (
            switch.events("CHANNEL_ANSWER", filters=filters) as (client, heard),
            handset() as speaks,
        ):
            callers = [
                Caller("961202", caller="13800000001", stays_s=None),
                Caller("961202", caller="13800000002", stays_s=6, media_port=speaks.port),
            ]
            calling = [asyncio.create_task(phone(switch, caller)) for caller in callers]
            channels = {}
            while len(channels) < 2:
                if (event := await heard.get()).name != "CHANNEL_ANSWER":
                    continue
                channels[event["Unique-ID"]] = event["Caller-Caller-ID-Number"]
                assert await client.api(f"sched_del {event['Unique-ID']}") == "+OK Deleted: 1\n"
            await speaks.hears_anything()
            speaking = asyncio.create_task(speaks.speak(700, 8))
            ends = []
            while len(ends) < 2:
                if (event := await heard.get()).name == "CHANNEL_HANGUP_COMPLETE":
                    ends.append((channels[event["Unique-ID"]], event["Hangup-Cause"]))
            speaking.cancel()
            assert [(await one).successful for one in calling] == [1, 1]
    finally:
        await freeswitch.stop(switch)
    assert ends == [("13800000001", "MEDIA_TIMEOUT"), ("13800000002", "NORMAL_CLEARING")]
