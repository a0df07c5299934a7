"""One worker leads; who lost the lead without noticing changes nothing any more."""

import asyncio
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from banking import sql
from calendars import clock
from config.postgres import OWNER
from live import fences
from live.models import Fence
from telephony import records
from telephony.ivr.signals import Deposed, Interrupted
from telephony.models import Call
from telephony.records import Arrival
from telephony.worker.gateway import Gateway
from telephony.worker.lead import Lead

pytestmark = pytest.mark.django_db(transaction=True)


FENCED = {
    model._meta.db_table: trigger.get_pgid(model)
    for model in apps.get_models()
    for trigger in getattr(model._meta, "triggers", ())
    if isinstance(trigger, fences.FencedTable)
}


def arrival() -> Arrival:
    return Arrival(uuid4(), "node1", "961202", "13800136027", clock.now())


async def test_a_second_worker_stands_by_until_the_first_is_gone():
    second = Lead("node1")
    async with Lead("node1") as first:
        waiting = asyncio.create_task(second.__aenter__())
        await asyncio.sleep(0)
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
        assert first.epoch == 1
    async with asyncio.timeout(5):
        await waiting
    assert second.epoch == 2
    await second.__aexit__(None, None, None)


async def test_a_lead_whose_session_dies_knows_it():
    async with Lead("node1") as lead:
        wakes = lead.wakes()
        waiting = asyncio.create_task(anext(wakes))
        await asyncio.sleep(0)
        pid = lead.backend_pid
        with psycopg.connect(settings.DATABASE_DIRECT_URL, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(Interrupted):
            async with asyncio.timeout(5):
                await waiting


async def test_the_epoch_fences_the_old_leader():
    old = Gateway(threads=1, fence=f"telephony:node1@{await _take()}")
    await old(records.open_call, arrival(), at=clock.now())
    await _take()  # another worker, while the first believes that it still leads

    with pytest.raises(Interrupted):
        await old(records.open_call, arrival(), at=clock.now())
    await old.close()
    assert await in_db(Call.objects.count) == 1


async def test_without_the_fence_the_old_leader_would_write():
    """The control: what the test above proves is the trigger's doing."""
    old = Gateway(threads=1, fence=f"telephony:node1@{await _take()}")
    await _take()
    with _as_owner() as owner:
        owner.execute("ALTER TABLE telephony_call DISABLE TRIGGER USER")
        owner.execute("ALTER TABLE telephony_leg DISABLE TRIGGER USER")
    try:
        await old(records.open_call, arrival(), at=clock.now())
    finally:
        with _as_owner() as owner:
            owner.execute("ALTER TABLE telephony_call ENABLE TRIGGER USER")
            owner.execute("ALTER TABLE telephony_leg ENABLE TRIGGER USER")
        await old.close()
    assert await in_db(Call.objects.count) == 1


async def test_each_fenced_table_refuses_the_old_leader_and_its_trigger_is_what_refuses():
    old = Gateway(threads=1, fence=f"telephony:node1@{await _take()}")
    await _take()
    with _as_owner() as owner:
        for table, trigger in FENCED.items():
            # The fence is asked once a statement, whatever it writes.
            write = partial(sql.do, f"INSERT INTO {table} SELECT * FROM {table} WHERE false", [])
            with pytest.raises(Deposed):
                await old(write)
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            try:
                await old(write)
            finally:
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    await old.close()
    assert len(FENCED) >= 20


async def test_a_take_over_waits_for_the_old_leaders_open_transaction():
    epoch = await _take()
    url = settings.DATABASE_DIRECT_URL
    with psycopg.connect(url, options=f"-c bankline.fence=telephony:node1@{epoch}") as old:
        old.execute("UPDATE telephony_call SET caller = caller")
        taking = asyncio.create_task(_take())
        done, _ = await asyncio.wait([taking], timeout=0.3)
        assert not done
        old.commit()
    async with asyncio.timeout(5):
        assert await taking == epoch + 1
    assert (await in_db(Fence.objects.get, name="telephony:node1")).epoch == epoch + 1


async def in_db(query, *args, **kwargs):
    gateway = Gateway(threads=1)
    try:
        return await gateway(query, *args, **kwargs)
    finally:
        await gateway.close()


async def _take() -> int:
    return await in_db(fences.take, "telephony:node1", holder="test", at=clock.now())


def _as_owner() -> "psycopg.Connection":
    params = connection.get_connection_params()
    return psycopg.connect(
        host=params["host"], user=OWNER, dbname=params["dbname"], autocommit=True
    )
