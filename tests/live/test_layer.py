"""The channel layer, and what is done to it."""

import asyncio
import json
import logging

import psycopg
import pytest
from channels.exceptions import DenyConnection
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connection, transaction

from live.consumers import TopicConsumer
from live.layer import RESYNC, PostgresChannelLayer
from live.models import Parcel
from live.topics import Behind, UnknownTopic, announce, register, snapshot

pytestmark = pytest.mark.django_db(transaction=True)
SOON_S = 10

versions: dict[str, int] = {}
register("ward.{bed}", lambda bed: (versions.get(bed, 0), {"bed": bed}))


@pytest.fixture
async def layer():
    made = PostgresChannelLayer()
    yield made
    await made.close()


async def heard(layer, channel):
    async with asyncio.timeout(SOON_S):
        return await layer.receive(channel)


async def nothing_but(layer, channel, sent):
    """`sent`, which came last, is the next thing heard: what came before was not announced."""
    await layer.send(channel, sent)
    assert await heard(layer, channel) == sent


def in_thread(function, *args):
    def run():
        try:
            return function(*args)
        finally:
            connection.close()

    return asyncio.to_thread(run)


def announce_and(fail: bool):
    with transaction.atomic():
        announce("ward.7", 1)
        if fail:
            transaction.set_rollback(True)


async def backend(application_name, act):
    """Do something to the server's side of one of the layer's connections."""
    async with await psycopg.AsyncConnection.connect(
        settings.DATABASE_DIRECT_URL, autocommit=True
    ) as other:
        rows = await other.execute(
            f"SELECT {act}(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [application_name],
        )
        return len(await rows.fetchall())


async def test_a_group_hears_a_transaction_when_it_commits(layer):
    channel = await layer.new_channel()
    await layer.group_add("ward.7", channel)
    await in_thread(announce_and, False)
    assert await heard(layer, channel) == {
        "type": "topic.changed",
        "topic": "ward.7",
        "version": 1,
    }


async def test_a_rolled_back_transaction_announces_nothing(layer):
    channel = await layer.new_channel()
    await layer.group_add("ward.7", channel)
    await in_thread(announce_and, True)
    await nothing_but(layer, channel, {"type": "mark"})


async def test_who_left_a_group_hears_no_more_of_it(layer):
    channel = await layer.new_channel()
    await layer.group_add("ward.7", channel)
    await layer.group_add("ward.8", channel)
    await layer.group_discard("ward.7", channel)
    await layer.group_send("ward.7", {"type": "late"})
    await layer.group_send("ward.8", {"type": "right"})
    assert (await heard(layer, channel))["type"] == "right"


@pytest.mark.parametrize("size", [7_800, 8_000, 100_000])
@pytest.mark.parametrize("letter", ["x", "账"])
async def test_a_payload_of_any_size_arrives_whole_and_in_order(layer, size, letter):
    channel = await layer.new_channel()
    await layer.group_add("ward.7", channel)
    big = {"type": "big", "text": letter * (size // len(letter.encode()))}
    for message in ({"type": "before"}, big, {"type": "after"}):
        await layer.group_send("ward.7", message)
    assert [await heard(layer, channel) for _ in range(3)] == [
        {"type": "before"},
        big,
        {"type": "after"},
    ]


async def test_a_parcel_that_is_gone_makes_its_clients_look_anew(layer, monkeypatch):
    channel = await layer.new_channel()
    await layer.group_add("ward.7", channel)
    await layer._station._execute(
        "SELECT pg_notify('bankline_live', %s)", [json.dumps({"to": "=ward.7", "parcel": 404})]
    )
    assert await heard(layer, channel) == RESYNC


async def test_parcels_are_pruned_by_the_next_one(layer, monkeypatch):
    await layer.group_send("ward.7", {"type": "big", "text": "x" * 9_000})
    assert await Parcel.objects.acount() == 1
    monkeypatch.setattr("live.layer.PARCEL_LIFE_S", 0)
    await layer.group_send("ward.7", {"type": "big", "text": "y" * 9_000})
    assert "y" in (await Parcel.objects.aget()).body


async def test_the_table_of_parcels_is_not_logged():
    async with await psycopg.AsyncConnection.connect(settings.DATABASE_DIRECT_URL) as other:
        row = await other.execute(
            "SELECT relpersistence FROM pg_class WHERE oid = 'live_parcel'::regclass"
        )
        assert await row.fetchone() == ("u",)


async def test_a_lost_listener_comes_back_and_everybody_looks_anew(layer):
    first, second = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("ward.7", first)
    await layer.group_add("ward.8", second)
    assert await backend("live-listener", "pg_terminate_backend") == 1
    assert await heard(layer, first) == RESYNC
    assert await heard(layer, second) == RESYNC
    await layer.group_send("ward.7", {"type": "again"})
    assert await heard(layer, first) == {"type": "again"}


async def test_a_lost_sender_is_replaced_at_the_next_message(layer):
    channel = await layer.new_channel()
    await nothing_but(layer, channel, {"type": "before"})
    assert await backend("live-sender", "pg_terminate_backend") == 1
    await nothing_but(layer, channel, {"type": "after"})


async def test_noise_on_the_wire_is_passed_over(layer, caplog):
    channel = await layer.new_channel()
    await layer.group_add("ward.7", channel)
    with caplog.at_level(logging.WARNING, "live.layer"):
        for noise in ("", "null", "[1]", '{"to": 7}', "\x01{", '{"message": {}}'):
            await layer._station._execute("SELECT pg_notify('bankline_live', %s)", [noise])
        await nothing_but(layer, channel, {"type": "mark"})
    assert "not ours" in caplog.text


def test_two_event_loops_hear_alike():
    layer = PostgresChannelLayer()

    async def listen(ready, go):
        channel = await layer.new_channel()
        await layer.group_add("ward.7", channel)
        ready.set()
        await asyncio.to_thread(go.wait, SOON_S)
        got = await heard(layer, channel)
        await layer.close()
        return channel, got

    async def both():
        from threading import Event

        go, one, two = Event(), Event(), Event()
        loops = [asyncio.to_thread(asyncio.run, listen(ready, go)) for ready in (one, two)]
        running = asyncio.gather(*loops)
        for ready in (one, two):
            assert await asyncio.to_thread(ready.wait, SOON_S)
        await layer.group_send("ward.7", {"type": "to all"})
        go.set()
        answers = await running
        await layer.close()
        return answers

    (one, heard_by_one), (two, heard_by_two) = asyncio.run(both())
    assert one != two
    assert heard_by_one == heard_by_two == {"type": "to all"}


def test_a_loop_that_ends_leaves_no_connection_behind():
    layer = PostgresChannelLayer()

    async def use():
        channel = await layer.new_channel()
        await nothing_but(layer, channel, {"type": "mark"})

    async def left():
        return await backend("live-listener", "") + await backend("live-sender", "")

    asyncio.run(use())

    async def gone():
        async with asyncio.timeout(SOON_S):
            while await left():  # noqa: ASYNC110  # the server tells nobody
                await asyncio.sleep(0)

    asyncio.run(gone())


async def test_a_cancelled_receive_takes_nothing_with_it(layer):
    channel = await layer.new_channel()
    waiting = asyncio.create_task(layer.receive(channel))
    await layer.send(channel, {"type": "one"})
    box = layer._station.boxes[channel]
    async with asyncio.timeout(SOON_S):
        await box.filled.wait()
    waiting.cancel()  # the message is there, the reader was not resumed yet
    await asyncio.wait([waiting])
    if waiting.cancelled():
        assert await heard(layer, channel) == {"type": "one"}
    else:
        assert waiting.result() == {"type": "one"}
    await nothing_but(layer, channel, {"type": "two"})


async def test_a_slow_consumer_gets_one_resync_for_all_that_it_missed(caplog):
    layer = PostgresChannelLayer(capacity=3)
    slow, quick = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("ward.7", slow)
    await layer.group_add("ward.7", quick)
    for number in range(4):
        await layer.group_send("ward.7", {"type": "news", "number": number})
        assert (await heard(layer, quick))["number"] == number
    assert await heard(layer, slow) == RESYNC
    assert "does not keep up" in caplog.text
    await nothing_but(layer, slow, {"type": "mark"})
    await layer.close()


async def test_a_socket_that_is_gone_is_forgotten(layer):
    gone, here = await layer.new_channel(), await layer.new_channel()
    for channel in (gone, here):
        await layer.group_add("ward.7", channel)
    await layer.group_discard("ward.7", gone)
    layer._station._forget_idle(idle_s=0)
    assert list(layer._station.boxes) == [here]


async def test_flush_forgets_all(layer):
    channel = await layer.new_channel()
    await layer.group_add("ward.7", channel)
    await layer.group_send("ward.7", {"type": "big", "text": "x" * 9_000})
    await layer.flush()
    assert not await Parcel.objects.aexists()
    await layer.group_send("ward.7", {"type": "unheard"})
    await nothing_but(layer, channel := await layer.new_channel(), {"type": "mark"})


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ("send", "jobs"),  # work queues are Django-Q2's
        ("send", "no spaces!1"),
        ("group_send", "x" * 100),
        ("group_send", "ward 7"),
    ],
)
async def test_names_that_are_refused(layer, verb, name):
    with pytest.raises(TypeError):
        await getattr(layer, verb)(name, {"type": "x"})


async def test_another_process_s_channel_joins_no_group(layer):
    with pytest.raises(TypeError, match="of this process"):
        await layer.group_add("ward.7", "local.0123456789abcdef!1")


# -- topics ----------------------------------------------------------------------------------


async def test_a_snapshot_older_than_its_event_is_a_fault():
    versions["9"] = 3
    assert (await snapshot("ward.9", at_least=3)).data == {"bed": "9"}
    with pytest.raises(Behind):
        await snapshot("ward.9", at_least=4)


@pytest.mark.parametrize("topic", ["ward", "ward.", "ward.a.b", "xward.1", "ward.1;"])
async def test_unknown_topics_are_named(topic):
    with pytest.raises(UnknownTopic):
        await snapshot(topic)
    with pytest.raises(UnknownTopic):
        await in_thread(announce, topic, 1)


def test_a_topic_is_registered_once():
    with pytest.raises(ValueError, match="already"):
        register("ward.{bed}", lambda bed: (0, None))


class Ward(TopicConsumer):
    async def topics(self):
        beds = self.scope["beds"]
        if beds is None:
            raise DenyConnection
        return [f"ward.{bed}" for bed in beds]


async def watch(beds):
    socket = WebsocketCommunicator(Ward.as_asgi(), "/ward")
    socket.scope["beds"] = beds
    accepted, _ = await socket.connect(timeout=SOON_S)
    return socket if accepted else None


async def test_a_page_shows_the_topic_and_then_each_change():
    versions["7"] = 1
    socket = await watch(["7"])
    assert await socket.receive_json_from(SOON_S) == {
        "topic": "ward.7",
        "version": 1,
        "data": {"bed": "7"},
    }
    versions["7"] = 3
    await in_thread(announce, "ward.7", 2)  # two changes, one look:
    await in_thread(announce, "ward.7", 3)
    assert (await socket.receive_json_from(SOON_S))["version"] == 3
    versions["7"] = 4
    await in_thread(announce, "ward.7", 4)
    assert (await socket.receive_json_from(SOON_S))["version"] == 4
    await socket.disconnect()


async def test_a_page_looks_anew_after_the_listener_was_lost():
    versions["7"] = 1
    socket = await watch(["7", "8"])
    for _ in range(2):
        await socket.receive_json_from(SOON_S)
    versions["7"] = 2  # changed while nobody listened
    assert await backend("live-listener", "pg_terminate_backend") >= 1
    shown = [await socket.receive_json_from(SOON_S) for _ in range(2)]
    assert [(s["topic"], s["version"]) for s in shown] == [("ward.7", 2), ("ward.8", 0)]
    await socket.disconnect()


@pytest.mark.parametrize("beds", [None, []])
async def test_who_may_watch_nothing_is_refused(beds):
    assert await watch(beds) is None
