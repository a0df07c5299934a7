"""The contract of two legs: bridge, hold, transfer, and agents who don't answer."""

import asyncio
from contextlib import suppress

import pytest

from telephony import esl
from tests.contracts.rig import ASK, Rig, ask


async def test_a_bridge_and_the_agent_leaves_it(rig: Rig):
    caller, agent = await rig.call(), await rig.agent()
    running = asyncio.ensure_future(rig.driver.execute(caller.channel, "bridge", agent.dial))
    joined = await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))
    assert joined["Bridge-A-Unique-ID"] == caller.channel
    assert joined["Bridge-B-Unique-ID"] == agent.channel

    await agent.hang_up()

    done = await rig.until(running)
    rig.spied.rewind()
    left = await rig.until(rig.spied.next("CHANNEL_UNBRIDGE", caller.channel))
    assert left["Bridge-B-Unique-ID"] == agent.channel
    assert done["variable_last_bridge_hangup_cause"] == "NORMAL_CLEARING"
    assert done["variable_originate_disposition"] == "SUCCESS"
    # The caller is where she was: held, and she can be spoken to.
    assert (await rig.run(caller, "playback", "short.wav"))["variable_playback_ms"] == "400"


async def test_a_bridge_and_the_caller_leaves_it(rig: Rig):
    caller, agent = await rig.call(), await rig.agent()
    rig.driver.post(caller.channel, "bridge", agent.dial)
    await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))

    await caller.hang_up()

    ended = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert ended["Hangup-Cause"] == "NORMAL_CLEARING"


async def test_a_busy_agent_ends_the_call_unless_it_may_go_on(rig: Rig):
    caller, agent = await rig.call(), await rig.agent("busy")
    await rig.driver.api(f"uuid_setvar {caller.channel} continue_on_fail true")

    done = await rig.run(caller, "bridge", agent.dial)
    assert done["variable_originate_disposition"] == "USER_BUSY"
    assert done["variable_originate_failed_cause"] == "USER_BUSY"

    await rig.driver.api(f"uuid_setvar {caller.channel} continue_on_fail")
    with pytest.raises(esl.HungUp) as gone:
        await rig.run(caller, "bridge", (await rig.agent("busy")).dial)
    assert gone.value.cause == "USER_BUSY"


async def test_an_agent_who_does_not_answer(rig: Rig):
    caller, agent = await rig.call(), await rig.agent("rings")
    await rig.driver.api(f"uuid_setvar {caller.channel} call_timeout 2")

    done = await rig.run(caller, "bridge", agent.dial)

    assert done["variable_originate_disposition"] == "NO_ANSWER"
    assert await rig.driver.api(f"uuid_exists {caller.channel}") == "true"


async def test_two_legs_are_joined_by_uuid_and_the_caller_is_held_after(rig: Rig):
    caller, agent = await rig.call(), await rig.agent()
    said = await rig.until(rig.driver.bgapi(f"originate {agent.dial} &park"))
    assert said == f"+OK {agent.channel}\n"

    joined = await rig.driver.api(f"uuid_bridge {caller.channel} {agent.channel}")
    assert joined == f"+OK {agent.channel}\n"
    await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))
    await agent.hang_up()

    await rig.until(rig.spied.next("CHANNEL_UNBRIDGE", caller.channel))
    await rig.until(
        rig.spied.next("CHANNEL_EXECUTE", caller.channel, Application="endless_playback")
    )
    assert (await rig.run(caller, "playback", "short.wav"))["variable_playback_ms"] == "400"


async def test_variables_say_what_becomes_of_a_caller_whose_agent_has_left(rig: Rig):
    caller, agent = await rig.call(), await rig.agent()
    after = f"uuid_setvar {caller.channel} transfer_after_bridge goodbye:XML:inside"
    assert await rig.driver.api(after) == "+OK\n"
    running = asyncio.ensure_future(rig.driver.execute(caller.channel, "bridge", agent.dial))
    await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))

    await agent.hang_up()

    with suppress(esl.HungUp):
        await rig.until(running)
    ended = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert ended["Hangup-Cause"] == "NORMAL_TEMPORARY_FAILURE"


async def test_a_broadcast_speaks_to_one_of_two_who_talk(rig: Rig):
    caller, agent = await rig.call(), await rig.agent()
    # Not with event-lock: that would keep every command back until the bridge is over.
    rig.driver.post(caller.channel, "bridge", agent.dial, lock=False)
    await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))

    said = await rig.driver.api(f"uuid_broadcast {caller.channel} short.wav aleg")

    assert said == "+OK Message sent\n"
    await rig.until(
        rig.spied.next("CHANNEL_EXECUTE_COMPLETE", caller.channel, Application="playback")
    )
    assert await rig.driver.api(f"uuid_exists {agent.channel}") == "true"
    assert await rig.driver.api("uuid_broadcast none short.wav") == "-ERR invalid uuid\n"


async def test_hold_and_unhold(rig: Rig):
    caller, agent = await rig.call(), await rig.agent()
    rig.driver.post(caller.channel, "bridge", agent.dial)
    await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))

    assert await rig.driver.api(f"uuid_hold {agent.channel}") == "+OK Success\n"
    await rig.until(rig.spied.next("CHANNEL_HOLD", agent.channel))
    assert await rig.driver.api(f"uuid_hold off {agent.channel}") == "+OK Success\n"
    await rig.until(rig.spied.next("CHANNEL_UNHOLD", agent.channel))
    assert await rig.driver.api(f"uuid_exists {caller.channel}") == "true"
    assert await rig.driver.api("uuid_hold none") == "+OK Success\n"


async def test_nobody_to_call(rig: Rig):
    said = await rig.until(rig.driver.bgapi("originate user/no-such-agent &park"))

    assert said.startswith("-ERR ")
    assert (await rig.driver.api("originate")).startswith("-USAGE: <call url> <exten>|&<")


async def test_a_transfer_starts_over_and_loses_keys(rig: Rig):
    caller = await rig.call()
    await caller.keys("12")

    assert await rig.driver.api(f"uuid_transfer {caller.channel} held XML inside") == "+OK\n"
    await rig.until(
        rig.spied.next("CHANNEL_EXECUTE", caller.channel, Application="endless_playback")
    )

    done = await rig.run(caller, ASK, ask(0, 2))
    assert "variable_got" not in done
    assert done["Caller-Destination-Number"] == "held"
