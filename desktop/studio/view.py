"""What the prompt studio shows of one prompt, read at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking.models import Announcement as Told
from banking.models.customers import Language
from desktop.studio.rows import Row, Sound
from people.approvals import named, still_open
from people.models import Approval, User
from telephony import naming, rewording, wording
from telephony.models import (
    Announcement,
    MenuEntry,
    MenuVersion,
    Number,
    Recording,
    RenderedPiece,
    Rendering,
    Rewording,
)
from telephony.rendering import ENDED
from telephony.spoken import catalogue

Version = MenuVersion.State


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recording that waits, with the approval that was asked for it."""

    take: Recording
    approval: Approval | None


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a prompt: what callers hear, and what waits to be heard."""

    name: str
    text: str
    sound: Sound
    address: str  # of its audio; empty if there is none
    used: Recording | None
    waiting: list[Waiting]

    @property
    def is_missing(self) -> bool:
        """Nothing is heard, and nothing waits to be."""
        return self.sound is Sound.MISSING and not self.waiting


@dataclass(frozen=True, slots=True)
class Asked:
    """Other words that wait: for approval, for audio, or for both."""

    row: Rewording
    approval: Approval | None
    pieces: list[Piece]

    @property
    def lacks_audio(self) -> bool:
        return any(piece.is_missing for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Use:
    """Where a prompt is said."""

    words: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happened to a prompt."""

    at: datetime
    who: str
    what: str
    says: str = ""


def prompt(row: Row, user: User, *, at: datetime) -> dict[str, Any]:
    """The page's context for the selected prompt."""
    asked = _asked(row, at)
    wordings = Rewording.objects.filter(lang=row.lang, key=row.key)
    used = wordings.filter(state=Rewording.State.USED).select_related("decided_by").first()
    parts = _parts(row)
    pieces = list(_pieces(parts, {p.name for p in parts} - _missing(row), _missing(row), at))
    waiting = [w.approval for p in [*pieces, *(asked.pieces if asked else [])] for w in p.waiting]
    if asked:
        waiting.append(asked.approval)  # the words last: then they come into force at once
    open_ = {a.pk: a for a in waiting if a}
    elsewhere = row.prompt.lang if row.prompt and row.prompt.lang != row.lang else ""
    return {
        "row": row,
        "elsewhere": elsewhere,
        "elsewhere_name": Language(elsewhere).label if elsewhere else "",
        "text": catalogue.written(row.prompt) if row.prompt else row.words,
        "shipped": _before(row),
        "pieces": pieces,
        "asked": asked,
        "in_force": used,
        "unheard": bool(used and not row.reworded),
        "uses": list(_uses(row)),
        "events": _events(row, pieces),
        "open": [a.pk for a in open_.values()],
        "hers": [a for a in open_.values() if a.asked_by_id == user.pk],
        "to_decide": [a.pk for a in open_.values() if a.asked_by_id != user.pk],
    }


def _missing(row: Row) -> set[str]:
    return {name for name, sound in row.sounds.items() if sound is Sound.MISSING}


def running() -> Rendering | None:
    """The order that the voice is at, if there is one."""
    piece = (
        RenderedPiece.objects.exclude(state__in=ENDED)
        .filter(rendering__is_trial=False)
        .select_related("rendering")
        .first()
    )
    return piece.rendering if piece else None


def _parts(row: Row) -> list[catalogue.Recording]:
    if row.prompt is None:
        (name,) = row.sounds
        return [catalogue.Recording(name, row.lang, row.words)]
    parts = row.prompt.parts
    return [p for p in parts if isinstance(p, catalogue.Recording) and not p.fragment]


def _before(row: Row) -> str:
    """The words that ship, where the bank's own are heard."""
    if not row.reworded:
        return ""
    shipped = {p.key: p for p in wording.shipped().prompts(row.lang)}
    return catalogue.written(shipped[row.key]) if row.key in shipped else ""


def _asked(row: Row, at: datetime) -> Asked | None:
    open_ = Rewording.objects.filter(lang=row.lang, key=row.key, state__in=rewording.OPEN)
    found = open_.select_related("made_by").first()
    if found is None:
        return None
    lacking = {piece.name for piece in rewording.lacking(found)}
    now = {(part.name, part.text) for part in _parts(row)}
    parts = rewording.pieces(found)
    heard = {p.name for p in parts if (p.name, p.text) in now and p.name not in lacking}
    pieces = list(_pieces(parts, heard, lacking, at))
    return Asked(found, _approvals([found], at).get(found.pk), pieces)


def _pieces(
    parts: list[catalogue.Recording], heard: set[str], missing: set[str], at: datetime
) -> Iterator[Piece]:
    """`heard`: files that callers hear with these very words; `missing`: that lack audio."""
    living = Recording.objects.filter(
        file__in=[part.name for part in parts],
        state__in=[Recording.State.WAITING, Recording.State.USED],
    )
    takes = list(living.defer("audio").select_related("made_by", "decided_by"))
    asked = _approvals([t for t in takes if t.state == Recording.State.WAITING], at)
    for part in parts:
        mine = [t for t in takes if (t.file, t.text) == (part.name, part.text)]
        used = next((t for t in mine if t.state == Recording.State.USED), None)
        waiting = [Waiting(t, asked.get(t.pk)) for t in mine if t.state == Recording.State.WAITING]
        sound = Sound.MISSING if part.name in missing else _sound(used)
        address = _address(part.name, used) if part.name in heard or used else ""
        yield Piece(part.name, part.text, sound, address, used, waiting)


def _sound(used: Recording | None) -> Sound:
    if used is None:
        return Sound.SHIPS
    return Sound.RENDERED if used.origin == Recording.Origin.RENDERED else Sound.RECORDED


def _address(file: str, used: Recording | None) -> str:
    if used is None:
        return reverse("studio:heard", args=[file])
    return reverse("admin:telephony_recording_audio", args=[used.pk])


def _approvals(rows: Any, at: datetime) -> dict[int, Approval]:
    """The open approval of each row, by the row's key."""
    subjects = {named(row): row.pk for row in rows}
    open_ = Approval.objects.filter(still_open(at), subject__in=subjects)
    return {subjects[a.subject]: a for a in open_.select_related("asked_by")}


def _uses(row: Row) -> Iterator[Use]:
    if row.prompt is None:
        yield Use(gettext("every prompt with such a value"))
        return
    entries = MenuEntry.objects.filter(
        prompt=row.key, node__version__state__in=[Version.PUBLISHED, Version.DRAFT]
    ).select_related("node__version__menu")
    for entry in entries.order_by("-node__version__state", "-node__version__number"):
        link = reverse("menudesk:version", args=[entry.node.version_id])
        place = f"{entry.node.slug}.{entry.digit}"
        words = f"{entry.node.version} › {entry.node} › {entry}"
        yield Use(words, f"{link}?at={place}")
    for number in Number.objects.filter(greeting=row.key):
        yield Use(gettext("greeting of %(number)s") % {"number": number})
    for number in Number.objects.filter(closed_greeting=row.key):
        yield Use(gettext("greeting of %(number)s outside its hours") % {"number": number})
    for told in Told.objects.filter(prompt=row.key):
        yield Use(told.title)
    for _on in Announcement.objects.filter(prompt=row.key, off_at=None)[:1]:
        yield Use(gettext("an emergency announcement that is on"))
    yield from _conversations(row.key)


def _conversations(key: str) -> Iterator[Use]:
    said = naming.users(key)
    if said.every_call:
        yield Use(gettext("in every call"))
    if said.refusal:
        yield Use(gettext("wherever the bank has to refuse something"))
    if said.nobody:
        yield Use(gettext("while no worker takes the call"))
    titles: dict[str, set[str]] = {}
    ran = MenuEntry.objects.filter(flow__in=said.flows, node__version__state=Version.PUBLISHED)
    for flow, title in ran.values_list("flow", "title"):
        titles.setdefault(flow, set()).add(title)
    for flow in said.flows:
        names = ", ".join(sorted(titles.get(flow, ())))
        yield Use(f"{names} ({flow})" if names else flow)


def _events(row: Row, pieces: list[Piece]) -> list[Event]:
    """The newest first: who changed what, and when."""
    found: list[Event] = []
    people = ("made_by", "decided_by", "ended_by")
    for words in Rewording.objects.filter(lang=row.lang, key=row.key).select_related(*people):
        found += _of(words, gettext("asked for other words"), words.text)
    files = {p.name for p in pieces} | {
        p.name
        for words in Rewording.objects.filter(lang=row.lang, key=row.key)
        for p in rewording.pieces(words)
    }
    takes = Recording.objects.filter(file__in=files).defer("audio").select_related(*people)
    for take in takes:
        made = (
            gettext("had it rendered")
            if take.origin == Recording.Origin.RENDERED
            else gettext("uploaded a recording")
        )
        found += _of(take, made, f"{take.file} {take.text}")
    return sorted(found, key=lambda event: event.at, reverse=True)


def _of(row: Any, made: str, says: str) -> Iterator[Event]:
    yield Event(row.made_at, row.made_by.name, made, says)
    if row.decided_at:
        decided = {"refused": _("refused it"), "dropped": _("withdrew it")}
        who = row.decided_by.name if row.decided_by else row.made_by.name
        yield Event(row.decided_at, who, str(decided.get(row.state, _("approved it"))), says)
    if row.ended_at:
        yield Event(row.ended_at, row.ended_by.name, gettext("ended it"), says)
