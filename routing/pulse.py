"""The dispatcher's pulse: one row that pages and `/readyz` read (`floor.pulse`)."""

from datetime import datetime, timedelta

from django.conf import settings

from banking import sql
from routing.rounds import Round

EVERY = timedelta(seconds=1)  # of real time: a beat sooner than that is not written

BEAT = """
    INSERT INTO routing_dispatcher AS d (name, holder, beat_at, round_ms, rounds, waiting, ready)
    VALUES ('dispatcher', %(holder)s, %(at)s, %(ms)s, %(rounds)s, %(waiting)s, %(ready)s)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, beat_at = excluded.beat_at,
        round_ms = excluded.round_ms, rounds = d.rounds + excluded.rounds,
        waiting = excluded.waiting, ready = excluded.ready
    WHERE d.holder <> excluded.holder OR d.beat_at <= %(before)s OR d.beat_at > excluded.beat_at
    RETURNING 1
"""


def beat(holder: str, done: Round, *, ms: float, at: datetime, rounds: int = 1) -> bool:
    """Say that the dispatcher lives and what its last round saw; `ms`: how long that took.

    `rounds` counts those since the last beat that was written. True if this one was.
    """
    values: dict[str, str | datetime | float] = {
        "holder": holder,
        "at": at,
        "before": at - EVERY * settings.CLOCK_RATE,
        "ms": round(ms, 1),
        "rounds": rounds,
        "waiting": done.waiting,
        "ready": done.ready,
    }
    return sql.row(BEAT, values) is not None
