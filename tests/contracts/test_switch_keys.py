"""The contract of keys: every outcome of an entry, keys ahead, and no trace of a PIN."""

from tests.contracts.rig import ASK, MARGIN_S, Rig, ask, at


async def test_keys_up_to_a_terminator(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(caller, ASK, ask(1, 8), lambda: caller.keys("1234#"))

    assert done["variable_got"] == "1234"
    assert done["variable_read_result"] == "success"
    assert done["variable_read_terminator_used"] == "#"
    assert done["Application-Response"] == "_none_"


async def test_the_most_keys_need_no_terminator(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(caller, ASK, ask(1, 3), lambda: caller.keys("12345"))

    assert done["variable_got"] == "123"
    assert done["variable_read_result"] == "success"
    assert "variable_read_terminator_used" not in done
    rest = await rig.run(caller, ASK, ask(1, 8))
    assert rest["variable_got"] == "45"
    assert rest["variable_read_result"] == "timeout"


async def test_silence_is_a_failure_where_a_key_is_wanted(rig: Rig):
    caller = await rig.call()

    done = await rig.run(caller, ASK, ask(1, 3))

    assert "variable_got" not in done
    assert done["variable_read_result"] == "failure"
    started = next(e for e in rig.spied.events if e.get("Playback-File-Path").endswith("short.wav"))
    assert 1.3 < at(done) - at(started) < 1.4 + MARGIN_S


async def test_silence_is_a_timeout_where_none_is_wanted(rig: Rig):
    caller = await rig.call()

    done = await rig.run(caller, ASK, ask(0, 3))

    assert "variable_got" not in done
    assert done["variable_read_result"] == "timeout"


async def test_too_few_keys(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(caller, ASK, ask(4, 8), lambda: caller.keys("12#"))

    assert done["variable_got"] == "12"
    assert done["variable_read_result"] == "failure"
    assert done["variable_read_terminator_used"] == "#"


async def test_keys_that_the_pattern_refuses_are_kept_apart(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(
        caller, ASK, ask(1, 8, regex="^[1-3]$"), lambda: caller.keys("7#")
    )

    assert "variable_got" not in done
    assert done["variable_got_invalid"] == "7"
    assert done["variable_read_result"] == "success"


async def test_a_second_try_after_the_file_for_invalid_keys(rig: Rig):
    caller = await rig.call()
    asked = ask(1, 8, tries=2, regex="^[1-3]$", invalid="invalid.wav")

    async def wrong_then_right() -> None:
        await caller.keys("7#")
        while True:
            event = await rig.until(rig.spied.next("PLAYBACK_STOP", caller.channel))
            if "invalid" in event["Playback-File-Path"]:
                break
        await caller.keys("2#")

    done = await rig.while_it_plays(caller, ASK, asked, wrong_then_right)
    assert done["variable_got"] == "2"
    assert done["variable_got_invalid"] == "7"


async def test_a_failed_entry_may_transfer(rig: Rig):
    caller = await rig.call()

    await rig.run(caller, ASK, ask(1, 3, then="goodbye XML inside"))

    ended = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert ended["Hangup-Cause"] == "NORMAL_TEMPORARY_FAILURE"


async def test_a_terminator_of_an_earlier_entry_stays(rig: Rig):
    caller = await rig.call()
    await rig.while_it_plays(caller, ASK, ask(1, 8), lambda: caller.keys("1#"))

    done = await rig.run(caller, ASK, ask(1, 3))

    assert done["variable_read_result"] == "failure"
    assert done["variable_read_terminator_used"] == "#"  # docs/switch-wire.md, Keys


async def test_an_empty_entry(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(
        caller, ASK, ask(0, 8, ends="#*", tries=3), lambda: caller.keys("*")
    )

    assert "variable_got" not in done
    assert done["variable_read_result"] == "success"
    assert done["variable_read_terminator_used"] == "*"


async def test_one_key_without_terminators(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(caller, ASK, ask(0, 1, ends="none"), lambda: caller.keys("#"))

    assert done["variable_got"] == "#"
    assert done["variable_read_result"] == "success"


async def test_a_lone_key_that_is_a_terminator_is_no_entry(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(caller, ASK, ask(0, 1), lambda: caller.keys("#"))

    assert "variable_got" not in done
    assert "variable_read_terminator_used" not in done


async def test_a_key_stops_the_prompt(rig: Rig):
    caller = await rig.call()

    done = await rig.while_it_plays(
        caller, ASK, ask(1, 8, file="long.wav"), lambda: caller.keys("42#")
    )

    assert done["variable_got"] == "42"
    assert int(done["variable_playback_ms"]) < 3000


async def test_keys_keyed_ahead_survive_from_prompt_to_prompt(rig: Rig):
    caller = await rig.call()
    await caller.keys("1234#5#")

    first = await rig.run(caller, ASK, ask(1, 1, file="long.wav"))
    second = await rig.run(caller, ASK, ask(1, 8, file="long.wav"))
    await rig.run(caller, "multiset", "step=3 other=x")
    third = await rig.run(caller, ASK, ask(1, 8, file="long.wav"))

    assert [e["variable_got"] for e in (first, second, third)] == ["1", "234", "5"]


async def test_a_missing_prompt_costs_the_keys_that_wait(rig: Rig):
    caller = await rig.call()
    await caller.keys("12#")

    lost = await rig.run(caller, ASK, ask(1, 8, file="missing.wav"))
    done = await rig.run(caller, ASK, ask(1, 8))

    assert "variable_read_result" not in lost
    assert "variable_got" not in done
    assert done["variable_read_result"] == "failure"


async def test_flush_dtmf_forgets_what_was_keyed_ahead(rig: Rig):
    caller = await rig.call()
    await caller.keys("12#")

    await rig.run(caller, "flush_dtmf")
    done = await rig.run(caller, ASK, ask(0, 8))

    assert "variable_got" not in done


async def test_a_sleep_ends_at_a_key_and_keeps_it(rig: Rig):
    caller = await rig.call()
    await caller.keys("7")

    done = await rig.run(caller, "sleep", "5000")
    started = await rig.until(
        rig.spied.next("CHANNEL_EXECUTE", caller.channel, Application="sleep")
    )
    assert at(done) - at(started) < 2

    assert (await rig.run(caller, ASK, ask(1, 1)))["variable_got"] == "7"


async def test_a_park_throws_keys_away(rig: Rig):
    caller = await rig.call()
    rig.driver.post(caller.channel, "park", lock=False)
    await rig.until(rig.spied.next("CHANNEL_PARK", caller.channel))

    await caller.keys("7")
    await rig.run(caller, "sleep", "500")  # nested in the park, as steps are in the hold
    rig.driver.post(caller.channel, "sleep", "1000", lock=False)
    done = await rig.run(caller, ASK, ask(0, 1))

    assert "variable_got" not in done


async def test_the_pin_is_in_one_event_and_nowhere_else(rig: Rig):
    caller = await rig.call()
    pin = "918273"

    await rig.while_it_plays(caller, ASK, ask(6, 6), lambda: caller.keys(pin))
    assert await rig.driver.api(f"uuid_setvar {caller.channel} got") == "+OK\n"
    await rig.run(caller, "playback", "short.wav")
    dump = await rig.driver.api(f"uuid_dump {caller.channel} json")
    await caller.hang_up()
    await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))

    every = [*rig.spied.events, *rig.driven.events]
    shown = [event.name for event in every if any(pin in value for _, value in event.items())]
    assert shown == ["CHANNEL_EXECUTE_COMPLETE"]  # the spy's copy of the one; the driver took its
    assert not [event for event in every if event.name == "DTMF"]
    assert pin not in dump


async def test_keys_are_events_on_a_call_that_is_not_sensitive(rig: Rig):
    caller = await rig.call()
    await rig.driver.api(f"uuid_setvar {caller.channel} sensitive_dtmf")

    await rig.while_it_plays(caller, ASK, ask(1, 2), lambda: caller.keys("42"))

    rig.spied.rewind()
    first = await rig.until(rig.spied.next("DTMF", caller.channel))
    second = await rig.until(rig.spied.next("DTMF", caller.channel))
    assert first["DTMF-Digit"] + second["DTMF-Digit"] == "42"
