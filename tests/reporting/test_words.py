"""How figures are written: rounded half up, once, and nothing is no zero."""

from decimal import Decimal

import pytest

from reporting import words
from reporting.kpi import Kpi


@pytest.mark.parametrize(
    ("kpi", "value", "shown"),
    [
        (Kpi.SERVICE_LEVEL, "0.8479", "84.8%"),
        (Kpi.SERVICE_LEVEL, "0.84750", "84.8%"),
        (Kpi.SERVICE_LEVEL, "0", "0.0%"),
        (Kpi.SERVICE_LEVEL, "1", "100.0%"),
        (Kpi.AHT, "166.4", "02:46"),
        (Kpi.AHT, "166.5", "02:47"),
        (Kpi.AHT, "3725", "62:05"),
        (Kpi.ASA, "0.4", "00:00"),
        (Kpi.WAITING, "3", "3"),
    ],
)
def test_a_value_in_its_unit(kpi, value, shown):
    assert words.figure(kpi, Decimal(value)) == shown
    assert words.figure(kpi, None) == "—"


@pytest.mark.parametrize(
    ("kpi", "value", "shown"),
    [
        (Kpi.SERVICE_LEVEL, "0.8", "80%"),
        (Kpi.ABANDONMENT, "0.025", "2.5%"),
        (Kpi.ASA, "20", "00:20"),
    ],
)
def test_a_target_has_no_needless_places(kpi, value, shown):
    assert words.bound(kpi, Decimal(value)) == shown
