"""Regulations: what is worded of one, and from when it holds."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from django.utils.translation import gettext as _

from calendars.clock import SHANGHAI
from kb import statutes
from kb.errors import NotInForceYet
from kb.models import RegulationVersion
from kb.models.versions import Reviewed
from kb.versions import Kind
from kb.wordings import Wording as Base
from kb.wordings import lines
from people.models import User
from people.roles import Role


@dataclass(frozen=True, slots=True)
class Wording(Base):
    """Its figures are its own: what somebody attested must not read otherwise the next day."""

    table: ClassVar[type[Reviewed]] = RegulationVersion

    title: str
    document_number: str
    source: str
    text: str
    roles: tuple[str, ...]
    force_on: date | None = None
    attest_days: int = 7

    def shown(self, name: str) -> str:
        if name == "roles":
            return lines(Role(role).label for role in self.roles)
        return Base.shown(self, name)


class Regulations(Kind[RegulationVersion, Wording]):
    words = Wording
    needed = ("title", "document_number", "source", "text", "roles")

    def faults(self, wording: Wording, *, at: datetime) -> list[str]:
        wrong = statutes.check(wording.text)
        if Role.AUDITOR in wording.roles:
            wrong.append(_("The auditor reads it, but changes nothing and attests nothing."))
        return wrong

    def begins(self, version: RegulationVersion, *, at: datetime) -> datetime:
        """At the beginning of its day; published later than that, at once."""
        if version.force_on is None:
            return at
        return max(at, datetime.combine(version.force_on, time(), SHANGHAI))

    def withdraw(self, version_id: int, why: str, *, by: User, at: datetime) -> RegulationVersion:
        """Raises NotNow, NoWord; NotInForceYet: the one before would end with nothing after it."""
        coming = self.versions.filter(pk=version_id, valid_from__gt=at).first()
        if coming and coming.regulation.versions.filter(valid_to=coming.valid_from).exists():
            raise NotInForceYet
        return super().withdraw(version_id, why, by=by, at=at)


REGULATIONS = Regulations()
