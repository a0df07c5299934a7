"""The contract of the socket: passwords, replies, filters, jobs, and coming back."""

import asyncio

from tests.contracts.rig import Rig

SOON_S = 5


async def test_filters_keep_other_calls_out(rig: Rig):
    stranger = await rig.stranger()
    await stranger.hang_up()
    await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", stranger.channel))
    await rig.call()

    assert rig.driven.events
    assert not rig.driven.names(stranger.channel)


async def test_a_client_that_comes_back_finds_its_calls(rig: Rig):
    caller = await rig.call()
    await rig.driver.api(f"uuid_setvar {caller.channel} bankline_step 3")

    await rig.driver.command("exit")
    await asyncio.wait_for(rig.connections.get(), SOON_S)

    assert await rig.driver.api(f"uuid_getvar {caller.channel} bankline_step") == "3"
    assert (await rig.run(caller, "playback", "short.wav"))["variable_playback_ms"] == "400"


async def test_the_password_is_asked_for(rig: Rig):
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.port)
    assert await _frame(reader) == "Content-Type: auth/request"

    writer.write(b"auth wrong\n\n")
    assert "Reply-Text: -ERR invalid" in await _frame(reader)
    rest = await asyncio.wait_for(reader.read(), SOON_S)
    assert b"text/disconnect-notice" in rest
    writer.close()


async def _frame(reader) -> str:
    return (await reader.readuntil(b"\n\n")).decode().strip()


async def test_commands_have_their_replies(rig: Rig):
    command = rig.spy.command

    assert (await command("nonsense")).reply == "-ERR command not found"
    assert (await command("filter")).reply == "-ERR command not found"
    assert (await command("filter Unique-ID")).reply == "-ERR invalid syntax"
    assert (await command("filter Unique-ID x")).reply == "+OK filter added. [Unique-ID]=[x]"
    deleted = (await command("filter delete Unique-ID x")).reply
    assert deleted == "+OK filter deleted. [Unique-ID][x]"
    assert (await command("event plain NO_SUCH_EVENT")).reply == "-ERR no keywords supplied"
    assert (await command("event plain DTMF")).reply == "+OK event listener enabled plain"
    assert (await command("nixevent DTMF")).reply == "+OK events nixed"
    assert (await command("noevents")).reply == "+OK no longer listening for events"
    assert (await command("noevents")).reply == "-ERR not listening for events"
    assert await rig.spy.api("no_such_command x") == "-ERR no_such_command Command not found!\n"
    assert "session(s) since startup" in await rig.spy.api("status")


async def test_jobs_run_in_the_background(rig: Rig):
    assert await rig.until(rig.driver.bgapi("uuid_exists none")) == "false"


async def test_a_body_too_large_is_hung_up_on(rig: Rig):
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.port)
    await _frame(reader)
    writer.write(b"sendmsg x\nContent-Length: 99999999999\n\n")
    rest = await asyncio.wait_for(reader.read(), SOON_S)
    assert b"auth" not in rest
    writer.close()
