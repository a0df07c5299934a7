"""The contract of commands: their order, variables, what a recovery reads, recordings."""

import asyncio
import json

import pytest

from telephony import esl, wav
from tests.contracts.rig import Rig, at

# -- commands, one after the other and one inside the other ----------------------------------


async def test_with_event_lock_commands_wait_for_one_another(rig: Rig):
    caller = await rig.call()
    play = rig.driver.execute
    both = asyncio.gather(
        play(caller.channel, "playback", "a.wav"), play(caller.channel, "playback", "b.wav")
    )

    first, second = await rig.until(both)

    assert at(second) - at(first) > 0.5
    await rig.until(  # the spy hears it on a connection of its own
        rig.spied.next("CHANNEL_EXECUTE_COMPLETE", caller.channel, Application_Data="b.wav")
    )
    order = [name for name in rig.spied.names(caller.channel) if name.endswith(" playback")]
    assert order == [
        "CHANNEL_EXECUTE playback",
        "CHANNEL_EXECUTE_COMPLETE playback",
        "CHANNEL_EXECUTE playback",
        "CHANNEL_EXECUTE_COMPLETE playback",
    ]


async def test_without_event_lock_a_command_runs_inside_the_one_before(rig: Rig):
    caller = await rig.call()
    play = rig.driver.execute
    outer = asyncio.ensure_future(play(caller.channel, "playback", "long.wav", lock=False))
    await rig.until(rig.spied.next("CHANNEL_EXECUTE", caller.channel, Application_Data="long.wav"))

    inner = await rig.until(play(caller.channel, "playback", "short.wav", lock=False))

    assert inner["variable_playback_ms"] == "400"
    assert not outer.done()
    await rig.driver.api(f"uuid_break {caller.channel}")
    assert at(await rig.until(outer)) >= at(inner)


async def test_an_argument_may_come_as_a_header_too(rig: Rig):
    caller = await rig.call()
    line = f"sendmsg {caller.channel}\ncall-command: execute\nexecute-app-name: set"

    frame = await rig.driver._linked().send(  # the client itself puts it into the body
        f"{line}\nexecute-app-arg: colour=red\n\n".encode()
    )

    assert frame.reply == "+OK"
    await rig.until(_has(rig, caller.channel, "colour", "red"))


async def test_several_applications_in_one_command(rig: Rig):
    caller = await rig.call()
    line = f"sendmsg {caller.channel}\ncall-command: xferext"

    frame = await rig.driver._linked().send(
        f"{line}\napplication: set colour=red\napplication: playback short.wav\n"
        "application: endless_playback silence_stream://-1\n\n".encode()
    )

    assert frame.reply == "+OK"
    done = await rig.until(
        rig.spied.next("CHANNEL_EXECUTE_COMPLETE", caller.channel, Application="playback")
    )
    assert done["variable_colour"] == "red"
    again = await rig.run(caller, "playback", "short.wav")  # held as before
    assert again["variable_playback_ms"] == "400"


async def _has(rig: Rig, channel: str, name: str, value: str) -> None:
    while await rig.spy.api(f"uuid_getvar {channel} {name}") != value:
        pass


# -- variables -------------------------------------------------------------------------------


async def test_variables_are_set_read_and_removed(rig: Rig):
    caller = await rig.call()
    api, uuid = rig.driver.api, caller.channel

    assert await api(f"uuid_getvar {uuid} step") == "_undef_"
    assert await api(f"uuid_setvar {uuid} step menu.root 1") == "+OK\n"
    assert await api(f"uuid_getvar {uuid} step") == "menu.root 1"
    assert await api(f"uuid_setvar_multi {uuid} step=2;colour=red") == "+OK\n"
    assert await api(f"uuid_getvar {uuid} colour") == "red"
    assert await api(f"uuid_setvar {uuid} step") == "+OK\n"
    assert await api(f"uuid_getvar {uuid} step") == "_undef_"
    assert await api(f"uuid_setvar_multi {uuid} colour=") == "+OK\n"
    assert await api(f"uuid_getvar {uuid} colour") == "_undef_"
    assert (await api(f"uuid_setvar {uuid}")).startswith("-USAGE: ")


async def test_applications_set_variables(rig: Rig):
    caller = await rig.call()

    await rig.run(caller, "set", "one=1")
    await rig.run(caller, "multiset", "^^;two=${one}2;three=a b;four=4")
    done = await rig.run(caller, "multiunset", "one four")

    assert "variable_one" not in done
    assert done["variable_two"] == "12"
    assert done["variable_three"] == "a b"
    assert "variable_four" not in done
    assert "variable_three" not in await rig.run(caller, "unset", "three")


async def test_a_dump_holds_what_a_recovery_needs(rig: Rig):
    caller = await rig.call()
    await rig.driver.api(f"uuid_setvar {caller.channel} bankline_step 17")

    dump = json.loads(await rig.driver.api(f"uuid_dump {caller.channel} json"))

    assert dump["Unique-ID"] == caller.channel
    assert dump["variable_bankline_step"] == "17"
    assert dump["Caller-Destination-Number"] == "961202"
    assert dump["Answer-State"] == "answered"
    assert dump["Call-Direction"] == "inbound"


async def test_show_channels_lists_the_calls(rig: Rig):
    caller = await rig.call()

    async def listed() -> dict[str, str]:
        while True:  # FreeSWITCH's list lags
            shown = json.loads(await rig.driver.api("show channels as json"))
            for row in shown.get("rows", []):
                if row["uuid"] == caller.channel and row["callstate"] == "ACTIVE":
                    return row

    row = await rig.until(listed())
    assert list(row) == COLUMNS
    assert row["direction"] == "inbound"
    assert row["dest"] == "961202"
    assert row["state"] == "CS_EXECUTE"
    assert row["application"] == "endless_playback"
    assert row["cid_num"].startswith("138")


COLUMNS = [
    "uuid",
    "direction",
    "created",
    "created_epoch",
    "name",
    "state",
    "cid_name",
    "cid_num",
    "ip_addr",
    "dest",
    "application",
    "application_data",
    "dialplan",
    "context",
    "read_codec",
    "read_rate",
    "read_bit_rate",
    "write_codec",
    "write_rate",
    "write_bit_rate",
    "secure",
    "hostname",
    "presence_id",
    "presence_data",
    "accountcode",
    "callstate",
    "callee_name",
    "callee_num",
    "callee_direction",
    "call_uuid",
    "sent_callee_name",
    "sent_callee_num",
    "initial_cid_name",
    "initial_cid_num",
    "initial_ip_addr",
    "initial_dest",
    "initial_dialplan",
    "initial_context",
]


async def test_events_of_our_own(rig: Rig):
    caller = await rig.call()

    await rig.run(
        caller, "event", "Event-Name=CUSTOM,Event-Subclass=bankline::test,Colour=deep red"
    )

    rig.spied.rewind()
    event = await rig.until(rig.spied.next("CUSTOM", caller.channel))
    assert event["Event-Subclass"] == "bankline::test"
    assert event["Colour"] == "deep red"
    assert event["variable_bankline"] == "1"


# -- recordings ------------------------------------------------------------------------------


async def test_a_recording_ends_at_its_limit(rig: Rig):
    caller = await rig.call()
    path = rig.recordings / "limit.wav"

    done = await rig.run(caller, "record", f"{path} 2")

    assert 1 <= int(done["variable_record_seconds"]) <= 3
    assert path.stat().st_size > 8000


async def test_a_recording_ends_at_a_terminator(rig: Rig):
    caller = await rig.call()
    path = rig.recordings / "star.wav"
    running = asyncio.ensure_future(rig.driver.execute(caller.channel, "record", f"{path} 30"))
    await rig.until(rig.spied.next("RECORD_START", caller.channel))

    await caller.keys("1*")

    done = await rig.until(running)
    assert done["variable_playback_terminator_used"] == "*"
    assert int(done["variable_record_seconds"]) < 5


async def test_silence_ends_a_recording_that_minds_it(rig: Rig):
    caller = await rig.call()
    await caller.is_quiet()
    path = rig.recordings / "silence.wav"

    done = await rig.run(caller, "record", f"{path} 12 200 2")

    assert done["variable_silence_hits_exhausted"] == "true"
    assert 1 <= int(done["variable_record_seconds"]) <= 4
    assert 1 <= wav.read(path).seconds <= 4


async def test_every_key_may_end_a_recording_and_is_told(rig: Rig):
    caller = await rig.call()
    await rig.driver.api(f"uuid_setvar {caller.channel} playback_terminators 0123456789*#")
    for key in "#0":
        path = rig.recordings / f"{ord(key)}.wav"
        running = asyncio.ensure_future(rig.driver.execute(caller.channel, "record", f"{path} 30"))
        await rig.until(rig.spied.next("RECORD_START", caller.channel, Record_File_Path=str(path)))
        await caller.keys(key)
        done = await rig.until(running)
        assert done["variable_playback_terminator_used"] == key
        assert done["variable_silence_hits_exhausted"] == "false"


async def test_what_was_said_before_a_hang_up_can_be_read(rig: Rig):
    caller = await rig.call()
    path = rig.recordings / "hang-up.wav"
    taping = rig.driver.execute(caller.channel, "record", f"{path} 30", lock=False)
    running = asyncio.ensure_future(taping)
    await rig.until(rig.spied.next("RECORD_START", caller.channel))
    await rig.until(rig.driver.execute(caller.channel, "playback", "short.wav", lock=False))
    await caller.hang_up()

    with pytest.raises(esl.HungUp):
        await rig.until(running)

    assert wav.read(path).seconds > 0


async def test_a_recording_is_played_back_by_its_path(rig: Rig):
    caller = await rig.call()
    path = rig.recordings / "again.wav"
    await rig.run(caller, "record", f"{path} 2")

    done = await rig.run(caller, "playback", str(path))

    assert 1000 <= int(done["variable_playback_ms"]) <= 3000


async def test_a_recording_without_its_folder_ends_the_call(rig: Rig):
    caller = await rig.call()

    with pytest.raises(esl.HungUp) as gone:
        await rig.run(caller, "record", f"{rig.recordings}/no/such/folder.wav 5")

    assert gone.value.cause == "DESTINATION_OUT_OF_ORDER"
