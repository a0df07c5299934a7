"""A prompt studio for stories: people, a folder of the bank's own, a voice that hums."""

import pytest

from people import approvals, staff
from people.models import Approval
from people.roles import Role
from telephony import rendering, wording
from telephony.prompts import voice
from tests.cast import NOON


@pytest.fixture
def own(settings, tmp_path):
    settings.OWN_PROMPTS, settings.SWITCH_OWN_PROMPTS = tmp_path / "own", str(tmp_path / "own")
    return settings.OWN_PROMPTS


@pytest.fixture
def lina(db):
    return staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])


@pytest.fixture
def zhang(db):
    return staff.hire(number="6002", name="张敏", branch=None, roles=[Role.SUPERVISOR])


@pytest.fixture
def hum(settings):
    """The voice of this bank, from now on."""
    settings.VOICE = "tests.voices.Hum"
    voice._made.cache_clear()
    yield voice.of_this_bank()
    voice._made.cache_clear()


def approve_all(by, at=NOON) -> None:
    """What is open, words first, then their audio."""
    for asked in Approval.objects.filter(state="open").order_by("pk"):
        approvals.approve(asked.pk, by=by, at=at)


def render(at=NOON) -> int:
    """Task after task, until nothing waits."""
    done = 0
    while made := rendering.go_on(at=at):
        done += made
    return done


def says(key="goodbye", lang="zh", **values) -> str:
    return wording.prompts().say(lang, key, **values).text
