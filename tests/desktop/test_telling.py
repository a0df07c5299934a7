"""How the desk writes figures that are read to a caller."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from desktop.agent.services.telling import parts, percent, table


@pytest.mark.parametrize(
    ("rate", "written"),
    [
        ("0.05", "0.05%"),
        ("3.5", "3.50%"),
        ("3", "3.00%"),
        ("0.0125", "0.0125%"),
        ("1.3000", "1.30%"),
        ("2.125", "2.125%"),
    ],
)
def test_a_rate_has_two_places_and_what_more_it_needs(rate, written):
    assert percent(Decimal(rate)) == written


def test_no_rate_is_nothing():
    assert percent(None) == ""


def test_what_is_nothing_is_written_as_a_dash():
    assert table(("a", "b", "c"), [(1, None, "")]).rows == (("1", "—", "—"),)


@pytest.mark.parametrize(("language", "written"), [("zh-hans", "本金，利息"), ("en", "本金, 利息")])
def test_parts_are_parted_as_the_language_does(language, written):
    with override(language):
        assert parts("本金", "利息") == written
