"""Who has read which regulation: asked of each to whom it applies, anew with each version."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Prefetch, Q, QuerySet

from calendars.clock import bank_day
from kb.errors import NotAsked
from kb.models import Attestation, RegulationVersion
from kb.models.versions import Step
from people.models import User
from people.staff import roles_of

ISSUED = Q(history__what__in=[Step.What.APPROVED, Step.What.SHIPPED])


@dataclass(frozen=True, slots=True)
class Asked:
    """One person and one version; `due_on` is the last day on which she is in time."""

    user: User
    version: RegulationVersion
    due_on: date
    attested_at: datetime | None

    @property
    def late_from(self) -> date:
        return self.due_on + timedelta(days=1)

    def is_overdue(self, day: date) -> bool:
        return self.attested_at is None and day >= self.late_from


@dataclass(frozen=True, slots=True)
class Count:
    """How far some of them are."""

    name: str
    asked: int
    attested: int
    overdue: int

    @property
    def share(self) -> float:
        return self.attested / self.asked


@transaction.atomic
def attest(version_id: int, *, by: User, at: datetime) -> Attestation:
    """She has read it and will keep to it; said again, the first time holds. Raises NotAsked."""
    published = RegulationVersion.objects.filter(pk=version_id, state="published")
    version = published.select_for_update(of=("self",), no_key=True).first()
    if version is None or not applies(version, by):
        raise NotAsked
    made, _new = Attestation.objects.get_or_create(version=version, by=by, defaults={"at": at})
    return made


def applies(version: RegulationVersion, user: User) -> bool:
    return any(role in version.roles for role in roles_of(user))


def asked_of(user: User) -> list[Asked]:
    """What is asked of her, attested or not; the earliest due first."""
    return everybody(users=User.objects.filter(pk=user.pk))


def open_of(user: User) -> list[Asked]:
    """What she has still to attest."""
    return [one for one in asked_of(user) if one.attested_at is None]


def everybody(*, users: QuerySet[User] | None = None) -> list[Asked]:
    """Each person with each published version that applies to her; the earliest due first."""
    if users is None:
        users = User.objects.filter(is_active=True)
    staff = list(users.select_related("branch").prefetch_related("groups").order_by("username"))
    published = RegulationVersion.objects.filter(state="published")
    of_these = Attestation.objects.filter(by__in=staff)
    versions = published.annotate(issued_at=Max("history__at", filter=ISSUED)).prefetch_related(
        Prefetch("attestations", queryset=of_these)
    )
    found = []
    for version in versions.order_by("regulation__key"):
        attested = {one.by_id: one.at for one in version.attestations.all()}
        for user in staff:
            if applies(version, user):
                # Who came later has as long, from the day on which she came.
                since = bank_day(max(version.issued_at, user.date_joined))
                due_on = since + timedelta(days=version.attest_days)
                found.append(Asked(user, version, due_on, attested.get(user.pk)))
    return sorted(found, key=lambda one: one.due_on)


def counts(
    asked: Iterable[Asked], names: Callable[[Asked], Iterable[str]], *, day: date
) -> list[Count]:
    """By what each counts under, in the order in which the names come up."""
    groups: dict[str, list[Asked]] = {}
    for one in asked:
        for name in names(one):
            groups.setdefault(name, []).append(one)
    return [
        Count(
            name,
            len(group),
            sum(one.attested_at is not None for one in group),
            sum(one.is_overdue(day) for one in group),
        )
        for name, group in groups.items()
    ]
