"""What the menu desk shows of one version, read at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from desktop.menudesk.rows import DROPS, MISDIALS, Drawing, Row
from reporting import kpi, walks
from reporting.today import Span
from reporting.walks import Whole
from routing.models import Queue
from telephony import announcements, menus, publishing, saved_calls, wording
from telephony.ivr import registry
from telephony.ivr.checking import LANGUAGES, problems
from telephony.ivr.comparing import compare
from telephony.models import MenuVersion, Number, SavedCall, TrialToken
from telephony.phone import cards, line
from telephony.saved_calls import First

DAYS = {1: _("Today"), 7: _("Last 7 days"), 30: _("Last 30 days")}
EVERY_KEY = "12345678"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the top bar; `shape` where it passed its limit."""

    title: Any
    value: str
    note: Any = ""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A saved call with its last run."""

    row: SavedCall
    shape: str
    word: Any
    first: First | None


def desk(version: MenuVersion, *, selected: str, days: int, at: datetime) -> dict[str, Any]:
    """The page's context. `selected` names a row: node.digit."""
    tree = menus.load(version.pk)
    heard = version.menu.versions.filter(state=MenuVersion.State.PUBLISHED).first()
    before = menus.load(heard.pk) if heard and heard != version else None
    difference = compare(before or tree, tree)
    facts = publishing.facts(version.menu, at=at)
    span = _span(days, at)
    drawing = Drawing(
        tree=tree,
        before=before,
        difference=difference,
        problems=tuple(problems(tree, facts)),
        built=facts.built,
        services={name: bool(registry.find(name).identified) for name in facts.built},  # type: ignore[union-attr]
        walks=walks.places(version.menu_id, span),
    )
    rows = list(drawing.rows())
    picked = next((row for row in rows if row.key == selected and not row.is_gone), rows[0])
    calls = [_rehearsed(saved, version) for saved in version.saved_calls.all()]
    errors = [p for p in drawing.problems if p.is_error]
    return {
        "version": version,
        "is_draft": version.state == MenuVersion.State.DRAFT,
        "heard": heard,
        "back_to": publishing.version_before(heard) if heard else None,
        "difference": len(difference),
        "rows": rows,
        "row": picked,
        "problems": [(p, f"{p.node}.{p.digit}") for p in drawing.problems],
        "errors": len(errors),
        "hints": len(drawing.problems) - len(errors),
        "red": sum(call.shape != "st-met" for call in calls),
        "calls": calls,
        "figures": list(_figures(walks.whole(version.menu_id, span), DAYS[days])),
        "days": [(n, title, n == days) for n, title in DAYS.items()],
        "versions": version.menu.versions.exclude(state=MenuVersion.State.DROPPED)[:12],
        "numbers": Number.objects.filter(menu=version.menu_id, is_active=True),
        "announced": announcements.on(at).select_related("number", "on_by"),
        "announcements": announcements.texts(),
        "announce_until": at + timedelta(hours=2),
        "due_at": (at + timedelta(days=1)).replace(hour=6, minute=0),
        "hour": at,
        **_editing(drawing, picked),
        **_trying(version, at),
    }


def _editing(drawing: Drawing, row: Row) -> dict[str, Any]:
    """What the selected row can become."""
    tree = drawing.tree
    node = tree.nodes[row.leads] if row.is_menu else tree.nodes[row.node]
    entry = next((e for e in tree.nodes[row.node].entries if e.digit == row.digit), None)
    taken = {e.digit for e in node.entries}
    words = wording.words()
    spoken = []
    if entry:
        spoken = [
            (LANGUAGES[language], prompts.get(entry.prompt)) for language, prompts in words.items()
        ]
    return {
        "node": node,
        "entry": entry,
        "inside": [(e, drawing.difference.at(node.slug, e.digit)) for e in node.entries],
        "free_keys": [key for key in EVERY_KEY if key not in taken],
        "every_key": EVERY_KEY,
        "menus": [(slug, " › ".join(tree.path(slug))) for slug in tree.nodes],
        "flows": sorted(drawing.built),
        "queues": Queue.objects.filter(is_active=True),
        "reached": tree.queue_of(node.slug),
        "spoken": spoken,
    }


def _trying(version: MenuVersion, at: datetime) -> dict[str, Any]:
    token = TrialToken.objects.filter(version=version, used_at=None, expires_at__gt=at).first()
    return {"token": token, "simulated": line.is_simulated(), "cards": cards.listed()[:3]}


def _rehearsed(saved: SavedCall, version: MenuVersion) -> Rehearsed:
    if saved.ran_at is None or saved.came is None:
        return Rehearsed(saved, "st-stale", _("not run yet"), None)
    if not saved.expected:
        return Rehearsed(saved, "st-warn", _("expects nothing yet"), None)
    if version.edited_at and saved.ran_at < version.edited_at:
        return Rehearsed(saved, "st-stale", _("not run since the last edit"), None)
    first = saved_calls.first_difference(saved.expected, saved.came)
    if first is None:
        return Rehearsed(saved, "st-met", _("as expected"), None)
    return Rehearsed(saved, "st-breach", _("otherwise"), first)


def _span(days: int, at: datetime) -> Span:
    today = Span.day(at)
    return Span(today.start - timedelta(days=days - 1), today.end)


def _figures(whole: Whole, period: Any) -> Iterator[Figure]:
    """Of the whole menu, all versions: what an owner looks at first."""
    w = whole.walks
    yield Figure(pgettext_lazy("figure", "Calls in"), f"{w.entered:,}", period)
    yield Figure(_("Served without a person"), _percent(kpi.containment(w)))
    yield Figure(_("To the first service"), _mmss(whole.to_service_s), _("median"))
    yield _watched(_("Hung up before any service"), kpi.drop_rate(w), DROPS)
    yield _watched(_("Misdialled"), kpi.misdial_rate(w), MISDIALS)
    yield Figure(_("Asked for a person"), _percent(kpi.person_rate(w)))
    yield Figure(_("Dial to a person"), _mmss(whole.to_person_s), _("median"))


def _watched(title: Any, share: Decimal | None, limit: Decimal) -> Figure:
    over = share is not None and share > limit
    note = _("limit %(limit)s %%") % {"limit": int(limit * 100)}
    return Figure(title, _percent(share), note, "st st-warn" if over else "")


def _percent(share: Decimal | None) -> str:
    return "—" if share is None else f"{100 * share:.1f}%"


def _mmss(seconds: Decimal | None) -> str:
    return "—" if seconds is None else f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
