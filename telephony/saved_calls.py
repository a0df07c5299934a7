"""The calls that a version must pass: written, run, held against what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from calendars import hours
from people.errors import Refusal
from people.models import User
from telephony import menus, wording
from telephony.drafting import edit
from telephony.models import MenuVersion, Number, SavedCall
from telephony.rehearsal.play import Script, play


class NameTaken(Refusal):
    text = _("This version has a saved call of that name already.")


class NoSuchCall(Refusal):
    text = _("The draft has no such saved call any more. Load the page anew.")


class NotRun(Refusal):
    text = _("Run the saved call first: then what came can be taken as what is expected.")


_LANGUAGE = "say menu.language."


@dataclass(frozen=True, slots=True)
class First:
    """The first line in which a call went otherwise; None on the side that had ended."""

    line: int  # counted from 1
    expected: str | None
    came: str | None


def first_difference(expected: Sequence[str], came: Sequence[str]) -> First | None:
    """None if nothing differs. Which languages the bank offers is no part of a version."""
    both = zip_longest(_told(expected), _told(came), fillvalue=(0, None))
    for (number, wanted), (or_number, got) in both:
        if wanted != got:
            return First(number or or_number, wanted, got)
    return None


def _told(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Without the options of the language menu, but with the numbers that lines had with them."""
    return [(n, line) for n, line in enumerate(lines, start=1) if not line.startswith(_LANGUAGE)]


@edit
def save(
    version: MenuVersion,
    *,
    name: str,
    number: str,
    hour: datetime,
    keys: str,
    by: User,
    at: datetime,
) -> SavedCall:
    """A call that expects nothing yet: run it, and say whether what came is right.

    Raises NameTaken.
    """
    if version.saved_calls.filter(name=name).exists():
        raise NameTaken
    return SavedCall.objects.create(
        version=version, name=name, number=number, at=hour, keys=" ".join(keys.split())
    )


@edit
def change(
    version: MenuVersion,
    call_id: int,
    *,
    name: str,
    number: str,
    hour: datetime,
    keys: str,
    by: User,
    at: datetime,
) -> SavedCall:
    """Other keys, another hour. Raises NoSuchCall, NameTaken."""
    saved = _of(version, call_id)
    if version.saved_calls.filter(name=name).exclude(pk=call_id).exists():
        raise NameTaken
    saved.name, saved.number, saved.at, saved.keys = name, number, hour, " ".join(keys.split())
    saved.came = saved.ran_at = None
    saved.save()
    return saved


@edit
def expect(version: MenuVersion, call_id: int, *, by: User, at: datetime) -> SavedCall:
    """What came last is right, and is expected from now on. Raises NoSuchCall, NotRun."""
    saved = _of(version, call_id)
    if saved.came is None:
        raise NotRun
    saved.expected = saved.came
    saved.save(update_fields=["expected"])
    return saved


@edit
def forget(version: MenuVersion, call_id: int, *, by: User, at: datetime) -> None:
    """Raises NoSuchCall."""
    _of(version, call_id).delete()


def run(version_id: int, *, at: datetime) -> list[SavedCall]:
    """Play every saved call of a version, and keep what came; those that went otherwise.

    Of a version that expects calls, each is green only if it was run to its expected end.
    """
    tree = menus.load(version_id)
    numbers = {number.number: number for number in Number.objects.all()}
    red = []
    for saved in SavedCall.objects.filter(version=version_id):
        script = _script(saved, numbers.get(saved.number))
        try:
            came = play(tree, script, wording.prompts())
        except Refusal as refusal:
            came = [f"refused {refusal}"]
        _keep(saved.pk, came, at=at)
        saved.came, saved.ran_at = came, at
        if not is_green(saved):
            red.append(saved)
    return red


def _script(saved: SavedCall, number: Number | None) -> Script:
    """A number that went out of use since greets nobody."""
    if number is None:
        return Script(saved.number, (), saved.at, saved.keys)
    closed = bool(number.hours) and not hours.is_open(number.hours, saved.at)
    greeting = number.closed_greeting if closed else number.greeting
    return Script(saved.number, (greeting,), saved.at, saved.keys, is_closed=closed)


def is_green(saved: SavedCall) -> bool:
    """Whether its last run came out as expected."""
    if not saved.expected or saved.came is None:
        return False
    return first_difference(saved.expected, saved.came) is None


@transaction.atomic(durable=True)
def _keep(call_id: int, came: list[str], *, at: datetime) -> None:
    SavedCall.objects.filter(pk=call_id).update(came=came, ran_at=at)


def _of(version: MenuVersion, call_id: int) -> SavedCall:
    saved = version.saved_calls.filter(pk=call_id).first()
    if saved is None:
        raise NoSuchCall
    return saved
