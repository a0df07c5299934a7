"""Of use or not, what is wrong, and the word that comes back."""

from datetime import datetime

from django.db import transaction

from kb.errors import AnsweredAlready, NothingToAnswer
from kb.models import ArticleVersion, Opinion, Verdict
from people.approvals import NoWord
from people.models import User
from telephony.models import Call


@transaction.atomic
def give(
    version_id: int,
    *,
    useful: bool,
    words: str = "",
    by: User,
    call: Call | None,
    at: datetime,
) -> Opinion:
    """Write it down. `words`, if any, are a correction, for the owner to answer."""
    version = ArticleVersion.objects.get(pk=version_id)
    words = words.strip()
    return Opinion.objects.create(
        version=version, useful=useful, words=words, by=by, call=call, at=at
    )


def take_up(opinion_id: int, word: str, *, by: User, at: datetime) -> Verdict:
    """The correction is right. Raises NothingToAnswer, AnsweredAlready, NoWord."""
    return _answer(opinion_id, word, taken_up=True, by=by, at=at)


def decline(opinion_id: int, word: str, *, by: User, at: datetime) -> Verdict:
    """The article stays as it is. Raises NothingToAnswer, AnsweredAlready, NoWord."""
    return _answer(opinion_id, word, taken_up=False, by=by, at=at)


@transaction.atomic(durable=True)
def _answer(opinion_id: int, word: str, *, taken_up: bool, by: User, at: datetime) -> Verdict:
    if not word.strip():
        raise NoWord
    opinion = Opinion.objects.get(pk=opinion_id)
    if not opinion.words:
        raise NothingToAnswer
    verdict, made = Verdict.objects.get_or_create(
        opinion=opinion,
        defaults={"taken_up": taken_up, "word": word.strip(), "by": by, "at": at},
    )
    if not made:
        raise AnsweredAlready
    return verdict
