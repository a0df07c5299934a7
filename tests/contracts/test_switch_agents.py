"""The contract of an agent's leg: called, cancelled, joined, taken apart, joined again.

docs/switch-wire.md, "An agent's leg", is what the worker makes of it.
"""

import asyncio

import pytest

from telephony import esl
from tests.contracts.rig import ASK, MARGIN_S, Agent, Caller, Never, Rig, ask, at

HOLD = "endless_playback(silence_stream://-1)"
MUSIC = "tone_stream://%(200,100,1000);loops=-1"
HELD = "held XML inside"


def calling(agent: Agent, *, timeout_s: int = 20) -> str:
    """What calls an agent to a held leg of the bank's own."""
    leg = agent.dialled_with(
        bankline="1", bankline_leg="agent", originate_timeout=str(timeout_s), sensitive_dtmf="true"
    )
    return f"originate {leg} &{HOLD}"


async def ringing(rig: Rig) -> tuple[Agent, asyncio.Future[str]]:
    """An agent whose phone rings, and the answer to come of the command that called it."""
    agent = await rig.agent("rings")
    called = asyncio.ensure_future(rig.driver.bgapi(calling(agent)))
    await rig.until(rig.driven.next("CHANNEL_PROGRESS", agent.channel))
    return agent, called


async def talking(rig: Rig) -> tuple[Caller, Agent]:
    caller, agent = await rig.call(), await rig.agent()
    said = await rig.until(rig.driver.bgapi(calling(agent)))
    assert said == f"+OK {agent.channel}\n"
    await join(rig, caller, agent)
    return caller, agent


async def join(rig: Rig, caller: Caller, agent: Agent) -> None:
    joined = await rig.driver.api(f"uuid_bridge {caller.channel} {agent.channel}")
    assert joined == f"+OK {agent.channel}\n"
    await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))
    await rig.until(rig.together(agent.channel))


async def take_apart(rig: Rig, caller: Caller) -> None:
    assert await rig.driver.api(f"uuid_transfer {caller.channel} -both {HELD}") == "+OK\n"
    await rig.until(rig.spied.next("CHANNEL_UNBRIDGE", caller.channel))


async def is_held(rig: Rig, leg: Caller | Agent) -> bool:
    """Whether it is there and can be spoken to."""
    done = await rig.until(rig.driver.execute(leg.channel, "playback", "short.wav"))
    return done["variable_playback_ms"] == "400"


# -- called -----------------------------------------------------------------------------------


async def test_an_agents_leg_is_the_banks_own(rig: Rig):
    agent = await rig.agent()

    said = await rig.until(rig.driver.bgapi(calling(agent)))

    assert said == f"+OK {agent.channel}\n"
    rig.driven.rewind()  # which hears nothing but `variable_bankline 1`
    answered = await rig.until(rig.driven.next("CHANNEL_ANSWER", agent.channel))
    assert answered["variable_bankline_leg"] == "agent"
    assert answered["Call-Direction"] == "outbound"
    assert await is_held(rig, agent)


async def test_an_agent_who_does_not_answer_in_time(rig: Rig):
    agent = await rig.agent("rings")

    said = await rig.until(rig.driver.bgapi(calling(agent, timeout_s=2)))

    assert said == "-ERR NO_ANSWER\n"
    rig.driven.rewind()
    ended = await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert ended["Hangup-Cause"] == "NO_ANSWER"
    rings = await rig.until(_first(rig, "CHANNEL_PROGRESS", agent.channel))
    assert 1.0 < at(ended) - at(rings) < 2.0 + MARGIN_S


async def test_an_agent_who_declines(rig: Rig):
    agent = await rig.agent("busy")

    said = await rig.until(rig.driver.bgapi(calling(agent)))

    assert said == "-ERR USER_BUSY\n"
    rig.driven.rewind()
    ended = await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert ended["Hangup-Cause"] == "USER_BUSY"


async def _first(rig: Rig, name: str, channel: str) -> esl.Event:
    rig.driven.rewind()
    return await rig.driven.next(name, channel)


async def test_a_ringing_leg_is_cancelled_at_once(rig: Rig):
    agent, called = await ringing(rig)

    assert await rig.driver.api(f"uuid_kill {agent.channel} ORIGINATOR_CANCEL") == "+OK\n"

    assert await rig.until(called) == "-ERR ORIGINATOR_CANCEL\n"
    ended = await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert ended["Hangup-Cause"] == "ORIGINATOR_CANCEL"
    rings = await rig.until(_first(rig, "CHANNEL_PROGRESS", agent.channel))
    assert at(ended) - at(rings) < MARGIN_S


async def test_a_leg_that_is_gone_is_not_joined_and_costs_nobody_her_call(rig: Rig):
    caller = await rig.call()
    agent, called = await ringing(rig)
    await rig.driver.api(f"uuid_kill {agent.channel} ORIGINATOR_CANCEL")
    await rig.until(called)

    joined = await rig.driver.api(f"uuid_bridge {caller.channel} {agent.channel}")

    assert joined == "-ERR Invalid uuid\n"
    assert await is_held(rig, caller)


async def test_a_leg_that_rings_must_not_be_joined(rig: Rig):
    caller = await rig.call()
    agent, called = await ringing(rig)

    joined = await rig.driver.api(f"uuid_bridge {caller.channel} {agent.channel}")

    assert joined == f"+OK {agent.channel}\n"  # and yet
    lost = await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert lost["Hangup-Cause"] == "ORIGINATOR_CANCEL"
    assert (await rig.until(called)).startswith("-ERR ")


# -- joined -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("application", "argument"),
    [("playback", MUSIC), ("playback", "long.wav"), (ASK, ask(1, 4, file="long.wav"))],
)
async def test_a_caller_is_joined_out_of_whatever_she_hears(
    rig: Rig, application: str, argument: str
):
    caller, agent = await rig.call(), await rig.agent()
    await rig.until(rig.driver.bgapi(calling(agent)))

    done = await rig.while_it_plays(
        caller, application, argument, lambda: join_soon(rig, caller, agent)
    )

    assert done["Answer-State"] == "answered"
    assert done.get("Application-Response") != "FILE PLAYED"
    assert "variable_got" not in done
    await rig.until(rig.spied.next("CHANNEL_BRIDGE", caller.channel))
    with pytest.raises(Never):
        await rig.until(rig.spied.next("CHANNEL_UNBRIDGE", caller.channel), within_s=1)


async def join_soon(rig: Rig, caller: Caller, agent: Agent) -> None:
    joined = await rig.driver.api(f"uuid_bridge {caller.channel} {agent.channel}")
    assert joined == f"+OK {agent.channel}\n"


async def test_the_agent_hangs_up_and_the_caller_is_held(rig: Rig):
    caller, agent = await talking(rig)

    await agent.hang_up()

    ended = await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert ended["Hangup-Cause"] == "NORMAL_CLEARING"
    assert await is_held(rig, caller)


async def test_the_bank_ends_an_agents_leg_and_the_caller_is_held(rig: Rig):
    caller, agent = await talking(rig)

    assert await rig.driver.api(f"uuid_kill {agent.channel}") == "+OK\n"

    await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert await is_held(rig, caller)


async def test_the_caller_hangs_up_and_the_agents_leg_ends_with_her(rig: Rig):
    caller, agent = await talking(rig)

    await caller.hang_up()

    ended = await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert ended["Hangup-Cause"] == "NORMAL_CLEARING"


@pytest.mark.parametrize("how", ["hangs up", "is lost", "is lost on hold"])
async def test_a_legs_last_words_reach_the_callers_channel(rig: Rig, how: str):
    caller, agent = await talking(rig)
    told = f"uuid_setvar {caller.channel} ended {agent.channel} ${{hangup_cause}}"
    follows = f"sched_transfer +60 {caller.channel} nobody XML inside"
    for hook, command in (("api_hangup_hook", told), ("api_reporting_hook", follows)):
        assert await rig.driver.api(f"uuid_setvar {agent.channel} {hook} {command}") == "+OK\n"
    if how == "is lost on hold":
        await take_apart(rig, caller)

    if how == "hangs up":
        await agent.hang_up()
    else:
        await rig.driver.api(f"uuid_kill {agent.channel} MEDIA_TIMEOUT")

    await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    cause = "NORMAL_CLEARING" if how == "hangs up" else "MEDIA_TIMEOUT"
    said = await rig.driver.api(f"uuid_getvar {caller.channel} ended")
    assert said == f"{agent.channel} {cause}"
    assert await is_held(rig, caller)
    assert await rig.driver.api(f"sched_del {caller.channel}") == "+OK Deleted: 1\n"


# -- taken apart, and joined again --------------------------------------------------------------


async def test_both_are_taken_apart_and_joined_again(rig: Rig):
    caller, agent = await talking(rig)

    for _ in range(2):  # a variable that holds for one bridge only would show
        await take_apart(rig, caller)
        assert await is_held(rig, caller)
        assert await is_held(rig, agent)
        await join(rig, caller, agent)

    await agent.hang_up()
    await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert await is_held(rig, caller)


async def test_a_caller_who_is_sent_away_alone_costs_the_agents_leg(rig: Rig):
    caller, agent = await talking(rig)

    assert await rig.driver.api(f"uuid_transfer {caller.channel} {HELD}") == "+OK\n"

    await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))
    assert await is_held(rig, caller)


async def test_a_leg_may_say_that_it_stays_when_the_other_goes(rig: Rig):
    caller, agent = await talking(rig)
    stays = f"uuid_setvar {agent.channel} transfer_after_bridge held:XML:inside"
    assert await rig.driver.api(stays) == "+OK\n"

    assert await rig.driver.api(f"uuid_transfer {caller.channel} {HELD}") == "+OK\n"
    await rig.until(rig.spied.next("CHANNEL_UNBRIDGE", caller.channel))
    assert await is_held(rig, agent)
    await join(rig, caller, agent)

    # It was for one bridge: the leg ends with the next.
    await caller.hang_up()
    await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", agent.channel))


async def test_a_caller_on_hold_hears_music_and_comes_back_out_of_it(rig: Rig):
    caller, agent = await talking(rig)
    await take_apart(rig, caller)
    music = asyncio.ensure_future(rig.driver.execute(caller.channel, "playback", MUSIC))
    await rig.until(rig.spied.next("PLAYBACK_START", caller.channel, Playback_File_Path=MUSIC))

    await join(rig, caller, agent)

    assert (await rig.until(music))["Answer-State"] == "answered"


async def test_a_caller_who_hangs_up_on_hold_leaves_the_agents_leg(rig: Rig):
    caller, agent = await talking(rig)
    await take_apart(rig, caller)

    await caller.hang_up()

    await rig.until(rig.driven.next("CHANNEL_HANGUP_COMPLETE", caller.channel))
    assert await is_held(rig, agent)  # whoever drives is to end it


async def test_what_is_keyed_in_a_conversation_is_no_answer_to_the_next_prompt(rig: Rig):
    caller, _ = await talking(rig)
    await caller.keys("12")

    await take_apart(rig, caller)

    done = await rig.run(caller, ASK, ask(0, 4))
    assert "variable_got" not in done


async def test_an_agent_is_spoken_to_alone_while_both_talk(rig: Rig):
    caller, agent = await talking(rig)

    said = await rig.driver.api(f"uuid_broadcast {agent.channel} short.wav aleg")

    assert said == "+OK Message sent\n"
    await rig.until(
        rig.spied.next("CHANNEL_EXECUTE_COMPLETE", agent.channel, Application="playback")
    )
    with_whom = await rig.driver.api(f"uuid_getvar {agent.channel} bridge_uuid")
    assert with_whom == caller.channel
    assert "CHANNEL_EXECUTE playback" not in rig.spied.names(caller.channel)


async def test_keys_are_sent_to_the_other_end_of_a_leg(rig: Rig):
    _, agent = await talking(rig)

    said = await rig.driver.api(f"uuid_send_dtmf {agent.channel} 5")

    assert said == f"+OK {agent.channel} sent DTMF 5.\n"
