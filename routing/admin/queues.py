"""Queues and credits as the bank sets them; who waited, and whom each was offered to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from banking import signs
from banking.admin.parts import When as Day
from banking.admin.parts import moment
from banking.admin.terms import DatedAdmin, DatedForm
from banking.models.customers import Language
from banking.numbers import masked_mobile
from calendars.models import OpeningHours
from people.office import OfficeAdmin
from routing.admin import parts
from routing.models import Queue, QueueEntry, Reservation, WaitingCredit


class QueueForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    """Opening hours are chosen from those that there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(row.name, row.title) for row in OpeningHours.objects.all()]
        self.fields["hours"] = forms.ChoiceField(
            label=_("opening hours"),
            required=False,
            choices=[("", _("always open")), *known],
            widget=UnfoldAdminSelectWidget,
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("language"), choices=Language.choices, widget=UnfoldAdminSelectWidget
        )


@admin.register(Queue)
class QueueAdmin(OfficeAdmin):
    form = QueueForm
    list_display = (
        *("order", "name", "name_en", "skill", "hours_shown"),
        *("target_shown", "ring_shown", "is_active"),
    )
    list_display_links = ("name", "name_en")
    list_select_related = ("skill",)
    fields = (
        *("slug", "name", "name_en", "skill", "language", "hours"),
        *("threshold_s", "target_pct", "ring_s", "is_active", "order"),
    )

    class Media:
        css = parts.STYLES

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # flows and menus name it

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The titles of opening hours are read once, not once a row."""
        page = super().get_changelist_instance(request)
        titles = dict(OpeningHours.objects.values_list("name", "title"))
        page.result_list = list(page.result_list)
        for row in page.result_list:
            row.hours_title = titles.get(row.hours, row.hours)
        return page

    @admin.display(description=_("opening hours"), ordering="hours")
    def hours_shown(self, row: Any) -> Any:
        return row.hours_title or _("always open")

    @admin.display(description=_("service level target"), ordering="target_pct")
    def target_shown(self, row: Queue) -> str:
        return f"{row.target_pct} % / {row.threshold_s} s"

    @admin.display(description=_("rings for, seconds"), ordering="ring_s")
    def ring_shown(self, row: Queue) -> SafeString:
        return parts.right(row.ring_s)


@admin.register(WaitingCredit)
class WaitingCreditAdmin(DatedAdmin):
    form = DatedForm
    same = ("vip",)
    list_display = ("vip", "seconds_shown", "valid_from", "state_shown")
    fields = ("vip", "valid_from", "seconds")

    class Media:
        css = parts.STYLES

    @admin.display(description=_("seconds"))
    def seconds_shown(self, row: WaitingCredit) -> SafeString:
        return parts.right(row.seconds)


class Entered(Day):
    field = "entered_at"


class Made(Day):
    field = "made_at"


class OfferInline(TabularInline):  # type: ignore[misc]
    """Whom she was offered to, in order, and why."""

    model = Reservation
    fields = readonly_fields = ("made", "whom", "why", "rang", "came_to")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("agent__user").order_by("made_at")

    @admin.display(description=_("time"))
    def made(self, row: Reservation) -> str:
        return moment(row.made_at)

    @admin.display(description=_("agent"))
    def whom(self, row: Reservation) -> str:
        return parts.agent(row.agent)

    @admin.display(description=_("reason for the choice"))
    def why(self, row: Reservation) -> str:
        return reason(row)

    @admin.display(description=_("rang for"))
    def rang(self, row: Reservation) -> SafeString:
        return parts.span(row.rung_at, row.answered_at or row.ended_at)

    @admin.display(description=_("came to"))
    def came_to(self, row: Reservation) -> SafeString:
        return ending(row)


def reason(row: Reservation) -> str:
    """Why she and why then, in a sentence."""
    said = _(
        "Waited %(waited)s s with %(credit)s s credited; level %(level)s, idle for %(idle)s s, "
        "one of %(among)s able."
    )
    return str(said) % {
        "waited": round(row.waited_s),
        "credit": row.credit_s,
        "level": row.level,
        "idle": round(row.idle_s),
        "among": row.among,
    }


def ending(row: Reservation) -> SafeString:
    if not row.end:
        return signs.sign(signs.TALK, str(_("lasts")))
    return signs.sign(parts.ENDS.get(Reservation.End(row.end), signs.WARN), row.get_end_display())


@admin.register(QueueEntry)
class QueueEntryAdmin(parts.RoutingList):
    """The newest first: who asked for a person, how long she waited, what came of it."""

    list_display = (
        *("entered", "queue", "masked_caller", "vip", "waited", "came_to"),
        *("by", "talked", "returned_shown"),
    )
    list_display_links = ("entered",)
    list_filter = (Entered, "queue", "outcome", "vip", "is_test")
    list_select_related = ("queue", "answered_by__user")
    search_fields = ("=caller",)
    search_help_text = _("Caller's number")
    fields = (
        *("entered", "queue", "masked_caller", "vip", "waited", "came_to"),
        *("by", "talked", "returned", "is_test", "after"),
    )
    readonly_fields = ("entered", "masked_caller", "waited", "came_to", "by", "talked")
    inlines = (OfferInline,)

    @admin.display(description=_("asked for a person"), ordering="entered_at")
    def entered(self, row: QueueEntry) -> str:
        return moment(row.entered_at)

    @admin.display(description=_("caller"))
    def masked_caller(self, row: QueueEntry) -> str:
        return masked_mobile(row.caller) if row.caller else "—"

    @admin.display(description=_("waited"))
    def waited(self, row: QueueEntry) -> SafeString:
        return parts.span(row.entered_at, row.answered_at or row.ended_at)

    @admin.display(description=_("outcome"), ordering="outcome")
    def came_to(self, row: QueueEntry) -> SafeString:
        if not row.outcome:
            shape = signs.TALK if row.state == QueueEntry.State.TALKING else "st-ring"
            return signs.sign(shape, row.get_state_display())
        return signs.sign(
            parts.OUTCOMES[QueueEntry.Outcome(row.outcome)], row.get_outcome_display()
        )

    @admin.display(description=_("answered by"), ordering="answered_by__user__username")
    def by(self, row: QueueEntry) -> str:
        return parts.agent(row.answered_by)

    @admin.display(description=_("talked"))
    def talked(self, row: QueueEntry) -> SafeString:
        return parts.span(row.answered_at, row.ended_at)

    @admin.display(description=_("times back in the queue"), ordering="returned")
    def returned_shown(self, row: QueueEntry) -> SafeString:
        return parts.right(row.returned or "—")


@admin.register(Reservation)
class ReservationAdmin(parts.RoutingList):
    """Each offer with the reason for the choice: what a supervisor asks."""

    list_display = ("made", "whom", "queue", "why", "rang", "came_to")
    list_display_links = ("made",)
    list_filter = (Made, "end", "entry__queue")
    list_select_related = ("agent__user", "entry__queue")
    search_fields = ("=agent__user__username",)
    search_help_text = _("Staff number")
    fields = readonly_fields = (
        *("made", "whom", "queue", "why", "rang", "rung_at", "answered_at"),
        *("ended_at", "came_to"),
    )

    made, whom = OfferInline.made, OfferInline.whom
    why, rang, came_to = OfferInline.why, OfferInline.rang, OfferInline.came_to

    @admin.display(description=_("queue"), ordering="entry__queue")
    def queue(self, row: Reservation) -> str:
        return str(row.entry.queue)
