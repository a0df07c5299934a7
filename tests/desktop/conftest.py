"""An agent's page without a switch: what routing and telephony have, made by their services."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from calendars import clock
from desktop.floor import look
from people.models import User
from reporting import expected, settled
from tests import cast, clerks
from tests.desktop import seats
from tests.prompting import hum, lina, own, zhang  # noqa: F401  # fixtures
from tests.routing.conftest import hire, seat, shipped_floor  # noqa: F401
from tests.telephony.conftest import books  # noqa: F401


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch) -> None:
    """What this process remembers of a day is of another test's database."""
    monkeypatch.setattr(look, "_day", settled.Day())
    monkeypatch.setattr(look, "_forecast", expected.Day())


@pytest.fixture
def lin(books) -> User:  # noqa: F811
    """林晓 1023, who takes the calls of 综合."""
    return seats.hire()


@pytest.fixture
def noon(monkeypatch) -> Iterator[datetime]:
    """The clock stands."""
    monkeypatch.setattr(clock, "_real", lambda: cast.NOON)
    return cast.NOON


@pytest.fixture
def wang(transactional_db, noon) -> cast.Person:
    """Whom the settlement desk works for, at noon; a page with another 王芳 has her own."""
    clerks.desk_rule()
    return cast.wang(opening=300_000, is_test=False)
