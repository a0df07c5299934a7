"""Words of the bank's own for a prompt that has some: asked, approved by another, in force, back.

They are in force once somebody else approved them and every piece of them has audio, whichever
comes last. Until then, and again when they are taken back, callers hear the words before.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people import approvals
from people.approvals import Approvable, approval
from people.errors import Refusal
from people.models import Approval, User
from telephony import laying, wording
from telephony.models import Recording, Rewording
from telephony.models.studio import LONGEST
from telephony.spoken import BadCatalogue, catalogue
from telephony.spoken.catalogue import Prompt

State = Rewording.State
OPEN = (State.WAITING, State.APPROVED)
_SLOT = re.compile(r"\{([^{}]*)\}")
_KEY = re.compile(r"(?<!\d)\d(?!\d)")  # a digit that stands alone is a key to press


class NoSuchPrompt(Refusal):
    text = _("There is no such prompt in this language.")


class HeardElsewhere(Refusal):
    text = _("This prompt is heard in %(language)s: change its words there.")


class SameWords(Refusal):
    text = _("These are the words that callers hear now.")


class AskedAlready(Refusal):
    text = _("Other words wait for this prompt. Withdraw them first.")


class WrongSlots(Refusal):
    text = _("The words must hold these values, as they are written here: %(slots)s")


class NoSlots(Refusal):
    text = _("This prompt holds no values: write it without braces.")


class WrongKeys(Refusal):
    text = _("Callers press %(keys)s here, the words say %(said)s.")


class NotReadable(Refusal):
    text = _("Between two values there must be a word or a comma.")


class NotWords(Refusal):
    text = _("Write some words, at most %(most)s letters.")


class NotInForce(Refusal):
    text = _("These words are not in force.")


def prompt_of(lang: str, key: str) -> Prompt:
    """As callers hear it now. Raises NoSuchPrompt."""
    book = wording.prompts()
    for prompt in (*book.prompts(lang), *book.own_prompts(lang)) if lang in book.languages else ():
        if prompt.key == key:
            return prompt
    raise NoSuchPrompt


def words_at(lang: str, key: str, at: datetime) -> str:
    """In which words a prompt was said in calls that began then; "" of what is no prompt now."""
    used = Rewording.objects.filter(key=key, lang=lang, used_at__lte=at)
    lasting = used.filter(Q(ended_at=None) | Q(ended_at__gt=at)).order_by("-used_at")
    if (own := lasting.values_list("text", flat=True).first()) is not None:
        return own
    for book in (wording.shipped(), wording.prompts()):
        spoken = (*book.prompts(lang), *book.own_prompts(lang)) if lang in book.languages else ()
        if prompt := next((prompt for prompt in spoken if prompt.key == key), None):
            return catalogue.written(prompt)
    return ""


def stood(lang: str, key: str, words: str) -> tuple[datetime | None, datetime | None]:
    """[from, to) in which calls began with these words, as far as it is known; None: not known, or
    to this day. Of words that stood more than once, the last time."""
    rows = Rewording.objects.filter(key=key, lang=lang, used_at__isnull=False)
    if own := rows.filter(text=words).order_by("-used_at").first():
        return own.used_at, own.ended_at
    after = rows.filter(before=words).order_by("-used_at").first()
    return None, after.used_at if after else None


def check(lang: str, key: str, text: str) -> Prompt:
    """The prompt that it would become. Raises what `ask` raises for its words."""
    now = prompt_of(lang, key)
    if now.lang != lang:
        raise HeardElsewhere(language=dict(Rewording._meta.get_field("lang").flatchoices)[now.lang])
    if not re.search(r"\w", text) or len(text) > LONGEST:
        raise NotWords(most=LONGEST)
    before = catalogue.written(now)
    if text == before:
        raise SameWords
    wanted = {f"{slot.name}:{slot.kind}" for slot in now.slots}
    if set(_SLOT.findall(text)) != wanted or re.search(r"[{}]", _SLOT.sub("", text)):
        if not wanted:
            raise NoSlots
        raise WrongSlots(slots=" ".join(f"{{{slot}}}" for slot in sorted(wanted)))
    keys, said = _keys(before), _keys(text)
    if keys != said:
        raise WrongKeys(keys=", ".join(sorted(keys)) or "—", said=", ".join(sorted(said)) or "—")
    try:
        return catalogue.parse(lang, key, text)
    except BadCatalogue as why:
        raise NotReadable from why


def _keys(text: str) -> set[str]:
    return set(_KEY.findall(_SLOT.sub("", text)))


@transaction.atomic(durable=True)
def ask(lang: str, key: str, text: str, *, reason: str, by: User, at: datetime) -> Rewording:
    """Write other words, and ask somebody else to approve them.

    Raises NoSuchPrompt, HeardElsewhere, SameWords, NotWords, WrongSlots, NoSlots, WrongKeys,
    NotReadable, AskedAlready, and what `approvals.ask` raises.
    """
    text = text.strip()
    check(lang, key, text)
    before = catalogue.written(prompt_of(lang, key))
    try:
        with transaction.atomic():
            row = Rewording.objects.create(
                key=key, lang=lang, text=text, before=before, made_at=at, made_by=by
            )
    except IntegrityError:
        if Rewording.objects.filter(key=key, lang=lang, state__in=OPEN).exists():
            raise AskedAlready from None
        raise
    approvals.ask("rewording", row, by=by, reason=reason, at=at)
    return row


@approval("rewording", ask="telephony.add_rewording", decide="telephony.change_rewording")
class UseWords(Approvable):
    """Words that callers are to hear instead of others."""

    title = _("Change the words of a prompt")

    def summary(self, approval: Approval) -> str:
        row = self.page(approval)
        return f"{row.key} ({row.get_lang_display()}) “{row.before}” → “{row.text}”" if row else ""

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        _decide(approval, State.APPROVED, at)
        row = self.page(approval)
        assert row  # it is never deleted
        put_into_force(row.lang, row.key, at=at)

    def refused(self, approval: Approval, *, at: datetime) -> None:
        _decide(approval, State.REFUSED, at)

    def withdrawn(self, approval: Approval, *, at: datetime) -> None:
        _decide(approval, State.DROPPED, at)

    def page(self, approval: Approval) -> Rewording | None:
        found = approvals.subject(approval)
        return found if isinstance(found, Rewording) else None


def _decide(approval: Approval, state: str, at: datetime) -> None:
    _label, _colon, pk = approval.subject.partition(":")
    Rewording.objects.filter(pk=pk).update(
        state=state, decided_by=approval.decided_by, decided_at=at
    )


def put_into_force(lang: str, key: str, *, at: datetime) -> bool:
    """If words of this prompt are approved and nothing of them lacks audio any more.

    Runs in the transaction of the decision that may have been the last one needed: whoever
    decides at the same time waits at the row, and sees what was decided meanwhile.
    """
    row = (
        Rewording.objects.select_for_update(of=("self",))
        .filter(lang=lang, key=key, state=State.APPROVED)
        .first()
    )
    if row is None or lacking(row):
        return False
    Rewording.objects.filter(lang=lang, key=key, state=State.USED).update(
        state=State.PAST, ended_at=at, ended_by=row.decided_by
    )
    row.state, row.used_at = State.USED, at
    row.save(update_fields=["state", "used_at"])
    transaction.on_commit(laying.lay_out)
    return True


def put_waiting_into_force(langs: Iterable[str], *, at: datetime) -> None:
    """Audio was approved in these languages: it may be the last that some words needed."""
    for row in Rewording.objects.filter(lang__in=[*langs], state=State.APPROVED):
        put_into_force(row.lang, row.key, at=at)


def parsed(row: Rewording) -> Prompt:
    """The words as a prompt; they were checked when they were written."""
    return catalogue.parse(row.lang, row.key, row.text)


def pieces(row: Rewording) -> list[catalogue.Recording]:
    """What has to be recorded for these words, apart from the values in them."""
    parts = parsed(row).parts
    return [p for p in parts if isinstance(p, catalogue.Recording) and not p.fragment]


def lacking(row: Rewording) -> list[catalogue.Recording]:
    """The pieces that have no approved audio yet."""
    shipped = wording.shipped()
    said = {r.name: r.text for r in shipped.recordings(row.lang) if shipped.is_heard(r.name)}
    needed = pieces(row)
    approved = set(
        Recording.objects.filter(
            file__in=[p.name for p in needed], state=Recording.State.USED
        ).values_list("file", "text")
    )
    return [p for p in needed if said.get(p.name) != p.text and (p.name, p.text) not in approved]


@transaction.atomic(durable=True)
def take_back(pk: int, *, by: User, at: datetime) -> Rewording:
    """Callers hear the words that ship again, from their next call on. Raises NotInForce.

    Words that are approved and wait for audio are given up.
    """
    row = Rewording.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.state not in (State.USED, State.APPROVED):
        raise NotInForce
    row.state, row.ended_at, row.ended_by = State.PAST, at, by
    row.save(update_fields=["state", "ended_at", "ended_by"])
    transaction.on_commit(laying.lay_out)
    return row
