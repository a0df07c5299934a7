"""A journal's whole family: all that was booked for one thing, wherever one enters it.

Its head is part of nothing, and of the instruction where there is one. A fee and an interest are
parts of it; what gave the fee back is a part of the fee, what pays out of suspense a part of what
came back: to any depth.
"""

from collections.abc import Iterable, Mapping
from typing import LiteralString
from uuid import UUID

from django.db.models import QuerySet

from banking import sql
from banking.models import Instruction, Journal

_HEAD: LiteralString = """
    WITH RECURSIVE up (id, part_of_id) AS (
        SELECT id, part_of_id FROM banking_journal WHERE id = %s
        UNION ALL
        SELECT whole.id, whole.part_of_id
        FROM up JOIN banking_journal whole ON whole.id = up.part_of_id
    )
    SELECT id FROM up WHERE part_of_id IS NULL
"""

_ALL: LiteralString = """
    WITH RECURSIVE down (head, id) AS (
        SELECT id, id FROM banking_journal WHERE id = ANY(%s::bigint[])
        UNION ALL
        SELECT down.head, part.id
        FROM down JOIN banking_journal part ON part.part_of_id = down.id
    )
    SELECT head, id FROM down
"""


def head_of(journal: Journal) -> Journal:
    """What it all began with; itself, where it is part of nothing."""
    if journal.part_of_id is None:
        return journal
    found = sql.row(_HEAD, [journal.pk])
    assert found is not None  # a journal is part of an older one: the way up ends
    return Journal.objects.select_related("instruction").get(pk=found[0])


def of(journal: Journal) -> QuerySet[Journal]:
    """The whole family, in the order in which it was booked."""
    ids = [id_ for _head, id_ in sql.rows(_ALL, [[head_of(journal).pk]])]
    return Journal.objects.filter(pk__in=ids).order_by("id")


def of_order(order: Instruction) -> QuerySet[Journal]:
    """All that was booked for an instruction; nothing before it is executed."""
    return Journal.objects.filter(pk__in=_ids([order.key])).order_by("id")


def of_orders(keys: Iterable[UUID]) -> tuple[QuerySet[Journal], Mapping[int, UUID]]:
    """As `of_order` for many at once, and of which instruction each journal is, by its id."""
    owners = _ids(keys)
    return Journal.objects.filter(pk__in=owners).order_by("id"), owners


def _ids(keys: Iterable[UUID]) -> dict[int, UUID]:
    heads = dict(
        Journal.objects.filter(instruction__in=list(keys)).values_list("pk", "instruction")
    )
    return {id_: heads[head] for head, id_ in sql.rows(_ALL, [list(heads)])}
