"""The way of a version, for every kind: written, reviewed by somebody else, published, replaced.

A kind is a wording (`kb/wordings.py`), its tables (`kb/models/versions.py`) and what keeps a
wording from being published. Its page is `kb/admin/versions.py`.
"""

from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet

from kb.errors import DraftOpen, Faulty, KeyTaken, NotNow, NotWhole, OwnArticle
from kb.models.versions import WROTE, Reviewed, Step, Subject, Version
from kb.wordings import Wording
from people.approvals import NoWord
from people.models import User
from people.words import listed

V = TypeVar("V", bound=Version)
W = TypeVar("W", bound=Wording)

State, What = Version.State, Step.What


class Kind(Generic[V, W]):
    """The verbs over one kind of version; a kind says what its wording may not lack."""

    words: type[W]
    needed: tuple[str, ...]  # parts of the wording without which there is no draft

    def faults(self, wording: W, *, at: datetime) -> list[str]:
        """All that keeps it from being published, each a sentence for its editor."""
        return []

    def begins(self, version: V, *, at: datetime) -> datetime:
        """From when it holds, if it is published at `at`."""
        return at

    # -- verbs ---------------------------------------------------------------------------------

    @transaction.atomic
    def begin(self, key: str, wording: W, *, by: User, at: datetime, **subject: Any) -> V:
        """A new subject and its first draft. Raises KeyTaken, NotWhole."""
        try:
            with transaction.atomic():
                made = self.subjects.create(key=key, **subject)
        except IntegrityError:
            raise KeyTaken(key=key) from None
        return self._drafted(made, wording, by=by, at=at)

    @transaction.atomic
    def revise(self, subject_id: int, *, by: User, at: datetime) -> V:
        """A draft that begins as what was published last. Raises DraftOpen, NotNow."""
        subject = self.lock(subject_id)
        versions = subject.versions.exclude(state=State.DROPPED)
        if versions.filter(state__in=[State.DRAFT, State.REVIEW]).exists():
            raise DraftOpen
        latest = versions.first()
        if latest is None:
            raise NotNow
        return self._drafted(subject, self.words.of(latest), by=by, at=at)

    @transaction.atomic
    def write(self, version_id: int, wording: W, *, by: User, at: datetime) -> V:
        """Word a draft anew; who wrote in it can't review it. Raises NotNow, NotWhole."""
        version = self._lock_version(version_id, State.DRAFT)
        self._has_words(wording)
        wording.put(version)
        version.author, version.edited_at = by, at
        version.save()
        self._step(version, What.DRAFTED, by=by, at=at)
        return version

    @transaction.atomic(durable=True)
    def submit(self, version_id: int, *, by: User, at: datetime) -> V:
        """Ready for somebody else's eyes; fixed from now on. Raises NotNow, Faulty."""
        version = self._lock_version(version_id, State.DRAFT)
        self._require(version, at=at)
        return self._turn(version, State.REVIEW, What.SUBMITTED, by=by, at=at)

    @transaction.atomic(durable=True)
    def drop(self, version_id: int, *, by: User, at: datetime) -> V:
        """A draft that nobody needs. Raises NotNow."""
        version = self._lock_version(version_id, State.DRAFT)
        return self._turn(version, State.DROPPED, What.DROPPED, by=by, at=at)

    @transaction.atomic(durable=True)
    def approve(self, version_id: int, *, by: User, at: datetime) -> V:
        """Published, in place of the one before.

        Raises NotNow, OwnArticle, Faulty: what it names went meanwhile.
        """
        version = self._reviewed(version_id, by)
        self._require(version, at=at)
        version.reviewer = by
        self._put_in_force(version, by=by, at=at)
        self._step(version, What.APPROVED, by=by, at=at)
        return version

    @transaction.atomic(durable=True)
    def send_back(self, version_id: int, why: str, *, by: User, at: datetime) -> V:
        """It will not do yet: a draft again. Raises NotNow, OwnArticle, NoWord."""
        version = self._reviewed(version_id, by)
        return self._turn(version, State.DRAFT, What.RETURNED, by=by, at=at, note=said(why))

    @transaction.atomic(durable=True)
    def withdraw(self, version_id: int, why: str, *, by: User, at: datetime) -> V:
        """It holds no more, at once. Raises NotNow, NoWord."""
        why = said(why)
        version = self._lock_version(version_id, State.PUBLISHED)
        assert version.valid_from is not None  # PostgreSQL keeps it of what was published
        version.valid_to = max(at, version.valid_from)
        return self._turn(version, State.WITHDRAWN, What.WITHDRAWN, by=by, at=at, note=why)

    @transaction.atomic
    def ship(self, key: str, wording: W, *, at: datetime, **subject: Any) -> None:
        """Publish it as by nobody, unless a bank has worded it itself or withdrawn it."""
        made, _new = self.subjects.get_or_create(key=key, defaults=subject)
        newest = self.lock(made.pk).versions.first()
        if newest and (newest.author_id or newest.state != State.PUBLISHED):
            return
        if newest and self.words.of(newest) == wording:
            return
        version = self._numbered(made, at=at, shipped_digest=wording.digest)
        wording.put(version)
        self._put_in_force(version, by=None, at=at)
        self._step(version, What.SHIPPED, by=None, at=at)

    # -- what is asked of them -----------------------------------------------------------------

    @property
    def table(self) -> type[V]:
        return cast(type[V], self.words.table)

    @property
    def versions(self) -> QuerySet[V]:
        return self.table._default_manager.all()

    @property
    def subjects(self) -> Any:
        """The manager of what is worded."""
        related: Any = self.table._meta.get_field(self.table.of).related_model
        return related._default_manager

    def lock(self, subject_id: int) -> Subject:
        """Alone with all its versions until the commit."""
        found: Subject = self.subjects.select_for_update(of=("self",)).get(pk=subject_id)
        return found

    # -- inside --------------------------------------------------------------------------------

    def _drafted(self, subject: Subject, wording: W, *, by: User, at: datetime) -> V:
        self._has_words(wording)
        version = self._numbered(subject, at=at, author=by)
        wording.put(version)
        version.save()
        self._step(version, What.DRAFTED, by=by, at=at)
        return version

    def _numbered(self, subject: Subject, *, at: datetime, **values: Any) -> V:
        """Not saved yet; needs the subject's lock."""
        latest: int | None = subject.versions.aggregate(latest=Max("number"))["latest"]
        whose = {self.table.of: subject}
        return self.table(number=(latest or 0) + 1, edited_at=at, **whose, **values)

    def _put_in_force(self, version: V, *, by: User | None, at: datetime) -> None:
        """The one writer of what holds; needs the subject's lock."""
        begins = self.begins(version, at=at)
        others = self.versions.filter(**{version.of: version.subject_id})
        held = others.filter(state__in=[State.PUBLISHED, State.REPLACED])
        for before in held.filter(Q(valid_to=None) | Q(valid_to__gt=begins)):
            assert before.valid_from is not None  # PostgreSQL keeps it of what was published
            before.valid_to = max(begins, before.valid_from)
            if before.state == State.PUBLISHED:
                self._turn(before, State.REPLACED, What.REPLACED, by=by, at=at)
            else:
                before.save(update_fields=["valid_to"])
        version.state, version.valid_from = State.PUBLISHED, begins
        version.save()

    def _turn(
        self, version: V, state: str, what: str, *, by: User | None, at: datetime, note: str = ""
    ) -> V:
        version.state = state
        version.save(update_fields=["state", "valid_to"])
        self._step(version, what, by=by, at=at, note=note)
        return version

    def _step(
        self, version: V, what: str, *, by: User | None, at: datetime, note: str = ""
    ) -> None:
        version.history.create(what=what, by=by, at=at, note=note)

    def _lock_version(self, version_id: int, state: str) -> V:
        """Alone with it and its subject until the commit. Raises NotNow."""
        of = self.table.of
        self.lock(self.versions.values_list(f"{of}_id", flat=True).get(pk=version_id))
        version = self.versions.select_related(of).get(pk=version_id)
        if version.state != state:
            raise NotNow
        return version

    def _reviewed(self, version_id: int, by: User) -> V:
        version = self._lock_version(version_id, State.REVIEW)
        not_hers(version, by)
        return version

    def _require(self, version: V, *, at: datetime) -> None:
        if wrong := self.faults(self.words.of(version), at=at):
            raise Faulty(faults=" ".join(wrong))

    def _has_words(self, wording: W) -> None:
        if lacking := [name for name in self.needed if not getattr(wording, name)]:
            raise NotWhole(parts=listed(map(self.words.label, lacking)))


def not_hers(version: Reviewed, by: User) -> None:
    """Raises OwnArticle where she wrote in it."""
    wrote = version.history.filter(what__in=WROTE, by=by)
    if version.author_id == by.pk or wrote.exists():
        raise OwnArticle


def said(why: str) -> str:
    """Raises NoWord."""
    if not why.strip():
        raise NoWord
    return why.strip()
