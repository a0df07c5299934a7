"""Calls: a list in the order of the work, and one readable page a call."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin import parts
from banking.admin.parts import STYLES, PageAdmin, PresetFilter, moment, who
from banking.models import Customer, Instruction
from banking.models.customers import Language
from banking.numbers import masked_name
from banking.signs import sign
from calendars import clock
from people import access
from people.office import ReadOnlyAdmin, user_of
from routing.models import QueueEntry
from telephony import listening, story
from telephony.admin import asking
from telephony.models import Call, CallRecording, Command, Step
from telephony.templatetags.telephony import mmss


class Whose(PresetFilter):
    title = _("line")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("callers", _("Callers")), ("test", _("Test calls")), ("all", _("Both"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen == "all" else queryset.filter(is_test=chosen == "test")


class Spoken(admin.SimpleListFilter):
    """By the language she chose, as its speakers call it."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Language.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(language=self.value()) if self.value() else queryset


# The columns of a list of wishes for a person.
ASKED = (
    *("started", "masked_caller", "masked_customer", "queue", "asked", "waited"),
    *("answered_by", "outcome_shown", "duration"),
)


def figure(text: str) -> SafeString:
    """A cell whose end is in line with the cells above and below."""
    return format_html('<span class="r">{}</span>', text)


@admin.register(Call)
class CallAdmin(PageAdmin):
    list_display = (
        "started",
        "number",
        "masked_caller",
        "masked_customer",
        "spoken",
        "path",
        "outcome_shown",
        "duration",
        "recoveries",
    )
    list_display_links = ("started",)
    list_filter = (
        *(asking.When, Whose, asking.Asked, asking.InQueue, asking.OfTeam),
        *("outcome", Spoken, "number"),
    )
    search_fields = ("=caller", "=customer__number", "=callbackrequest__receipt")
    search_help_text = _("Caller's number, customer number or receipt number")
    change_form_template = "telephony/call.html"

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ASKED if asking.asked(request) else self.list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        last = Step.objects.filter(call=OuterRef("pk")).exclude(flow="").order_by("-seq")
        found: QuerySet[Call] = super().get_queryset(request)
        return found.select_related("number", "customer").annotate(
            lasted=Coalesce("ended_at", Value(clock.now())) - F("started_at"),
            last_flow=Subquery(last.values("flow")[:1]),
            last_node=Subquery(last.values("menu_node")[:1]),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Call], search_term: str
    ) -> tuple[QuerySet[Call], bool]:
        """The receipt of a transfer finds the call in which it was given."""
        found, twice = super().get_search_results(request, queryset, search_term)
        if order := Instruction.objects.filter(receipt=search_term.strip() or None).first():
            found = found | queryset.filter(uuid=order.call_ref)
        return found, twice

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's menus and wishes for a person are read once, not once a row."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        wishes = QueueEntry.objects.select_related("queue", "answered_by__user").in_bulk(
            [call.wish_id for call in page.result_list if hasattr(call, "wish_id")]
        )
        places = story.Places(call.menu_id for call in page.result_list)
        for call in page.result_list:
            call.wish = wishes.get(getattr(call, "wish_id", None))
            call.path = places.title(
                call.menu_id, call.last_node or call.menu_node, call.last_flow or ""
            )
        return page

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, call: Call) -> str:
        return str(call)

    @admin.display(description=_("caller"))
    def masked_caller(self, call: Call) -> str:
        return story.masked_caller(call.caller) or "—"

    @admin.display(description=_("customer"))
    def masked_customer(self, call: Call) -> str:
        return who(call.customer)

    @admin.display(description=_("language"), ordering="language")
    def spoken(self, call: Call) -> str:
        return str(Language(call.language).label)

    @admin.display(description=_("last menu or service"))
    def path(self, call: Any) -> str:
        return call.path or "—"

    @admin.display(description=_("outcome"), ordering="outcome")
    def outcome_shown(self, call: Call) -> str:
        return sign(story.OUTCOMES[call.outcome], story.outcome(call))

    @admin.display(description=_("duration"), ordering="lasted")
    def duration(self, call: Call) -> str:
        seconds = story.lasted_s(call)
        return figure("—" if seconds is None else mmss(seconds))

    @admin.display(description=_("asked for a person"))
    def asked(self, call: Any) -> str:
        return moment(call.wish.entered_at)

    @admin.display(description=_("queue"))
    def queue(self, call: Any) -> str:
        return str(call.wish.queue)

    @admin.display(description=_("waited"))
    def waited(self, call: Any) -> str:
        """Until she was answered first, or was gone; who waits still, until now."""
        wish = call.wish
        until = wish.answered_at or wish.ended_at or clock.now()
        return figure(mmss((until - wish.entered_at).total_seconds()))

    @admin.display(description=_("answered by"))
    def answered_by(self, call: Any) -> str:
        by = call.wish.answered_by
        return by.user.name if by else "—"

    @admin.display(description=_("recoveries"), ordering="recovered")
    def recoveries(self, call: Call) -> str:
        return str(call.recovered) if call.recovered else "—"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        view = self.admin_site.admin_view(self.recording)
        own = path("recording/<int:pk>/", view, name="telephony_call_recording")
        urls: list[URLPattern | URLResolver] = super().get_urls()
        return [own, *urls]

    def recording(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """What she said, to who may hear it; that it was heard is written down."""
        if not request.user.has_perm("telephony.view_callrecording"):
            raise PermissionDenied
        row = get_object_or_404(CallRecording, pk=pk)
        said = listening.answer(request, settings.RECORDINGS / row.file)
        if listening.is_beginning(request):
            access.record(
                user_of(request),
                "reveal",
                row,
                field="file",
                reason=self.reason(row.call),
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )
        return said

    def customers_of(self, call: Call) -> Iterable[Customer]:
        return [call.customer] if call.customer else []

    def reason(self, call: Call) -> str:
        return f"call {call.pk}"

    def facts(self, request: HttpRequest, call: Call) -> dict[str, Any]:
        sees_orders = request.user.has_perm("banking.view_instruction")
        sees_customers = request.user.has_perm("banking.view_customer")
        return {
            "story": story.tell(call),
            "customer": masked_name(call.customer.name) if call.customer else "",
            "language": str(Language(call.language).label),
            "ending": story.ending(call),
            "recordings": call.recordings.all()
            if request.user.has_perm("telephony.view_callrecording")
            else (),
            # Followed by the key of an instruction; "" for who may not see them.
            "order_url": reverse("admin:banking_instruction_changelist") if sees_orders else "",
            "customer_url": parts.page_of(call.customer)
            if call.customer and sees_customers
            else "",
        }


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "call", "verb", "argument", "asked_by", "answered", "answer")
    list_filter = ("verb", "asked_at")
    list_select_related = ("call", "asked_by")
    fields = ("call", "verb", "argument", "asked_by", "asked_at", "expires_at", "done_at", "answer")

    class Media:
        css = STYLES

    @admin.display(description=_("answered"), ordering="done_at")
    def answered(self, row: Command) -> str:
        if row.done_at is None:
            return sign(signs.TALK, gettext("waits for the worker"))
        if row.answer:
            return sign(signs.WARN, gettext("not carried out"))
        return sign(signs.MET, gettext("carried out"))
