"""What stops a card: that it was reported lost, or that its PIN was keyed wrong. Read only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking.admin import signs
from banking.admin.parts import OnRecord, PresetFilter, moment, who
from banking.models import Customer, LossReport, PinEvent
from banking.models.orders import Channel
from calendars import clock


class InForce(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("force", _("In force")), ("over", _("Lapsed or lifted")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        over = Q(lapses_at__lte=clock.now()) | Q(lifted_at__isnull=False)
        match self.chosen():
            case "force":
                return queryset.exclude(over)
            case "over":
                return queryset.filter(over)
        return queryset


class Via(admin.SimpleListFilter):
    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(channel.value, channel.label) for channel in Channel]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(LossReport)
class LossReportAdmin(OnRecord):
    """Made by telephone or at an agent's; lifted at a branch. Here it is read."""

    list_display = ("reported", "number", "customer_shown", "lost", "via", "until", "state_shown")
    list_display_links = ("reported", "number")
    list_filter = (InForce, Via)
    list_select_related = ("customer", "card", "passbook")
    search_fields = ("=number", "=customer__number")
    search_help_text = _("Receipt number or customer number")
    fields = (
        "number",
        "customer_shown",
        "lost",
        "via",
        "reported",
        "until",
        "lifted",
        "state_shown",
    )
    readonly_fields = fields

    @admin.display(description=_("reported at"), ordering="reported_at")
    def reported(self, row: LossReport) -> str:
        return moment(row.reported_at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: LossReport) -> str:
        return who(row.customer)

    @admin.display(description=_("lost"))
    def lost(self, row: LossReport) -> str:
        return str(row.card or row.passbook)

    @admin.display(description=_("channel"), ordering="channel")
    def via(self, row: LossReport) -> str:
        return str(Channel(row.channel).label)

    @admin.display(description=_("lapses at"), ordering="lapses_at")
    def until(self, row: LossReport) -> str:
        return moment(row.lapses_at)

    @admin.display(description=_("lifted at"))
    def lifted(self, row: LossReport) -> str:
        return moment(row.lifted_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: LossReport) -> str:
        return signs.loss(row, clock.now())

    def customer_of(self, row: LossReport) -> Customer:
        return row.customer

    def reason(self, row: LossReport) -> str:
        return gettext("opened loss report %(number)s") % {"number": row.number}


class PinOutcome(PresetFilter):
    title = _("event")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        failed, unlocked = PinEvent.What.FAILED, PinEvent.What.UNLOCKED
        return [
            ("all", _("All")),
            (failed.value, failed.label),
            (unlocked.value, unlocked.label),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(what=self.chosen())


@admin.register(PinEvent)
class PinEventAdmin(OnRecord):
    """Each try counts. Never the PIN: nobody here has it."""

    list_display = ("time", "card", "customer_shown", "purpose", "what_shown", "by")
    list_filter = (PinOutcome, "purpose")
    list_select_related = ("card__customer", "by")
    search_fields = ("=card__customer__number", "=card__last4")
    search_help_text = _("Customer number or the last four of the card")
    fields = ("time", "card", "customer_shown", "purpose", "what_shown", "by")
    readonly_fields = fields

    @admin.display(description=_("time"), ordering="at")
    def time(self, row: PinEvent) -> str:
        return f"{row.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("customer"))
    def customer_shown(self, row: PinEvent) -> str:
        return who(row.card.customer)

    @admin.display(description=_("event"), ordering="what")
    def what_shown(self, row: PinEvent) -> str:
        return signs.sign(signs.PINS[row.what], row.get_what_display())

    def customer_of(self, row: PinEvent) -> Customer:
        return row.card.customer

    def reason(self, row: PinEvent) -> str:
        return gettext("opened a PIN event of card %(masked)s") % {"masked": row.card}
