"""Fencing: a process that lost its lead without noticing changes nothing any more.

A leader's connections carry ``bankline.fence = name@epoch``. Each write to a fenced table by
such a connection first takes the fence's shared advisory lock and compares the epoch; a
take-over holds the lock exclusively while it raises it. So a write is either committed before
the take-over or refused, whatever the network did meanwhile. Connections without a fence (web,
tasks) pay one `current_setting`.
"""

from datetime import datetime

import pgtrigger
from django.db import connection, transaction

from live.models import Fence

SQLSTATE = "BF001"


class FencedTable(pgtrigger.Trigger):
    """Put it among a model's triggers: writes are refused to a fenced-off leader."""

    name = "fence"
    when = pgtrigger.Before
    level = pgtrigger.Statement
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    declare = [("fence", "TEXT"), ("leader", "TEXT")]
    func = f"""
        fence := current_setting('bankline.fence', true);
        IF fence <> '' THEN
            leader := split_part(fence, '@', 1);
            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));
            PERFORM 1 FROM public.live_fence
                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a newer leader took over from %', fence
                    USING ERRCODE = '{SQLSTATE}';
            END IF;
        END IF;
        RETURN NULL;
    """


@transaction.atomic(durable=True)
def take(name: str, *, holder: str, at: datetime) -> int:
    """Raise the epoch of `name` and return it; waits for the old leader's open transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fence'), hashtext(%s))", [name])
    fence, _ = Fence.objects.get_or_create(name=name)
    fence.epoch += 1
    fence.holder, fence.since = holder, at
    fence.save()
    return fence.epoch


def is_fenced(error: BaseException | None) -> bool:
    """Whether a database error says that a newer leader took over."""
    while error is not None:
        if getattr(getattr(error, "diag", None), "sqlstate", None) == SQLSTATE:
            return True
        error = error.__cause__
    return False
