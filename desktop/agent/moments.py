"""Where a call stands: which scripts are due, and what the desk knows to fill them with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext_lazy

from banking.models import Instruction
from banking.models.customers import Language
from calendars.clock import SHANGHAI
from complaints.models import Complaint
from desktop.agent.panels.call import away_since
from kb import scripts
from kb.models import ScriptVersion
from kb.models.scripts import Moment
from kb.variables import Name, Part
from routing.states import IN_A_CALL, OFFERED, State
from telephony import attended, story
from telephony.models import AgentDeed, Call
from telephony.panels import Reader

FRESH = timedelta(minutes=1)  # from her answer on: she is still saying who she is
# Family names of two characters; every other has one.
DOUBLE = (
    *("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙"),
    *("慕容", "令狐", "宇文", "长孙", "端木", "独孤", "夏侯"),
)
# From which hour on, in Asia/Shanghai.
GREETINGS = (
    (0, pgettext_lazy("at night", "Hello")),
    (5, pgettext_lazy("before nine", "Good morning")),
    (9, pgettext_lazy("before noon", "Good morning")),
    (12, pgettext_lazy("at noon", "Good afternoon")),
    (14, pgettext_lazy("before six", "Good afternoon")),
    (18, pgettext_lazy("after six", "Good evening")),
)


@dataclass(frozen=True, slots=True)
class Said:
    """A script in words for the caller. `lang` is theirs."""

    version: ScriptVersion
    parts: tuple[Part, ...]
    lang: str

    @property
    def has_blanks(self) -> bool:
        return any(part.blank for part in self.parts)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done for her in this talk, the last of it."""

    what: str | Promise
    number: str


@dataclass(frozen=True)
class Scene:
    """A call as the scripts of this moment need it; each thing is read once."""

    call: Call | None
    reader: Reader

    @property
    def is_english(self) -> bool:
        """Whether she chose it; else her agent speaks Chinese."""
        return self.call is not None and self.call.language == Language.ENGLISH

    def due(self) -> list[Moment]:
        """The most pressing first; none between calls and in the wrap-up."""
        now, at = self.reader.current, self.reader.at
        if now is None or self.call is None:
            return []
        if now.state in OFFERED:
            return [self._first()]
        if now.state not in IN_A_CALL:
            return []
        if away_since(self.call):
            return [Moment.IVR]
        if now.state == State.HELD:
            return [Moment.HOLD]
        found = []
        if self._filed:
            found.append(Moment.COMPLAINT)
        if self._done:
            found.append(Moment.RECEIPT)
        if not found and now.answered_at and at - now.answered_at < FRESH:
            found.append(self._first())
        if not self._is_verified():
            found.append(Moment.VERIFY)
        return [*found, Moment.TALK]

    def say(self, version: ScriptVersion, *, english: bool | None = None) -> Said:
        """Its wording for this caller, filled in; nothing that the desk itself masks."""
        wanted = self.is_english if english is None else english
        lang = "en" if wanted and version.english else settings.LANGUAGE_CODE
        with override(lang):
            parts = scripts.worded(
                version, dict(self._known()), english=lang == "en", at=self.reader.at
            )
        return Said(version, parts, lang)

    # -- what is known -------------------------------------------------------------------------

    def _known(self) -> Iterator[tuple[str, str]]:
        reader, call, now = self.reader, self.call, self.reader.current
        yield Name.GREETING, greeting(reader.at)
        yield Name.BANK, _("Pengcheng Commercial Bank")
        yield Name.AGENT, reader.user.username
        if call is None or now is None:
            return
        waited = (now.answered_at or reader.at) - now.entered_at
        minutes = max(1, ceil(waited / timedelta(minutes=1)))
        yield Name.WAITED, ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
        yield Name.NUMBER, story.masked_caller(call.caller)
        yield Name.CARD, call.card_tail
        if call.customer:
            yield Name.CALLER, addressed(call.customer.name)
        if done := self._done:
            yield Name.SERVICE, str(done.what)
            yield Name.RECEIPT, done.number
        if case := self._filed or self._open_case():
            yield Name.CASE, case.number
            yield Name.ANSWERED_BY, date_format(case.due_on, "MONTH_DAY_FORMAT")

    def _first(self) -> Moment:
        return Moment.KNOWN if self._is_verified() else Moment.ANSWER

    def _is_verified(self) -> bool:
        until = self.call.verified_until if self.call else None
        return until is not None and self.reader.at < until

    @cached_property
    def _filed(self) -> Complaint | None:
        """By an agent in this call, the last."""
        told = Complaint.objects.filter(call=self.call, source=Complaint.Source.AGENT)
        return told.order_by("pk").last()

    def _open_case(self) -> Complaint | None:
        """Of who proved who she is, her newest that is not told yet."""
        if self.call is None or self.call.customer_id is None:
            return None
        hers = Complaint.objects.filter(customer=self.call.customer_id, told_at=None)
        return hers.order_by("pk").last()

    @cached_property
    def _done(self) -> Done | None:
        """What has a receipt number and was carried out since this agent answered."""
        now, call = self.reader.current, self.call
        if now is None or now.answered_at is None or call is None:
            return None
        since = now.answered_at
        deeds = AgentDeed.objects.filter(call=call, at__gte=since).exclude(number="")
        orders = Instruction.objects.filter(
            customer=call.customer_id, call_ref=str(call.uuid), executed_at__gte=since
        )
        deed, order = deeds.last(), orders.order_by("executed_at").last()
        if order and order.executed_at and (deed is None or order.executed_at > deed.at):
            return Done(Instruction.Kind(order.kind).label, order.receipt)
        if deed is None:
            return None
        service = attended.of(deed.service)
        return Done(service.title if service else "", deed.number)


def addressed(name: str) -> str:
    """By her family name; whether 先生 or 女士 the agent hears."""
    family = name[:2] if name[:2] in DOUBLE and len(name) > 2 else name[:1]
    return _("Mr or Ms %(family)s") % {"family": name if name.isascii() else family}


def greeting(at: datetime) -> str:
    hour = at.astimezone(SHANGHAI).hour
    return str(next(words for begins, words in reversed(GREETINGS) if hour >= begins))
