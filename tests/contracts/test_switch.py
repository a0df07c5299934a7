"""What Bankline relies on in a switch: calls that come and go, and what they hear.

Where FreeSWITCH and simswitch differ, simswitch is wrong (docs/switch-wire.md).
"""

import pytest

from telephony import esl
from tests.contracts.rig import ASK, MARGIN_S, Never, Rig, ask, at

# -- a call comes in, and goes ---------------------------------------------------------------


async def test_a_call_is_announced_and_held(rig: Rig):
    caller = await rig.call(pick_up=False)

    rig.driven.rewind()
    answered = await rig.until(rig.driven.next("CHANNEL_ANSWER", caller.channel))
    assert answered["Caller-Destination-Number"] == "961202"
    assert answered["Caller-Caller-ID-Number"].startswith("138")
    assert answered["Call-Direction"] == "inbound"
    assert answered["Answer-State"] == "answered"
    assert answered["variable_bankline"] == "1"
    assert answered["Channel-State"] == "CS_EXECUTE"


async def test_nobody_picks_up_so_the_dialplan_speaks_for_itself(rig: Rig):
    caller = await rig.call(pick_up=False)

    said = await rig.until(_notice(rig, caller.channel))
    rig.driven.rewind()
    answered = await rig.until(rig.driven.next("CHANNEL_ANSWER", caller.channel))
    assert 0.5 < at(said) - at(answered) < 2.5 + MARGIN_S
    ended = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert ended["Hangup-Cause"] == "NORMAL_TEMPORARY_FAILURE"
    assert await rig.driver.api(f"sched_del {caller.channel}") == "+OK Deleted: 0\n"


async def _notice(rig: Rig, channel: str) -> esl.Event:
    while True:
        event = await rig.spied.next("PLAYBACK_START", channel)
        if "nobody.drives" in event["Playback-File-Path"]:
            return event


async def test_an_emergency_report_is_recorded_when_nobody_drives(rig: Rig):
    caller = await rig.call(pick_up=False)
    await rig.until(_notice(rig, caller.channel))

    await caller.keys("1")
    started = await rig.until(rig.spied.next("RECORD_START", caller.channel))
    await caller.keys("*")

    ended = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert ended["Hangup-Cause"] == "NORMAL_CLEARING"
    assert started["Record-File-Path"].endswith(f"nobody/{caller.channel}.wav")
    assert (rig.recordings / "nobody" / f"{caller.channel}.wav").stat().st_size > 44


async def test_pick_up_is_one_command_and_keeps_the_call_held(rig: Rig):
    caller = await rig.call()

    assert await rig.driver.api(f"sched_del {caller.channel}") == "+OK Deleted: 0\n"
    with pytest.raises(Never):
        await rig.until(_notice(rig, caller.channel), within_s=4)
    assert await rig.driver.api(f"uuid_exists {caller.channel}") == "true"


async def test_a_call_that_is_let_go_is_armed_again(rig: Rig):
    caller = await rig.call()

    again = f"sched_transfer +1 {caller.channel} nobody XML inside"
    assert await rig.driver.api(again) == "+OK\n"

    await rig.until(_notice(rig, caller.channel))
    missing = "sched_transfer +1 none nobody XML inside"
    assert await rig.driver.api(missing) == "-ERR No such channel!\n"


async def test_the_caller_hangs_up(rig: Rig):
    caller = await rig.call()

    await caller.hang_up()

    ended = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert ended["Hangup-Cause"] == "NORMAL_CLEARING"
    assert ended["variable_hangup_cause_q850"] == "16"
    assert ended["Answer-State"] == "hangup"
    assert ended["Channel-State"] == "CS_REPORTING"


@pytest.mark.parametrize(
    ("asked", "cause"),
    [
        ("", "NORMAL_CLEARING"),
        ("USER_BUSY", "USER_BUSY"),
        ("call_rejected", "CALL_REJECTED"),
        ("41", "NORMAL_TEMPORARY_FAILURE"),
        ("NO_SUCH_CAUSE", "NORMAL_CLEARING"),
    ],
)
async def test_the_bank_hangs_up_with_a_cause(rig: Rig, asked: str, cause: str):
    caller = await rig.call()

    assert await rig.driver.api(f"uuid_kill {caller.channel} {asked}".strip()) == "+OK\n"

    ended = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert ended["Hangup-Cause"] == ended["variable_hangup_cause"] == cause


async def test_the_hangup_application(rig: Rig):
    caller = await rig.call()

    with pytest.raises(esl.HungUp) as gone:
        await rig.run(caller, "hangup", "USER_BUSY")

    assert gone.value.cause == "USER_BUSY"


async def test_an_unknown_application_ends_the_call(rig: Rig):
    caller = await rig.call()

    with pytest.raises(esl.HungUp) as gone:
        await rig.run(caller, "no_such_application")

    assert gone.value.cause == "DESTINATION_OUT_OF_ORDER"


async def test_a_hang_up_in_mid_prompt_completes_what_ran_before_it_ends_the_call(rig: Rig):
    caller = await rig.call()

    with pytest.raises(esl.HungUp):
        await rig.while_it_plays(caller, "playback", "long.wav", caller.hang_up)

    await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    after = rig.spied.names(caller.channel)
    after = after[after.index("CHANNEL_HANGUP") :]
    assert after == [
        "CHANNEL_HANGUP",
        "PLAYBACK_STOP",
        "CHANNEL_EXECUTE_COMPLETE playback",
        "PLAYBACK_STOP",
        "CHANNEL_EXECUTE_COMPLETE endless_playback",
        "CHANNEL_HANGUP_COMPLETE",
    ]


async def test_a_channel_that_is_gone_takes_no_commands(rig: Rig):
    caller = await rig.call()
    await caller.hang_up()
    await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    await rig.until(_gone(rig, caller.channel))

    frame = await rig.spy.command(f"sendmsg {caller.channel}")
    assert frame.reply == f"-ERR invalid session id [{caller.channel}]"
    assert await rig.spy.api(f"uuid_kill {caller.channel}") == "-ERR No such channel!\n"
    assert await rig.spy.api(f"uuid_setvar {caller.channel} a b") == "-ERR No such channel!\n"
    assert await rig.spy.api(f"uuid_exists {caller.channel}") == "false"


async def _gone(rig: Rig, channel: str) -> None:
    while await rig.spy.api(f"uuid_exists {channel}") == "true":
        pass


# -- playing ---------------------------------------------------------------------------------


async def test_a_file_is_played_to_its_end(rig: Rig):
    caller = await rig.call()

    done = await rig.run(caller, "playback", "short.wav")

    assert done["Application-Response"] == "FILE PLAYED"
    assert done["variable_playback_ms"] == "400"
    started = next(e for e in rig.spied.events if e.get("Playback-File-Path").endswith("short.wav"))
    assert 0.3 < at(done) - at(started) < 0.4 + MARGIN_S


async def test_a_string_of_files_is_one_playback(rig: Rig):
    caller = await rig.call()

    done = await rig.run(caller, "playback", "file_string://a.wav!missing.wav!b.wav")

    assert done["Application-Response"] == "FILE PLAYED"
    started = next(e for e in rig.spied.events if "file_string" in e.get("Playback-File-Path"))
    assert 1.2 < at(done) - at(started) < 1.45 + MARGIN_S


async def test_a_missing_file_is_said_to_be(rig: Rig):
    caller = await rig.call()

    done = await rig.run(caller, "playback", "missing.wav")

    assert done["Application-Response"] == "FILE NOT FOUND"


@pytest.mark.parametrize("stream", ["silence_stream://300", "tone_stream://%(200,100,1000)"])
async def test_streams_have_lengths(rig: Rig, stream: str):
    caller = await rig.call()

    done = await rig.run(caller, "playback", stream)

    assert done["Application-Response"] == "FILE PLAYED"
    started = next(e for e in rig.spied.events if e.get("Playback-File-Path") == stream)
    assert 0.2 < at(done) - at(started) < 0.3 + MARGIN_S


async def test_a_playback_eats_keys_and_stops_at_the_star(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(caller, "playback", "long.wav", lambda: caller.keys("12*34"))
    assert done["Application-Response"] == "FILE PLAYED"
    assert done["variable_playback_terminator_used"] == "*"

    kept = await rig.run(caller, ASK, ask(1, 4))
    assert kept["variable_got"] == "34"


async def test_uuid_break_stops_what_plays(rig: Rig):
    caller = await rig.call()

    async def stop() -> None:
        assert await rig.driver.api(f"uuid_break {caller.channel}") == "+OK\n"

    done = await rig.while_it_plays(caller, "playback", "long.wav", stop)
    assert done["Application-Response"] == "FILE PLAYED"
    assert int(done["variable_playback_ms"]) < 3000
    again = await rig.run(caller, "playback", "short.wav")  # and the call is held as before
    assert again["variable_playback_ms"] == "400"
