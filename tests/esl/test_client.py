"""The client against a scripted switch on a real loopback socket, on asyncio and on uvloop."""

import asyncio
import contextlib
import subprocess
import sys

import pytest

from telephony import esl
from telephony.esl.server_wire import (
    AUTH_REQUEST,
    Command,
    ServerParser,
    encode_api_response,
    encode_disconnect,
    encode_event,
    encode_reply,
)
from tests.esl.rude import REJECTION

SOON_S = 5  # what never comes fails the test then
A, B = "5d1c7e0c-0000-4000-8000-00000000000a", "5d1c7e0c-0000-4000-8000-00000000000b"


class Peer:
    """One connection as the switch's end sees it: the test reads commands and writes frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.parser, self.commands = ServerParser(), []

    def say(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def hear(self) -> Command:
        """The next command. Raises EOFError when the client is gone."""
        while not self.commands:
            data = await asyncio.wait_for(self.reader.read(65536), SOON_S)
            if not data:
                raise EOFError
            self.commands += self.parser.feed(data)
        return self.commands.pop(0)

    async def let_in(self) -> list[str]:
        """Greet, accept everything up to the subscription; the lines that were sent."""
        self.say(AUTH_REQUEST)
        lines = []
        while not lines or not lines[-1].startswith("event "):
            lines.append((await self.hear()).line)
            self.say(encode_reply("+OK accepted"))
        return lines

    async def closed(self) -> bool:
        """Whether the client closes, whatever it still sends."""
        with contextlib.suppress(EOFError, ConnectionResetError):
            while True:
                await self.hear()
        return True

    def hang_up(self) -> None:
        self.writer.transport.abort()


class Switch:
    """A listening socket whose connections the test takes one by one."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[Peer] = asyncio.Queue()
        self.peers: list[Peer] = []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for peer in self.peers:
            peer.hang_up()

    async def _connected(self, reader, writer):
        peer = Peer(reader, writer)
        self.peers.append(peer)
        await self.waiting.put(peer)

    async def peer(self) -> Peer:
        return await asyncio.wait_for(self.waiting.get(), SOON_S)


class Told:
    """What a client's callbacks were told, to be awaited in order."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue = asyncio.Queue()

    def __call__(self, what) -> None:
        self.queue.put_nowait(what)

    async def next(self):
        return await asyncio.wait_for(self.queue.get(), SOON_S)


@pytest.fixture
async def switch():
    async with Switch() as switch:
        yield switch


@pytest.fixture
async def dial(switch):
    """Start a client of the switch; all are stopped at the end."""
    runs = []

    def start(**options):
        events, lost, up = Told(), Told(), Told()

        async def connected():
            up("connected")

        options = {"backoff_s": (0.001, 0.01), "on_connected": connected, **options}
        client = esl.Client(
            "127.0.0.1", switch.port, "s3cret", on_event=events, on_lost=lost, **options
        )
        client.events, client.losses, client.up = events, lost, up
        client.running = asyncio.create_task(client.run())
        runs.append(client.running)
        return client

    yield start
    for run in runs:
        run.cancel()
    await asyncio.gather(*runs, return_exceptions=True)


@pytest.fixture
async def line(switch, dial):
    """A client and its peer, subscribed."""
    client = dial()
    peer = await switch.peer()
    await peer.let_in()
    await client.up.next()
    return client, peer


def soon(waiting):
    return asyncio.wait_for(waiting, SOON_S)


async def turn():
    """Let the loop do once whatever is ready or due."""
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    await turned


async def started(verb):
    """A task that has run until it first waits: its command is written."""
    task = asyncio.create_task(verb)
    await turn()
    return task


def complete(command: Command, **variables: str) -> bytes:
    return encode_event(
        {
            "Event-Name": "CHANNEL_EXECUTE_COMPLETE",
            "Unique-ID": command.rest,
            "Application": command.headers["execute-app-name"],
            "Application-UUID": command.headers["event-uuid"],
            **variables,
        }
    )


def hung_up(uuid: str, cause: str = "NORMAL_CLEARING") -> bytes:
    return encode_event(
        {"Event-Name": "CHANNEL_HANGUP_COMPLETE", "Unique-ID": uuid, "Hangup-Cause": cause}
    )


def happened(uuid: str, name: str, **headers: str) -> bytes:
    return encode_event({"Event-Name": name, "Unique-ID": uuid, **headers})


class TestConnecting:
    async def test_filters_go_before_the_subscription(self, switch, dial):
        dial(events=("CHANNEL_ANSWER",), filters=[("variable_bankline", "1")])
        lines = await (await switch.peer()).let_in()
        assert lines == [
            "auth s3cret",
            "filter variable_bankline 1",
            "filter Event-Name BACKGROUND_JOB",
            "event plain CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE BACKGROUND_JOB"
            " CHANNEL_ANSWER",
        ]

    async def test_without_filters_none_is_made(self, switch, dial):
        dial()
        assert len(await (await switch.peer()).let_in()) == 2

    async def test_a_wrong_password_ends_the_run(self, switch, dial):
        client = dial()
        peer = await switch.peer()
        peer.say(AUTH_REQUEST)
        await peer.hear()
        peer.say(encode_reply("-ERR invalid"), encode_disconnect())
        with pytest.raises(esl.AuthenticationFailed, match="-ERR invalid") as refusal:
            await soon(client.running)
        assert "s3cret" not in str(refusal.value)
        assert client.counts.connections == 0

    async def test_a_refused_address_ends_the_run(self, switch, dial):
        client = dial()
        (await switch.peer()).say(REJECTION)
        with pytest.raises(esl.AuthenticationFailed, match="go away"):
            await soon(client.running)

    async def test_a_refused_subscription_ends_the_run(self, switch, dial):
        client = dial()
        peer = await switch.peer()
        peer.say(AUTH_REQUEST)
        for reply in ("+OK accepted", "-ERR no keywords supplied"):
            await peer.hear()
            peer.say(encode_reply(reply))
        with pytest.raises(esl.CommandFailed, match="no keywords"):
            await soon(client.running)

    async def test_a_password_that_would_break_the_wire_is_not_sent(self, switch):
        client = esl.Client("127.0.0.1", switch.port, "a\n\napi shutdown")
        running = asyncio.create_task(client.run())
        peer = await switch.peer()
        peer.say(AUTH_REQUEST)
        with pytest.raises(esl.Unsendable):
            await soon(running)
        assert await peer.closed()
        assert peer.commands == []

    async def test_a_peer_that_never_greets_is_left(self, switch, dial):
        dial(connect_timeout_s=0.02)
        assert await (await switch.peer()).closed()
        await (await switch.peer()).let_in()

    async def test_no_switch_at_all_is_tried_again(self, switch, dial):
        switch.server.close()
        await switch.server.wait_closed()
        client = dial()
        with pytest.raises(esl.Lost, match="Not connected"):
            await client.api("status")
        switch.server = await asyncio.start_server(switch._connected, "127.0.0.1", switch.port)
        await (await switch.peer()).let_in()
        assert await client.up.next() == "connected"

    async def test_pauses_grow_and_begin_anew_after_a_connection(self, switch, dial, monkeypatch):
        pauses, sleep = Told(), asyncio.sleep

        async def noted(seconds):
            pauses(seconds)
            await sleep(0)

        monkeypatch.setattr("telephony.esl.client.asyncio.sleep", noted)
        monkeypatch.setattr("telephony.esl.client.random.uniform", lambda a, b: b)
        client = dial(backoff_s=(1, 5))
        for _ in range(5):
            (await switch.peer()).hang_up()
        assert [await pauses.next() for _ in range(5)] == [1, 2, 4, 5, 5]
        peer = await switch.peer()
        await peer.let_in()
        await client.up.next()
        peer.hang_up()
        assert await pauses.next() == 1

    async def test_a_fault_of_on_connected_is_loud(self, switch, dial):
        async def fails():
            raise OSError("a disk, not the switch")

        client = dial(on_connected=fails)
        peer = await switch.peer()
        await peer.let_in()
        with pytest.raises(OSError, match="a disk"):
            await soon(client.running)
        assert await peer.closed()

    async def test_commands_work_while_on_connected_runs(self, switch, dial):
        heard = Told()

        async def asks():
            heard(await client.api("show channels as json"))

        client = dial(on_connected=asks)
        peer = await switch.peer()
        await peer.let_in()
        assert (await peer.hear()).line == "api show channels as json"
        peer.say(encode_api_response('{"row_count":0}'))
        assert await heard.next() == '{"row_count":0}'

    async def test_stopping_closes_the_connection_and_fails_who_waits(self, line):
        client, peer = line
        waiting = await started(client.api("status"))
        client.running.cancel()
        with pytest.raises(esl.Lost):
            await soon(waiting)
        assert await peer.closed()
        assert str(await client.losses.next()) == "The client stopped."
        assert not client.connected


class TestCommands:
    async def test_replies_go_to_who_asked_in_order(self, line):
        client, peer = line
        asked = [await started(client.api(f"echo {n}")) for n in range(5)]
        asked.insert(2, await started(client.command("noevents")))
        for _ in range(6):
            command = await peer.hear()
            if command.verb == "api":
                peer.say(encode_api_response(command.rest.removeprefix("echo ")))
            else:
                peer.say(encode_reply("+OK no longer listening"))
        answers = await soon(asyncio.gather(*asked))
        assert [a if isinstance(a, str) else a.reply for a in answers] == [
            "0", "1", "+OK no longer listening", "2", "3", "4",
        ]  # fmt: skip

    async def test_a_cancelled_waiter_keeps_its_place(self, line):
        client, peer = line
        first, second = [await started(client.api(f"echo {n}")) for n in (1, 2)]
        first.cancel()
        await asyncio.wait([first])
        for _ in range(2):
            peer.say(encode_api_response((await peer.hear()).rest))
        assert await soon(second) == "echo 2"

    async def test_an_api_error_is_an_answer(self, line):
        client, peer = line
        asked = await started(client.api("uuid_kill x"))
        await peer.hear()
        peer.say(encode_api_response("-ERR No such channel!\n"))
        assert await soon(asked) == "-ERR No such channel!\n"

    async def test_a_forbidden_api_is_a_failure(self, line):
        client, peer = line
        asked = await started(client.api("system ls"))
        await peer.hear()
        peer.say(encode_reply("-ERR permission denied"))
        with pytest.raises(esl.CommandFailed, match="permission denied"):
            await soon(asked)

    async def test_a_background_job_gives_its_result(self, line):
        client, peer = line
        first, second = [await started(client.bgapi(f"originate {n}")) for n in (1, 2)]
        jobs = [await peer.hear(), await peer.hear()]
        for job in reversed(jobs):
            peer.say(
                encode_reply(f"+OK Job-UUID: {job.headers['job-uuid']}"),
                encode_event(
                    {"Event-Name": "BACKGROUND_JOB", "Job-UUID": job.headers["job-uuid"]},
                    f"+OK {job.rest}\n",
                ),
            )
        assert await soon(first) == "+OK originate 1\n"
        assert await soon(second) == "+OK originate 2\n"
        assert client.events.queue.empty()

    async def test_a_refused_background_job_is_a_failure(self, line):
        client, peer = line
        asked = await started(client.bgapi("system ls"))
        await peer.hear()
        peer.say(encode_reply("-ERR permission denied"))
        with pytest.raises(esl.CommandFailed):
            await soon(asked)

    async def test_too_many_unanswered_commands_are_refused(self, switch, dial):
        client = dial(pending_limit=2)
        peer = await switch.peer()
        await peer.let_in()
        await client.up.next()
        asked = [await started(client.api("status")) for _ in range(2)]
        with pytest.raises(esl.Overflow):
            await client.api("status")
        with pytest.raises(esl.Overflow):
            client.post(A, "break")
        for _ in asked:
            await peer.hear()
            peer.say(encode_api_response("UP"))
        assert await soon(asyncio.gather(*asked)) == ["UP", "UP"]

    async def test_a_line_break_is_refused_and_takes_no_place(self, line):
        client, peer = line
        for verb in (client.api("a\nb"), client.bgapi("a\nb"), client.execute(A, "set", "a\nb")):
            with pytest.raises(esl.Unsendable):
                await verb
        asked = await started(client.api("status"))
        assert (await peer.hear()).line == "api status"
        peer.say(encode_api_response("UP"))
        assert await soon(asked) == "UP"


class TestExecuting:
    async def test_an_execution_gives_its_own_end(self, line):
        client, peer = line
        first, second = [
            await started(client.execute(A, "play_and_get_digits", f"1 6 {n}")) for n in (1, 2)
        ]
        sent = [await peer.hear(), await peer.hear()]
        assert [c.body for c in sent] == ["1 6 1", "1 6 2"]
        assert all(c.headers["event-lock"] == "true" for c in sent)
        peer.say(encode_reply("+OK"), encode_reply("+OK"))
        peer.say(complete(sent[1], variable_keys="22"), complete(sent[0], variable_keys="1\n1"))
        assert (await soon(second))["variable_keys"] == "22"
        assert (await soon(first))["variable_keys"] == "1\n1"
        assert client.events.queue.empty()

    async def test_an_end_that_overtakes_the_reply_is_not_lost(self, line):
        client, peer = line
        running = await started(client.execute(A, "set", "a=b"))
        peer.say(complete(await peer.hear()), encode_reply("+OK"))
        assert (await soon(running))["Application"] == "set"

    @pytest.mark.parametrize("reply", ["session id [x]", "session handle"])
    async def test_an_unknown_channel_is_said_so(self, line, reply):
        client, peer = line
        running = await started(client.execute(A, "set", "a=b"))
        await peer.hear()
        peer.say(encode_reply(f"-ERR invalid {reply}"))
        with pytest.raises(esl.NoSuchChannel):
            await soon(running)

    async def test_another_refusal_is_a_failure(self, line):
        client, peer = line
        running = await started(client.execute(A, "set", "a=b"))
        await peer.hear()
        peer.say(encode_reply("-ERR memory error"))
        with pytest.raises(esl.CommandFailed) as refusal:
            await soon(running)
        assert not isinstance(refusal.value, esl.NoSuchChannel)

    async def test_a_hang_up_fails_what_its_channel_runs_and_no_other(self, line):
        client, peer = line
        mine, other = [await started(client.execute(uuid, "playback", "x")) for uuid in (A, B)]
        sent = [await peer.hear(), await peer.hear()]
        peer.say(encode_reply("+OK"), encode_reply("+OK"), hung_up(A, "ORIGINATOR_CANCEL"))
        with pytest.raises(esl.HungUp) as gone:
            await soon(mine)
        assert gone.value.cause == "ORIGINATOR_CANCEL"
        peer.say(complete(sent[1]))
        await soon(other)
        assert (await client.events.next()).name == "CHANNEL_HANGUP_COMPLETE"

    async def test_an_application_that_a_hang_up_ended_did_not_end_well(self, line):
        # FreeSWITCH reports the end of the application before the end of the channel.
        client, peer = line
        running = await started(client.execute(A, "record", "x"))
        cut_off = {"Answer-State": "hangup", "Hangup-Cause": "USER_BUSY", "variable_record_ms": "7"}
        peer.say(encode_reply("+OK"), complete(await peer.hear(), **cut_off))
        with pytest.raises(esl.HungUp, match="USER_BUSY") as gone:
            await soon(running)
        assert gone.value.end["variable_record_ms"] == "7"
        with pytest.raises(esl.HungUp, match="USER_BUSY"):
            await client.execute(A, "playback", "x")

    async def test_a_hang_up_before_the_reply_counts_too(self, line):
        client, peer = line
        running = await started(client.execute(A, "playback", "x"))
        await peer.hear()
        peer.say(hung_up(A), encode_reply("+OK"))
        with pytest.raises(esl.HungUp):
            await soon(running)

    async def test_nothing_is_sent_to_a_channel_that_hung_up(self, line):
        # The switch would say +OK until the channel is destroyed, and never run it.
        client, peer = line
        peer.say(hung_up(A, "USER_BUSY"))
        await client.events.next()
        with pytest.raises(esl.HungUp, match="USER_BUSY"):
            await client.execute(A, "playback", "x")
        await started(client.api("status"))
        assert (await peer.hear()).verb == "api"

    async def test_the_memory_of_hang_ups_is_bounded(self, line, monkeypatch):
        monkeypatch.setattr("telephony.esl.client.GONE_KEPT", 1)
        client, peer = line
        peer.say(hung_up(A), hung_up(B))
        await client.events.next()
        await client.events.next()
        await started(client.execute(A, "playback", "x"))
        assert (await peer.hear()).rest == A
        with pytest.raises(esl.HungUp):
            await client.execute(B, "playback", "x")

    async def test_a_cancelled_execution_leaves_nothing_behind(self, line):
        client, peer = line
        running = await started(client.execute(A, "playback", "x"))
        sent = await peer.hear()
        peer.say(encode_reply("+OK"))
        running.cancel()
        await asyncio.wait([running])
        peer.say(complete(sent))  # nobody awaits it any more: it is an event like others
        assert (await client.events.next())["Application"] == "playback"
        assert not client._executes
        assert not client._running

    async def test_a_post_runs_and_its_reply_goes_to_nobody(self, line):
        client, peer = line
        client.post(A, "set", "a=b")
        client.post(B, "set", "a=b", lock=False)
        asked = await started(client.api("status"))
        posts = [await peer.hear(), await peer.hear()]
        assert "event-uuid" not in posts[0].headers
        assert ["event-lock" in c.headers for c in posts] == [True, False]
        peer.say(encode_reply("+OK"), encode_reply("-ERR invalid session id [x]"))
        peer.say(encode_api_response("UP"))
        assert await soon(asked) == "UP"
        assert client.counts.posts_refused == 1

    async def test_so_does_an_api_command_that_nobody_awaits(self, line):
        client, peer = line
        client.post_api(f"sched_del {A}")
        asked = await started(client.api("status"))
        assert (await peer.hear()).line == f"api sched_del {A}"
        peer.say(encode_api_response("-ERR no such task"), encode_api_response("UP"))
        assert await soon(asked) == "UP"
        assert client.counts.posts_refused == 1


class TestListening:
    async def test_a_channel_has_its_events_in_order_until_it_hangs_up(self, line):
        client, peer = line
        with client.channel(A) as channel:
            for n in range(3):
                peer.say(happened(A, "DTMF", **{"DTMF-Digit": str(n)}))
                peer.say(happened(B, "CHANNEL_ANSWER"))
            peer.say(hung_up(A))
            heard = [event async for event in channel]
        assert [e.get("DTMF-Digit") for e in heard[:3]] == ["0", "1", "2"]
        assert heard[3].name == "CHANNEL_HANGUP_COMPLETE"
        assert [(await client.events.next())["Unique-ID"] for _ in range(3)] == [B] * 3
        assert client.events.queue.empty()

    async def test_after_closing_events_go_where_others_go(self, line):
        client, peer = line
        with client.channel(A):
            pass
        peer.say(happened(A, "DTMF"))
        assert (await client.events.next()).name == "DTMF"

    async def test_a_channel_has_one_listener(self, line):
        client, _ = line
        with client.channel(A), pytest.raises(ValueError, match="has a listener"):
            client.channel(A)
        with client.channel(A):
            pass

    async def test_a_slow_listener_gets_what_was_held_and_is_told(self, switch, dial):
        client = dial(queue_limit=2)
        peer = await switch.peer()
        await peer.let_in()
        await client.up.next()
        channel = client.channel(A)
        for n in range(4):
            peer.say(happened(A, "DTMF", **{"DTMF-Digit": str(n)}))
        peer.say(happened(B, "CHANNEL_ANSWER"))
        await client.events.next()
        assert [(await anext(channel))["DTMF-Digit"] for _ in range(2)] == ["0", "1"]
        with pytest.raises(esl.Overflow):
            await soon(anext(channel))
        with pytest.raises(esl.Overflow):  # and again: it is over
            await soon(anext(channel))
        assert client.counts.undelivered == 2

    async def test_a_handler_that_fails_costs_one_event(self, switch, dial):
        client = dial()
        fine, heard = Told(), []

        def picky(event):
            heard.append(event.name)
            if event.name == "BAD":
                raise KeyError("a bug")
            fine(event)

        client._on_event = picky
        peer = await switch.peer()
        await peer.let_in()
        peer.say(happened(A, "BAD"), happened(A, "GOOD"))
        assert (await fine.next()).name == "GOOD"
        assert heard == ["BAD", "GOOD"]
        assert client.counts.handler_errors == 1
        assert client.counts.events == 2

    async def test_frames_of_no_use_are_passed_over_and_counted(self, line):
        client, peer = line
        peer.say(
            b"Content-Type: text/surprise\nContent-Length: 4\n\nboo\n",
            b"Content-Type: log/data\nContent-Length: 3\nLog-Level: 7\n\nabc",
            b"Content-Length: 2\n\nhi",
            happened(A, "CHANNEL_ANSWER"),
        )
        await client.events.next()
        assert client.counts.unknown_frames == 3

    async def test_an_event_that_is_not_text_is_an_event(self, line):
        client, peer = line
        body = b"Event-Name: \xff\xfe\nUnique-ID: %FF\n\n\xff"
        peer.say(b"Content-Length: %d\nContent-Type: text/event-plain\n\n%b" % (len(body), body))
        event = await client.events.next()
        assert (event.name, event["Unique-ID"], event.body) == ("��", "�", "�")


class TestLosing:
    async def lost(self, client, peer, say=None):
        """Lose the connection with everything waiting; the reason that everybody got."""
        channel = client.channel(A)
        waiting = [
            await started(verb)
            for verb in (client.execute(A, "playback", "x"), client.bgapi("x"), client.api("x"))
        ]
        for _ in waiting:
            await peer.hear()
        peer.say(encode_reply("+OK"))
        if say is None:
            peer.hang_up()
        else:
            peer.say(say)
        ends = await soon(asyncio.gather(*waiting, anext(channel), return_exceptions=True))
        assert [type(end) for end in ends] == [esl.Lost] * 4
        channel.close()
        assert not client._jobs
        assert not client._executes
        return {str(end) for end in ends}

    async def test_a_lost_connection_fails_everything_and_is_made_again(self, line, switch):
        client, peer = line
        [reason] = await self.lost(client, peer)
        assert str(await client.losses.next()) == reason
        again = await switch.peer()
        await again.let_in()
        await client.up.next()
        running = await started(client.execute(A, "playback", "x"))
        sent = await again.hear()
        again.say(encode_reply("+OK"), complete(sent))
        assert (await soon(running)).name == "CHANNEL_EXECUTE_COMPLETE"
        assert client.counts.connections == 2

    @pytest.mark.parametrize(
        ("say", "reason"),
        [
            (b"Content-Length: -5\n\n", "not a number"),
            (b"Content-Length: 999999999999\n\n", "longer than"),
            (b"SSH-2.0-OpenSSH_9.2\n\n", "no colon"),
            (b"a" * 70_000, "longer than"),
            (encode_reply("+OK") * 4, "nobody asked"),
            (AUTH_REQUEST, "greeted twice"),
        ],
    )
    async def test_nonsense_costs_the_connection(self, line, switch, say, reason):
        client, peer = line
        waiting = await started(client.execute(A, "playback", "x"))
        await peer.hear()
        peer.say(say)
        with pytest.raises(esl.Lost, match=reason):
            await soon(waiting)
        assert client.counts.protocol_errors == 1
        await (await switch.peer()).let_in()
        assert await client.up.next() == "connected"

    async def test_what_came_whole_before_the_nonsense_counts(self, line):
        client, peer = line
        running = await started(client.execute(A, "playback", "x"))
        sent = await peer.hear()
        peer.say(encode_reply("+OK") + complete(sent) + b"nonsense\n\n")
        await soon(running)

    async def test_a_good_bye_is_taken_at_its_word(self, line, switch):
        client, peer = line
        assert await self.lost(client, peer, encode_disconnect()) == {"The switch said good-bye."}
        assert await peer.closed()
        await (await switch.peer()).let_in()

    async def test_an_end_inside_a_frame_is_said_so(self, line):
        client, peer = line
        peer.say(happened(A, "CHANNEL_ANSWER")[:-5])
        peer.writer.close()
        assert "in the middle of a frame" in str(await client.losses.next())
        assert client.events.queue.empty()

    async def test_a_hang_up_is_forgotten_with_the_connection(self, line, switch):
        client, peer = line
        peer.say(hung_up(A))
        await client.events.next()
        peer.hang_up()
        again = await switch.peer()
        await again.let_in()
        await client.up.next()
        await started(client.execute(A, "playback", "x"))
        assert (await again.hear()).rest == A

    async def test_an_oversize_event_costs_the_connection(self, switch, dial):
        client = dial(max_body=1000)
        peer = await switch.peer()
        await peer.let_in()
        peer.say(happened(A, "X", variable_a="a" * 1000))
        assert "longer than 1000" in str(await client.losses.next())


@pytest.mark.asyncio(loop_factories=["asyncio"])  # uvloop's clock can't be moved
class TestSilence:
    HEARTBEAT_S = 60

    @pytest.fixture
    async def line(self, switch, dial):
        client = dial(heartbeat_s=self.HEARTBEAT_S)
        peer = await switch.peer()
        await peer.let_in()
        await client.up.next()
        return client, peer

    def skip(self, heartbeats=1.0):
        asyncio.get_running_loop().skip(heartbeats * self.HEARTBEAT_S)

    async def test_a_silent_switch_is_asked_and_then_left(self, line, switch):
        client, peer = line
        running = await started(client.execute(A, "playback", "x"))
        assert (await peer.hear()).verb == "sendmsg"
        self.skip()
        assert (await peer.hear()).line == "api status"
        self.skip()
        with pytest.raises(esl.Lost, match="silent for 12"):
            await soon(running)
        await (await switch.peer()).let_in()
        assert await client.up.next() == "connected"

    async def test_a_switch_that_answers_is_kept(self, line):
        client, peer = line
        for _ in range(3):
            self.skip()
            assert (await peer.hear()).line == "api status"
            peer.say(encode_api_response("UP"), happened(A, "CHANNEL_ANSWER"))
            await client.events.next()
        assert client.counts.connections == 1
        assert client.losses.queue.empty()

    async def test_a_switch_that_speaks_is_not_asked(self, line):
        client, peer = line
        for _ in range(3):
            self.skip(0.9)
            peer.say(happened(A, "CHANNEL_ANSWER"))
            await client.events.next()
        await started(client.api("version"))
        assert (await peer.hear()).line == "api version"

    async def test_a_probe_takes_nobodys_reply(self, line):
        client, peer = line
        self.skip()
        assert (await peer.hear()).line == "api status"
        asked = await started(client.api("version"))
        assert (await peer.hear()).line == "api version"
        peer.say(encode_api_response("UP"), encode_api_response("1.11"))
        assert await soon(asked) == "1.11"

    async def test_a_switch_too_busy_to_be_asked_is_left_all_the_same(self, switch, dial):
        client = dial(heartbeat_s=self.HEARTBEAT_S, pending_limit=2)
        peer = await switch.peer()
        await peer.let_in()
        await client.up.next()
        asked = [await started(client.api("status")) for _ in range(2)]
        for _ in asked:
            await peer.hear()
        self.skip()
        await turn()  # the first beat, which can't ask
        self.skip()
        ends = await soon(asyncio.gather(*asked, return_exceptions=True))
        assert [type(end) for end in ends] == [esl.Lost] * 2
        assert peer.commands == []

    async def test_silence_before_the_greeting_is_left_too(self, switch, dial):
        dial(heartbeat_s=self.HEARTBEAT_S, connect_timeout_s=100 * self.HEARTBEAT_S)
        peer = await switch.peer()
        self.skip()
        assert (await peer.hear()).line == "api status"
        self.skip()
        assert await peer.closed()


def test_the_package_needs_nothing_but_python():
    """It is to be published by itself: no Django, no other package of ours."""
    code = (
        "import sys; before = set(sys.modules); import telephony.esl.server_wire;"
        "new = {m.split('.')[0] for m in set(sys.modules) - before};"
        "ours = {m for m in sys.modules if m.startswith('telephony.')"
        " and not m.startswith('telephony.esl')};"
        "print(sorted(new - set(sys.stdlib_module_names) - {'telephony'}) + sorted(ours))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
