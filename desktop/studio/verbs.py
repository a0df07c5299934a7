"""What is done in the prompt studio: each verb checks a form, calls a service, and leads on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desktop.studio import forms
from people import approvals
from people.models import Approval, User
from telephony import readings, rendering, rewording, studio
from telephony.models import Rendering, Rewording

RECORD = "telephony.add_recording"
REWORD = "telephony.add_rewording"
DECIDE = "telephony.change_recording"


@dataclass(frozen=True, slots=True)
class Done:
    """What the page says then; an order to the voice has a page of its own."""

    says: str | Promise
    order: Rendering | None = None


Answer = Callable[[Mapping[str, Any], User, datetime], Done]


@dataclass(frozen=True, slots=True)
class Verb:
    form: type[django_forms.Form]
    do: Answer
    needs: str


def _words(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    rewording.ask(**values, by=by, at=at)
    return Done(_("Somebody else is asked to approve the words. They need audio before."))


def _upload(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    raw = values["wav"].read(studio.LARGEST)
    studio.upload(values["file"], raw, words=values["words"], reason=values["reason"], by=by, at=at)
    return Done(_("Uploaded. Somebody else is asked to approve it."))


def _render(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    """Words that wait, if there are some; else what callers hear now."""
    lang, key, reason = values["lang"], values["key"], values["reason"]
    row = Rewording.objects.filter(lang=lang, key=key, state__in=rewording.OPEN).first()
    if row:
        lacking = {piece.name for piece in rewording.lacking(row)}
        pieces = rendering.of_prompt(rewording.parsed(row))
        return _ordered([p for p in pieces if p.piece.name in lacking], reason, by, at)
    return _ordered(rendering.of_key(lang, key), reason, by, at)


def _render_lacking(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    return _ordered(rendering.lacking(), values["reason"], by, at)


def _render_outdated(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    return _ordered(rendering.again(readings.outdated()), values["reason"], by, at)


def _ordered(wanted: list[rendering.Wanted], reason: str, by: User, at: datetime) -> Done:
    order = rendering.ask(wanted, reason=reason, by=by, at=at)
    return Done(_("The voice is asked. What it renders waits for approval."), order)


def _approve(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    """One after the other, each a decision of its own: what was approved stays so."""
    for pk in _of_the_studio(values["pk"]):
        approvals.approve(pk, by=by, at=at)
    return Done(_("Approved: callers hear it from their next call on."))


def _of_the_studio(asked: list[int]) -> list[int]:
    """In the order asked for; what is decided elsewhere is none of this page's."""
    ours = Approval.objects.filter(pk__in=asked, kind__in=["recording", "rewording"])
    known = set(ours.values_list("pk", flat=True))
    return [pk for pk in asked if pk in known]


def _withdraw(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    for pk in _of_the_studio(values["pk"]):
        approvals.withdraw(pk, by=by, at=at)
    return Done(_("Withdrawn. Nothing was changed."))


def _take_words_back(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    for pk in values["pk"]:
        rewording.take_back(pk, by=by, at=at)
    return Done(_("Taken back: from their next call on callers hear the words that ship."))


def _take_back(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    for pk in values["pk"]:
        studio.take_back(pk, by=by, at=at)
    return Done(_("Taken back: from their next call on callers hear what ships."))


def _try_again(values: Mapping[str, Any], by: User, at: datetime) -> Done:
    (pk,) = values["pk"][:1]
    rendering.try_again(pk)
    return Done(_("What failed is rendered again."), Rendering.objects.get(pk=pk))


VERBS: Mapping[str, Verb] = {
    "words": Verb(forms.Words, _words, REWORD),
    "upload": Verb(forms.Upload, _upload, RECORD),
    "render": Verb(forms.Prompt, _render, RECORD),
    "render-lacking": Verb(forms.Because, _render_lacking, RECORD),
    "render-outdated": Verb(forms.Because, _render_outdated, RECORD),
    "approve": Verb(forms.Ids, _approve, DECIDE),
    "withdraw": Verb(forms.Ids, _withdraw, RECORD),
    "take-words-back": Verb(forms.Ids, _take_words_back, "telephony.change_rewording"),
    "take-back": Verb(forms.Ids, _take_back, DECIDE),
    "try-again": Verb(forms.Ids, _try_again, RECORD),
}
