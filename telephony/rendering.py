"""Prompts read aloud by the voice: asked by a person, rendered piece by piece, approved by another.

An order is rows; a task renders a few pieces and queues itself again, so that other tasks have
their turn. One piece is rendered at a time, held by a claim that lapses: what a killed process
left is taken up by the next task, and what was rendered once isn't rendered again.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from people import approvals
from people.errors import Refusal
from people.models import User
from telephony import readings, rewording, studio, wording
from telephony.models import Reading, Recording, RenderedPiece, Rendering, Rewording
from telephony.prompts import alaw, dictionary, voice
from telephony.prompts.voice import NoVoice, Piece, TooLong, Unreadable
from telephony.readings import Outdated
from telephony.spoken import catalogue
from telephony.spoken.catalogue import Prompt
from telephony.spoken.grammar import VOICED

log = logging.getLogger(__name__)

State, Fault = RenderedPiece.State, RenderedPiece.Fault
LEASE = timedelta(minutes=5)  # the longest piece takes some seconds
AT_ONCE = 5  # pieces a task
TRIAL = "trial"  # the key of a word that is tried
ENDED = (State.DONE, State.THERE, State.FAILED)
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('rendering'))"


class NothingToRender(Refusal):
    text = _("There is nothing to render: every piece has audio, or waits for approval.")


class NobodySpeaks(Refusal):
    text = _("There is no voice for it on this machine. Upload a recording instead.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to be made. `sentence` is its prompt's text; empty: a piece of a value."""

    key: str
    sentence: str
    piece: catalogue.Recording


def of_prompt(prompt: Prompt) -> list[Wanted]:
    """Every piece of a prompt, as its words are."""
    sentence = catalogue.written(prompt)
    return [
        Wanted(prompt.key, sentence, part)
        for part in prompt.parts
        if isinstance(part, catalogue.Recording) and not part.fragment
    ]


def of_key(lang: str, key: str) -> list[Wanted]:
    """What callers hear now under a key, or under "say/…" a piece of a value."""
    if not key.startswith("say/"):
        return of_prompt(rewording.prompt_of(lang, key))
    file = catalogue.fragment_file(lang, key.removeprefix("say/"))
    return [Wanted("", "", p) for _key, p in readings.pieces(lang) if p.name == file]


def lacking() -> list[Wanted]:
    """Whatever a voice could read and lacks audio, words that wait included; not what waits."""
    found = [
        Wanted(key, _sentence(piece.lang, key), piece)
        for lang in VOICED
        for key, piece in readings.pieces(lang)
        if not wording.prompts().is_heard(piece.name)
    ]
    for row in Rewording.objects.filter(state__in=rewording.OPEN, lang__in=VOICED):
        found += [Wanted(row.key, row.text, piece) for piece in rewording.lacking(row)]
    waits = set(Recording.objects.filter(state=Recording.State.WAITING).values_list("file", "text"))
    return [w for w in found if (w.piece.name, w.piece.text) not in waits]


def again(outdated: Iterable[Outdated]) -> list[Wanted]:
    """What was read by other readings than today's."""
    return [Wanted(o.key, _sentence(o.piece.lang, o.key), o.piece) for o in outdated]


def _sentence(lang: str, key: str) -> str:
    return catalogue.written(rewording.prompt_of(lang, key)) if key else ""


@transaction.atomic(durable=True)
def ask(wanted: Iterable[Wanted], *, reason: str, by: User, at: datetime) -> Rendering:
    """Have pieces rendered; each becomes a recording that somebody else approves.

    What is being rendered already is left out. Raises NotYours, NoWord, NobodySpeaks,
    NothingToRender.
    """
    if not by.has_perm("telephony.add_recording"):
        raise approvals.NotYours
    if not reason.strip():
        raise approvals.NoWord
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)  # two orders at once must not both ask for a piece
    open_ = RenderedPiece.objects.exclude(state__in=ENDED).filter(rendering__is_trial=False)
    asked = set(open_.values_list("file", "text"))
    new = [w for w in wanted if (w.piece.name, w.piece.text) not in asked]
    return _order(new, reason=reason.strip(), by=by, at=at)


@transaction.atomic(durable=True)
def try_word(row: Reading, *, by: User, at: datetime) -> Rendering:
    """Have a word of the dictionary read, for its author alone. Raises NotYours, NobodySpeaks."""
    if not by.has_perm("telephony.change_reading"):
        raise approvals.NotYours
    prompt = catalogue.parse(row.lang, TRIAL, row.word)
    return _order(of_prompt(prompt), reason=str(row), by=by, at=at, is_trial=True)


def _order(
    wanted: list[Wanted], *, reason: str, by: User, at: datetime, is_trial: bool = False
) -> Rendering:
    if voice.of_this_bank().lacks() or any(w.piece.lang not in VOICED for w in wanted):
        raise NobodySpeaks
    if not wanted:
        raise NothingToRender
    order = Rendering.objects.create(asked_at=at, asked_by=by, reason=reason, is_trial=is_trial)
    RenderedPiece.objects.bulk_create(
        RenderedPiece(
            rendering=order,
            place=place,
            lang=w.piece.lang,
            key=w.key,
            sentence=w.sentence,
            file=w.piece.name,
            text=w.piece.text,
        )
        for place, w in enumerate(wanted, start=1)
    )
    transaction.on_commit(_queue)
    return order


@transaction.atomic(durable=True)
def try_again(pk: int) -> int:
    """What failed of an order waits again; how many pieces."""
    failed = RenderedPiece.objects.filter(rendering=pk, state=State.FAILED)
    count = failed.update(state=State.WAITING, fault="", detail="")
    if count:
        transaction.on_commit(_queue)
    return count


def _queue() -> None:
    from django_q.tasks import async_task

    async_task("telephony.tasks.render")


def go_on(*, at: datetime) -> int:
    """Render the next few pieces, oldest order first; how many. More waiting queues a task more."""
    done = 0
    while done < AT_ONCE and (held := claim(at=at)):
        _render(held, at=at)
        done += 1
    if done == AT_ONCE and _to_do(at).exists():
        _queue()
    return done


def _to_do(at: datetime) -> QuerySet[RenderedPiece]:
    return RenderedPiece.objects.filter(
        Q(state=State.WAITING) | Q(state=State.RENDERING, until__lte=at)
    )


@transaction.atomic(durable=True)
def claim(*, at: datetime) -> RenderedPiece | None:
    """The next piece, held by us from now on; None if there is none, or somebody renders now."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
    if RenderedPiece.objects.filter(state=State.RENDERING, until__gt=at).exists():
        return None
    piece = _to_do(at).order_by("-rendering__is_trial", "rendering", "place").first()
    if piece is None:
        return None
    piece.state, piece.claim, piece.until = State.RENDERING, uuid4(), at + LEASE
    piece.save(update_fields=["state", "claim", "until"])
    return piece


def _render(held: RenderedPiece, *, at: datetime) -> None:
    """One piece, to its end: rendered, found, or failed for a reason that is kept."""
    words = readings.in_force(held.lang)
    speaker = voice.of_this_bank()
    made_from = _digest(held, speaker.name, words)
    is_trial = held.rendering.is_trial
    before = None if is_trial else _before(held, made_from)
    if before and before.state in (Recording.State.WAITING, Recording.State.USED):
        return _end(held, State.THERE, recording=before)
    try:
        codes = alaw.codes(bytes(before.audio)) if before else speaker.speak(_piece(held), words)
    except NoVoice as why:
        return _fail(held, Fault.NO_VOICE, str(why))
    except Unreadable as why:
        return _fail(held, Fault.UNREADABLE, str(why.args[-1]))
    except TooLong:
        return _fail(held, Fault.TOO_LONG)
    except Exception as why:  # one piece's fault is not the others'
        log.exception("the voice failed at %s", held.file)
        return _fail(held, Fault.BROKEN, f"{type(why).__name__}: {why}")
    if is_trial:
        return _end(held, State.DONE, audio=alaw.riff(codes))
    return _propose(held, codes, made_from, dictionary.applying(held.lang, held.text, words), at=at)


def _piece(held: RenderedPiece) -> Piece:
    if not held.sentence:
        fragment = held.file.rpartition("/")[2].removesuffix(".wav")
        return Piece(catalogue.Recording(held.file, held.lang, held.text, fragment), None)
    prompt = catalogue.parse(held.lang, held.key, held.sentence)
    parts = (p for p in prompt.parts if isinstance(p, catalogue.Recording))
    return Piece(next(part for part in parts if part.name == held.file), prompt)


def _digest(held: RenderedPiece, name: str, words: dictionary.Readings) -> str:
    """Of all that shapes its sound: the voice, the sentence, and how its words are read."""
    spoken = held.sentence or held.text
    read = dictionary.applying(held.lang, spoken, words)
    made_from = [name, held.file, held.text, held.sentence, sorted(read.items())]
    return hashlib.sha256(json.dumps(made_from, ensure_ascii=False).encode()).hexdigest()


def _before(held: RenderedPiece, made_from: str) -> Recording | None:
    """The same sound, made before: one that is heard or waits, if there is one."""
    same = Recording.objects.filter(made_from=made_from, file=held.file, text=held.text)
    living = same.filter(state__in=[Recording.State.WAITING, Recording.State.USED])
    return living.first() or same.first()


@transaction.atomic(durable=True)
def _propose(
    held: RenderedPiece,
    codes: bytes,
    made_from: str,
    read: dictionary.Readings,
    *,
    at: datetime,
) -> None:
    if not _still_ours(held):
        return
    order = held.rendering
    try:
        made = studio.propose(
            held.file,
            held.text,
            codes,
            reason=order.reason,
            by=order.asked_by,
            at=at,
            made_from=made_from,
            readings=read,
        )
    except Refusal as refusal:
        _settle(held, State.FAILED, fault=Fault.REFUSED, detail=str(refusal)[:200])
    else:
        _settle(held, State.DONE, recording=made)


@transaction.atomic(durable=True)
def _end(held: RenderedPiece, state: str, **fields: object) -> None:
    if _still_ours(held):
        _settle(held, state, **fields)


def _fail(held: RenderedPiece, fault: str, detail: str = "") -> None:
    _end(held, State.FAILED, fault=fault, detail=detail[:200])


def _still_ours(held: RenderedPiece) -> bool:
    """Alone with it until the commit; no longer ours if the claim lapsed and another took it."""
    mine = RenderedPiece.objects.select_for_update(of=("self",))
    return mine.filter(pk=held.pk, claim=held.claim).exists()


def _settle(held: RenderedPiece, state: str, **fields: object) -> None:
    RenderedPiece.objects.filter(pk=held.pk).update(state=state, claim=None, until=None, **fields)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order is: how many pieces ended of all, what failed, what is rendered now."""

    pieces: list[RenderedPiece]

    @property
    def of(self) -> int:
        return len(self.pieces)

    @property
    def done(self) -> int:
        return sum(piece.state in ENDED for piece in self.pieces)

    @property
    def failed(self) -> list[RenderedPiece]:
        return [piece for piece in self.pieces if piece.state == State.FAILED]

    @property
    def now(self) -> RenderedPiece | None:
        return next((piece for piece in self.pieces if piece.state == State.RENDERING), None)

    @property
    def is_over(self) -> bool:
        return self.done == self.of

    def newest(self, most: int) -> list[RenderedPiece]:
        """What failed, and around the one that is rendered now so many of the others."""
        first = max(0, self.done - most // 2)
        shown = {piece.pk for piece in [*self.failed, *self.pieces[first : first + most]]}
        return [piece for piece in self.pieces if piece.pk in shown]


def progress(order: Rendering) -> Progress:
    """As it is now, its pieces in the order in which they are rendered."""
    return Progress(list(order.pieces.defer("audio")))
