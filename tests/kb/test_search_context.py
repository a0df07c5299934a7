"""What is known of the caller moves up what fits her, and leaves nothing out. No database."""

from datetime import timedelta

import pytest

from kb.search.context import NOTHING, Context, Facts, factor
from tests.cast import NOON

PLAIN = Facts(
    category="cards",
    customers="personal",
    services=frozenset({"card-loss"}),
    names="信用卡怎么挂失",
    verify_by=NOON + timedelta(days=1),
)


@pytest.mark.parametrize(
    "context",
    [Context(services=frozenset({"card-loss"})), Context(holds=frozenset({"信用卡"}))],
)
def test_what_fits_her_is_moved_up(context):
    assert factor(PLAIN, context, at=NOON) > 1 == factor(PLAIN, NOTHING, at=NOON)


def test_what_is_for_others_is_moved_down():
    assert factor(PLAIN, Context(customers="corporate"), at=NOON) < 1
    assert factor(PLAIN, Context(customers="personal"), at=NOON) == 1


def test_what_nobody_stands_by_any_more_is_moved_down():
    assert factor(PLAIN, NOTHING, at=PLAIN.verify_by) < 1
