"""Two pairs of eyes (双人复核): what one member of staff asks, another decides.

Each kind of request is an `Approvable`, registered under its name by `@approval` and imported at
start-up by the app whose business it is. The decision and what follows from it are one
transaction: an approval that could not be carried out was not given.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import Approval, User

State = Approval.State


class AlreadyAsked(Refusal):
    text = _("This was asked already, and waits for a decision.")


class AlreadyDecided(Refusal):
    text = _("This was decided, withdrawn or has lapsed. Nothing was changed.")


class OwnRequest(Refusal):
    text = _("Somebody else must decide what you asked. Nothing was changed.")


class NotYours(Refusal):
    text = _("Your role may not do this. Nothing was changed.")
    status = 403


class NoWord(Refusal):
    text = _("Say why. Nothing was changed.")


class Approvable(ABC):
    """One kind of request. It is made once, at start-up, and keeps nothing."""

    name: ClassVar[str]
    ask: ClassVar[str]  # the permission to ask, "app.codename"
    decide: ClassVar[str]
    title: ClassVar[str | Promise]

    @abstractmethod
    def summary(self, approval: Approval) -> str:
        """What was asked, in a sentence of the reader's language; customers masked."""

    @abstractmethod
    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        """Do it, in the transaction of the decision: it needs one and opens none that is durable.

        `approval.decided_by` has decided. Raises a Refusal where it can't be done any more: then
        nothing was decided.
        """

    def refused(self, approval: Approval, *, at: datetime) -> None:
        """What follows from a no, in the same transaction. Nothing, unless it says otherwise."""
        return

    def withdrawn(self, approval: Approval, *, at: datetime) -> None:
        """What follows when who asked thinks again, in the same transaction."""
        return

    def page(self, approval: Approval) -> Model | None:
        """The row whose page a decider opens first: the subject's, unless it says otherwise."""
        return subject(approval)


_kinds: dict[str, Approvable] = {}
K = TypeVar("K", bound=type[Approvable])


def approval(name: str, *, ask: str, decide: str) -> Callable[[K], K]:
    """Register a kind. Two of one name are a fault at start-up."""

    def register(kind: K) -> K:
        if name in _kinds:
            raise RuntimeError(f"two kinds of approval are called {name!r}")
        kind.name, kind.ask, kind.decide = name, ask, decide
        _kinds[name] = kind()
        return kind

    return register


def of(approval: Approval) -> Approvable:
    """Raises KeyError for a kind that is not built."""
    return _kinds[approval.kind]


def kinds() -> Mapping[str, Approvable]:
    """All that are built, by name."""
    return _kinds


def named(subject: Model) -> str:
    return f"{subject._meta.label_lower}:{subject.pk}"


def subject(approval: Approval) -> Model | None:
    """The row that it is about; None if it is gone."""
    label, _colon, key = approval.subject.partition(":")
    found: Model | None = apps.get_model(label)._default_manager.filter(pk=key).first()
    return found


@transaction.atomic
def ask(
    name: str,
    subject: Model,
    *,
    by: User,
    reason: str,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> Approval:
    """Ask for a decision by somebody else; one of a kind at a time about a subject.

    May be a part of the transaction that makes it needed. `details` are frozen as they are.
    Raises NotYours, NoWord, AlreadyAsked.
    """
    if not by.has_perm(_kinds[name].ask):
        raise NotYours
    if not reason.strip():
        raise NoWord
    same = Approval.objects.filter(kind=name, subject=named(subject), state=State.OPEN)
    same.filter(expires_at__lte=at).update(state=State.LAPSED, decided_at=at)
    try:
        with transaction.atomic():
            return Approval.objects.create(
                kind=name,
                subject=named(subject),
                details=dict(details or {}),
                reason=reason.strip(),
                asked_by=by,
                asked_at=at,
                expires_at=expires_at,
            )
    except IntegrityError:
        if same.exists():
            raise AlreadyAsked from None
        raise


@transaction.atomic(durable=True)
def approve(pk: int, *, by: User, at: datetime, note: str = "") -> Approval:
    """Decide for it, and carry it out.

    Raises AlreadyDecided, OwnRequest, NotYours, or what its kind refuses: then it stays open.
    """
    found = _decide(pk, State.APPROVED, by=by, at=at, note=note)
    of(found).carry_out(found, at=at)
    return found


@transaction.atomic(durable=True)
def refuse(pk: int, *, by: User, at: datetime, note: str) -> Approval:
    """Decide against it, and say why. Raises NoWord, AlreadyDecided, OwnRequest, NotYours."""
    if not note.strip():
        raise NoWord
    found = _decide(pk, State.REFUSED, by=by, at=at, note=note)
    of(found).refused(found, at=at)
    return found


@transaction.atomic(durable=True)
def withdraw(pk: int, *, by: User, at: datetime) -> Approval:
    """Who asked thinks again. Raises AlreadyDecided, NotYours."""
    found = _lock(pk, at)
    if found.asked_by_id != by.pk:
        raise NotYours
    found.state, found.decided_at = State.WITHDRAWN, at
    found.save(update_fields=["state", "decided_at"])
    of(found).withdrawn(found, at=at)
    return found


def visible(user: User) -> QuerySet[Approval]:
    """Those of the kinds that she asks or decides; to who has no part in any (the auditor) all."""
    hers = [
        name
        for name, kind in _kinds.items()
        if user.has_perm(kind.ask) or user.has_perm(kind.decide)
    ]
    return Approval.objects.filter(kind__in=hers or list(_kinds))


def still_open(at: datetime) -> Q:
    """Those that can be decided."""
    return Q(state=State.OPEN) & (Q(expires_at=None) | Q(expires_at__gt=at))


def _decide(pk: int, state: State, *, by: User, at: datetime, note: str) -> Approval:
    found = _lock(pk, at)
    if not by.has_perm(of(found).decide):
        raise NotYours
    if found.asked_by_id == by.pk:
        raise OwnRequest
    found.state, found.decided_by, found.decided_at, found.note = state, by, at, note.strip()
    found.save(update_fields=["state", "decided_by", "decided_at", "note"])
    return found


def _lock(pk: int, at: datetime) -> Approval:
    """Alone with it until the commit. Raises AlreadyDecided."""
    found = Approval.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if not found.is_open(at):
        raise AlreadyDecided
    return found
