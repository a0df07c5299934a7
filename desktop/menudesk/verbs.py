"""What is done on the menu desk: each verb checks a form, calls one service, and leads on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desktop.menudesk import forms
from people.models import User
from telephony import announcements, drafting, menus, publishing, saved_calls, trials
from telephony.models import MenuVersion

EDIT = "telephony.change_menuversion"
ANNOUNCE = "telephony.add_announcement"


@dataclass(frozen=True, slots=True)
class Done:
    """Where the page goes, and what it says. `version` is another one after a copy."""

    says: str | Promise
    version: int | None = None
    place: str | None = None  # the row that is selected then; None: the one that was


Answer = Callable[[int, Mapping[str, Any], User, datetime], Done]


@dataclass(frozen=True, slots=True)
class Verb:
    form: type[django_forms.Form]
    do: Answer
    needs: str = EDIT


def _edit(service: Callable[..., Any], says: Promise) -> Answer:
    def do(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
        service(version, **values, by=by, at=at)
        return Done(says)

    return do


def _add(service: Callable[..., Any]) -> Answer:
    def do(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
        service(version, **values, by=by, at=at)
        return Done(_("Added to the draft."), place=f"{values['node']}.{values['digit']}")

    return do


def _move(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    drafting.move(version, **values, by=by, at=at)
    return Done(_("Moved in the draft."), place=f"{values['to_node']}.{values['to_digit']}")


def _copy(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    return Done(_("A new draft, as that version is."), menus.copy(version, by=by, at=at).pk)


def _drop(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    dropped = menus.drop(version)
    return Done(_("The draft is dropped."), menus.published(dropped.menu).pk)


def _publish(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    publishing.publish(version, by=by, at=at)
    return Done(_("Published: callers hear it from their next call on."))


def _schedule(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    publishing.schedule(version, due_at=values["due_at"], by=by, at=at)
    return Done(_("It is published at that hour if it is fit then."))


def _unschedule(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    publishing.unschedule(version)
    return Done(_("It is not published by itself any more."))


def _roll_back(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    menu = MenuVersion.objects.values_list("menu", flat=True).get(pk=version)
    back = publishing.roll_back(menu, by=by, at=at)
    return Done(_("Rolled back: callers hear the version before."), back.pk)


def _token(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    trials.issue(version, by=by, at=at)
    return Done(_("A token for one call is ready."))


def _run(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    red = saved_calls.run(version, at=at)
    return Done(_("Some calls went otherwise.") if red else _("All saved calls went as expected."))


def _save(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    saved_calls.save(version, **values, by=by, at=at)
    saved_calls.run(version, at=at)
    return Done(_("Saved and run: say whether what came is right."))


def _change(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    saved_calls.change(version, **values, by=by, at=at)
    saved_calls.run(version, at=at)
    return Done(_("Saved and run: say whether what came is right."))


def _announce(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    announcements.switch_on(**values, by=by, at=at)
    return Done(_("The announcement is on: it is heard from the next call on."))


def _silence(version: int, values: Mapping[str, Any], by: User, at: datetime) -> Done:
    announcements.switch_off(values["pk"], by=by, at=at)
    return Done(_("The announcement is off."))


CHANGED = _("Changed in the draft.")
VERBS: dict[str, Verb] = {
    "copy": Verb(forms.Nothing, _copy),
    "drop": Verb(forms.Nothing, _drop),
    "add-menu": Verb(forms.AddMenu, _add(drafting.add_menu)),
    "add-service": Verb(forms.AddService, _add(drafting.add_service)),
    "rename": Verb(forms.Rename, _edit(drafting.rename, CHANGED)),
    "move": Verb(forms.Move, _move),
    "remove": Verb(forms.Place, _edit(drafting.remove, _("Removed from the draft."))),
    "set-menu": Verb(forms.SetMenu, _edit(drafting.set_menu, CHANGED)),
    "set-service": Verb(forms.SetService, _edit(drafting.set_service, CHANGED)),
    "set-prompt": Verb(forms.SetPrompt, _edit(drafting.set_prompt, CHANGED)),
    "publish": Verb(forms.Nothing, _publish),
    "schedule": Verb(forms.Schedule, _schedule),
    "unschedule": Verb(forms.Nothing, _unschedule),
    "roll-back": Verb(forms.Nothing, _roll_back),
    "token": Verb(forms.Nothing, _token),
    "run-calls": Verb(forms.Nothing, _run),
    "save-call": Verb(forms.SaveCall, _save),
    "change-call": Verb(forms.ChangeCall, _change),
    "expect": Verb(forms.OneCall, _edit(saved_calls.expect, _("That is expected from now on."))),
    "forget": Verb(forms.OneCall, _edit(saved_calls.forget, _("The saved call is gone."))),
    "announce": Verb(forms.Announce, _announce, ANNOUNCE),
    "silence": Verb(forms.Silence, _silence, ANNOUNCE),
}
