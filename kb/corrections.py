"""What stood wrong is corrected: asked, approved by another, and who heard it is listed, once.

A new version of an article that its author marks as a correction is approved with the article. A
prompt or a fee, or an article that was corrected without a word, is asked for by itself and
approved under Approvals. The list is drawn up when nobody can hear it any more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import pricing
from banking.fees import Tier
from banking.models import Instruction
from banking.models.orders import State as Order
from banking.pricing import Priced, Schedule
from calendars.clock import SHANGHAI
from kb import hearing
from kb.errors import NothingBefore, NoTiers, NotNow, OutsideItsTime, OwnArticle
from kb.hearing import Heard
from kb.models import ArticleVersion, Charge, Correction, Hearer, Hearing
from kb.rates import Rate
from people import approvals
from people.approvals import Approvable, NoWord, approval
from people.models import Approval, User
from telephony import rewording
from telephony.models import Call, Recording

Kind, State = Correction.Kind, Correction.State
ZERO = Decimal("0.00")
CAME_TO_NOTHING = frozenset({Order.READ_BACK, Order.VOID, Order.REFUSED})
# After its end: what a worker has in hand is written, and who is being told has been told.
SETTLES = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a correction is about, before anybody asks for it: one of these."""

    version: ArticleVersion | None = None
    words: tuple[str, str, str] | None = None  # prompt, language, words as catalogues have them
    recording: Recording | None = None
    schedule: Schedule | None = None
    rate: Rate | None = None

    def columns(self) -> dict[str, Any]:
        if self.version:
            return {"kind": Kind.ARTICLE, "version": self.version}
        if self.words:
            prompt, lang, words = self.words
            return {"kind": Kind.PROMPT, "prompt": prompt, "lang": lang, "words": words}
        if self.recording:
            return {
                "kind": Kind.PROMPT,
                "prompt": hearing.prompt_of(self.recording),
                "lang": self.recording.file.partition("/")[0],
                "recording": self.recording,
            }
        if self.rate:
            return {
                "kind": Kind.RATE,
                "figure": self.rate.figure,
                "valid_from": self.rate.valid_from,
            }
        assert self.schedule
        return {
            "kind": Kind.FEE,
            "business": self.schedule.kind,
            "channel": self.schedule.channel,
            "vip": self.schedule.vip,
            "valid_from": self.schedule.valid_from,
        }

    def stood(self) -> tuple[datetime | None, datetime | None]:
        """[from, to) in which it could be heard; None: not known, or to this day."""
        if self.version:
            return self.version.valid_from, self.version.valid_to
        if self.recording:
            return self.recording.decided_at, self.recording.ended_at
        if self.words:
            prompt, lang, words = self.words
            return rewording.stood(lang, prompt, words)
        dated = self.rate or self.schedule
        assert dated
        return dated.stood()


# -- asking and approving ----------------------------------------------------------------------


@transaction.atomic(durable=True)
def ask(
    wrong: Wrong,
    *,
    since: datetime,
    until: datetime,
    why: str,
    right: Sequence[Tier] = (),
    by: User,
    at: datetime,
) -> Correction:
    """Ask who heard it in [since, until). `right` are the tiers that should have stood of a fee.

    Raises NoWord, OutsideItsTime, NoTiers, and what `approvals.ask` does.
    """
    begun, ended = wrong.stood()
    if since >= until or (begun and since < begun) or (ended and until > ended):
        raise OutsideItsTime
    if wrong.schedule and not right:
        raise NoTiers
    row = Correction.objects.create(
        **wrong.columns(),
        right=[_plain(tier) for tier in right],
        wrong_from=since,
        wrong_to=until,
        why=_said(why),
        by=by,
        asked_at=at,
    )
    approvals.ask("correction", row, by=by, reason=row.why[:200], at=at)
    return row


@transaction.atomic(durable=True)
def mark(
    draft_id: int, why: str, *, since: datetime | None = None, by: User, at: datetime
) -> Correction:
    """A draft corrects the version before it, wrong since then or from its beginning.

    Who approves the draft approves the correction. Raises NotNow, NothingBefore, OutsideItsTime,
    NoWord.
    """
    draft = ArticleVersion.objects.select_for_update(of=("self",)).get(pk=draft_id)
    if draft.state != ArticleVersion.State.DRAFT:
        raise NotNow
    before = draft.before()
    if before is None or before.valid_from is None:
        raise NothingBefore
    since = since or before.valid_from
    if since < before.valid_from or (before.valid_to and since >= before.valid_to):
        raise OutsideItsTime
    Correction.objects.filter(draft=draft, state=State.ASKED).update(state=State.DROPPED)
    return Correction.objects.create(
        kind=Kind.ARTICLE,
        version=before,
        draft=draft,
        wrong_from=since,
        why=_said(why),
        by=by,
        asked_at=at,
    )


def published(draft: ArticleVersion, *, by: User, at: datetime) -> None:
    """The draft is answered from its hour on; in the transaction that publishes it.

    Raises OwnArticle: who marked it can't approve it.
    """
    for row in Correction.objects.filter(draft=draft, state=State.ASKED).select_related("version"):
        assert row.version
        if row.by_id == by.pk:
            raise OwnArticle
        row.version.refresh_from_db(fields=["valid_to"])
        until = row.version.valid_to or draft.valid_from
        if until and until <= row.wrong_from:  # withdrawn before: nobody was told it
            row.state = State.DROPPED
            row.save(update_fields=["state"])
        else:
            _approve(row, until=until, by=by, at=at)


def dropped(draft: ArticleVersion) -> None:
    """In the transaction that drops the draft."""
    Correction.objects.filter(draft=draft, state=State.ASKED).update(state=State.DROPPED)


@approval("correction", ask="kb.ask_correction", decide="kb.decide_correction")
class ListHearers(Approvable):
    title = _("List who heard something wrong")

    def summary(self, approval: Approval) -> str:
        row = _of(approval)
        words = gettext("%(what)s was wrong from %(since)s until %(until)s: %(why)s")
        return words % {
            "what": row.subject,
            "since": f"{row.wrong_from.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            "until": f"{row.wrong_to.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if row.wrong_to else "",
            "why": row.why,
        }

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        assert approval.decided_by
        row = _of(approval)
        _approve(row, until=row.wrong_to, by=approval.decided_by, at=at)

    def refused(self, approval: Approval, *, at: datetime) -> None:
        _drop(approval)

    def withdrawn(self, approval: Approval, *, at: datetime) -> None:
        _drop(approval)


def _of(approval: Approval) -> Correction:
    return Correction.objects.select_related("version", "recording").get(
        pk=approval.subject.partition(":")[2]
    )


def _drop(approval: Approval) -> None:
    row = _of(approval)
    row.state = State.DROPPED
    row.save(update_fields=["state"])


def _approve(row: Correction, *, until: datetime | None, by: User, at: datetime) -> None:
    """Listed at once if it is over, else by the clock."""
    row.state, row.approved_by, row.approved_at, row.wrong_to = State.APPROVED, by, at, until
    row.save(update_fields=["state", "approved_by", "approved_at", "wrong_to"])
    if is_settled(row, at):
        _list(row, at=at)


# -- who heard it ------------------------------------------------------------------------------


@dataclass(slots=True)
class Person:
    """Who heard it, with all that is known of how."""

    customer_id: int | None = None
    phone: str = ""
    staff_id: int | None = None
    is_test: bool = False
    heard: list[Heard] = field(default_factory=list)
    charged: list[Priced] = field(default_factory=list)

    @property
    def calls(self) -> set[int]:
        return {one.call_id for one in self.heard if one.call_id}

    @property
    def at_stake(self) -> Decimal:
        return sum((one.at_stake for one in self.charged), ZERO)

    @property
    def first_at(self) -> datetime:
        told = [one.at for one in self.heard]
        return min(told + [one.order.drafted_at for one in self.charged])


def people(row: Correction, *, until: datetime) -> list[Person]:
    """Everybody once, with all her calls and orders; the most at stake first.

    Who proved who she is is known by that, others by the number they called from, even where it
    is a customer's: a number is no proof. Test calls and test customers are people apart. An order
    of which she was told nothing counts unless it came to nothing.
    """
    span = {"since": row.wrong_from, "until": min(until, row.wrong_to or until)}
    priced: list[Priced] = []
    match row.kind:
        case Kind.ARTICLE:
            assert row.version_id
            heard = hearing.of_article(row.version_id, **span)
        case Kind.PROMPT if row.recording:
            heard = hearing.of_recording(row.recording, **span)
        case Kind.PROMPT:
            heard = hearing.of_words(row.prompt, row.lang, row.words, **span)
        case Kind.RATE:
            assert row.valid_from
            heard = hearing.of_rate(Rate(row.figure, row.valid_from), **span)
        case _:
            schedule = schedule_of(row)
            priced = pricing.priced(schedule, tiers(row), **span)
            heard = hearing.of_fee(schedule, priced, **span)
    found = _gathered(heard, priced)
    return sorted(found, key=lambda one: (-one.at_stake, one.first_at))


def _gathered(heard: Iterable[Heard], priced: Iterable[Priced]) -> Iterable[Person]:
    heard, priced = list(heard), list(priced)
    calls = Call.objects.select_related("customer").in_bulk({h.call_id for h in heard} - {None})
    told = {key for one in heard for key in one.orders}
    found: dict[object, Person] = {}
    for one in heard:
        person = _caller(calls[one.call_id]) if one.call_id else Person(staff_id=one.agent_id)
        found.setdefault(_known_by(person), person).heard.append(one)
    for order in priced:
        customer = order.order.customer
        assert customer
        if order.order.key in told or order.order.state not in CAME_TO_NOTHING:
            person = Person(customer.pk, is_test=customer.is_test)
            found.setdefault(_known_by(person), person).charged.append(order)
    return found.values()


def _caller(call: Call) -> Person:
    if call.customer:
        return Person(call.customer.pk, is_test=call.is_test or call.customer.is_test)
    return Person(phone=call.caller, is_test=call.is_test)


def _known_by(person: Person) -> tuple[object, ...]:
    return person.customer_id, person.phone, person.staff_id, person.is_test


def schedule_of(row: Correction) -> Schedule:
    assert row.valid_from
    return Schedule(row.business, row.channel, row.vip, row.valid_from)


def tiers(row: Correction) -> list[Tier]:
    """What should have stood."""
    return [
        Tier(
            Decimal(tier["above"]),
            Decimal(tier["flat"]),
            Decimal(tier["rate"]),
            None if tier["cap"] is None else Decimal(tier["cap"]),
        )
        for tier in row.right
    ]


def _plain(tier: Tier) -> dict[str, str | None]:
    return {
        "above": str(tier.above),
        "flat": str(tier.flat),
        "rate": str(tier.rate),
        "cap": None if tier.cap is None else str(tier.cap),
    }


# -- the list ----------------------------------------------------------------------------------


def is_settled(row: Correction, at: datetime) -> bool:
    """Whether all that was heard of it has been written down.

    A call that began in its interval keeps a prompt's words to its end.
    """
    if row.wrong_to is None or at < row.wrong_to + SETTLES:
        return False
    if row.kind != Kind.PROMPT:
        return True
    return not Call.objects.filter(
        ended_at=None, taken_at__lt=row.wrong_to + hearing.LAYS_OUT
    ).exists()


def list_due(*, at: datetime) -> int:
    """Draw up the lists of what is approved and over; how many."""
    due = Correction.objects.filter(state=State.APPROVED, wrong_to__lte=at - SETTLES)
    return sum(_list_by_itself(pk, at) for pk in due.values_list("pk", flat=True))


@transaction.atomic(durable=True)
def _list_by_itself(pk: int, at: datetime) -> bool:
    rows = Correction.objects.select_for_update(of=("self",)).select_related("version", "recording")
    row = rows.filter(pk=pk, state=State.APPROVED).first()
    if row is None or not is_settled(row, at):
        return False
    _list(row, at=at)
    return True


def _list(row: Correction, *, at: datetime) -> None:
    """Who heard it, as facts: once, and never again."""
    assert row.wrong_to
    found = people(row, until=row.wrong_to)
    hearers = Hearer.objects.bulk_create(
        Hearer(
            correction=row,
            customer_id=one.customer_id,
            phone=one.phone,
            staff_id=one.staff_id,
            calls=len(one.calls),
            orders=len(one.charged),
            at_stake=one.at_stake,
            first_at=one.first_at,
            state=_begins_as(one),
        )
        for one in found
    )
    Hearing.objects.bulk_create(
        Hearing(
            hearer=hearer,
            way=heard.way,
            at=heard.at,
            times=heard.times,
            call_id=heard.call_id,
            agent_id=heard.agent_id,
            version_id=heard.version_id,
        )
        for hearer, one in zip(hearers, found, strict=True)
        for heard in one.heard
    )
    charges = [(h, priced) for h, one in zip(hearers, found, strict=True) for priced in one.charged]
    said_in = _calls_of(priced.order for _hearer, priced in charges)
    Charge.objects.bulk_create(
        Charge(
            hearer=hearer,
            order=priced.order,
            call_id=said_in.get(priced.order.call_ref),
            fee=priced.told,
            right=priced.right,
            charged=priced.charged,
            at_stake=priced.at_stake,
        )
        for hearer, priced in charges
    )
    row.state, row.listed_at = State.LISTED, at
    row.save(update_fields=["state", "listed_at"])


def _begins_as(person: Person) -> str:
    if person.is_test:
        return Hearer.State.APART
    if not (person.customer_id or person.phone or person.staff_id):
        return Hearer.State.NO_NUMBER
    return Hearer.State.WAITING


def _calls_of(orders: Iterable[Instruction]) -> dict[str, int]:
    """By reference: the id of the call."""
    calls = Call.objects.filter(uuid__in=hearing.uuids(orders))
    return {str(uuid): pk for uuid, pk in calls.values_list("uuid", "pk")}


def _said(why: str) -> str:
    if not why.strip():
        raise NoWord
    return why.strip()
