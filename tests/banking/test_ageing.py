"""How old something is, in bands of the bank's days."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.settlement_desk.ageing import Band, band, by_band
from calendars.clock import SHANGHAI, bank_day

DAY = date(2026, 11, 24)


def moment(days: int, clock: str = "12:00:00") -> datetime:
    """That many days before."""
    at = datetime.fromisoformat(f"{DAY.isoformat()}T{clock}").replace(tzinfo=SHANGHAI)
    return at - timedelta(days=days)


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (moment(0, "00:00:00"), Band.TODAY),
        (moment(0, "23:59:59"), Band.TODAY),
        (moment(-1), Band.TODAY),  # drawn up for a day that is over
        (moment(1, "23:59:59"), Band.ONE),
        (moment(1, "00:00:00"), Band.ONE),
        (moment(2, "23:59:59"), Band.FEW),
        (moment(3, "00:00:00"), Band.FEW),
        (moment(4, "23:59:59"), Band.MORE),
        (moment(400), Band.MORE),
    ],
)
def test_the_midnights_count(since, found):
    assert band(since, day=DAY) == found


moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 24)).map(
    lambda at: at.replace(tzinfo=SHANGHAI)
)
yuan = st.decimals(Decimal("0.01"), Decimal(9999), places=2)


@given(st.lists(st.tuples(moments, yuan), max_size=9))
def test_nothing_is_lost_between_the_bands(found):
    aged = by_band(found, day=DAY)
    assert [one.band for one in aged] == list(Band)
    assert sum(one.count for one in aged) == len(found)
    assert sum(one.total for one in aged) == sum(amount for _since, amount in found)
    young = [amount for since, amount in found if bank_day(since) == DAY]
    assert (aged[0].count, aged[0].total) == (len(young), sum(young))
