"""Calls as they were, menus as callers hear them, call-backs to be done. Verbs, no forms."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from banking.models import Customer, Instruction
from banking.numbers import masked_name
from calendars import clock
from people import access
from people.errors import Refusal
from people.models import User
from people.office import OfficeAdmin, ReadOnlyAdmin
from telephony import menus, records, story
from telephony.ivr import registry
from telephony.models import Call, CallbackRequest, Command, Menu, MenuVersion, Number, Step
from telephony.templatetags.telephony import mmss


def state(shape: str, word: str) -> SafeString:
    """A state as every page shows it: colour, shape and word."""
    return format_html('<span class="st {}">{}</span>', shape, word)


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody else in
    return request.user


class PresetFilter(admin.SimpleListFilter):
    """A filter that is set before anybody touches it: the first choice holds."""

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": value == self.chosen(),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def chosen(self) -> str:
        value = self.value()
        offered = [str(value) for value, _title in self.lookup_choices]
        return value if value in offered else offered[0]


class When(PresetFilter):
    title = _("day")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("week", _("Last 7 days")),
            ("all", _("All days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        match self.chosen():
            case "today":
                return queryset.filter(started_at__gte=midnight)
            case "yesterday":
                since = midnight - timedelta(days=1)
                return queryset.filter(started_at__gte=since, started_at__lt=midnight)
            case "week":
                return queryset.filter(started_at__gte=midnight - timedelta(days=6))
        return queryset


class Whose(PresetFilter):
    title = _("line")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("callers", _("Callers")), ("test", _("Test calls")), ("all", _("Both"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen == "all" else queryset.filter(is_test=chosen == "test")


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
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
    list_filter = (When, Whose, "outcome", "language", "number")
    list_before_template = "telephony/_call_presets.html"
    search_fields = ("=caller", "=customer__number", "=callbackrequest__receipt")
    search_help_text = _("Caller's number, customer number or receipt number")
    change_form_template = "telephony/call.html"

    class Media:
        css = {"all": ["css/call-admin.css"]}

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
        """The page's menus are read once, not once a row."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        page.presets = [
            list(spec.choices(page)) for spec in page.filter_specs if isinstance(spec, PresetFilter)
        ]
        places = story.Places(call.menu_id for call in page.result_list)
        for call in page.result_list:
            call.path = places.title(
                call.menu_id, call.last_node or call.menu_node, call.last_flow or ""
            )
        return page

    @display(description=_("started"), ordering="started_at")
    def started(self, call: Call) -> str:
        return str(call)

    @display(description=_("caller"))
    def masked_caller(self, call: Call) -> str:
        return story.masked_caller(call.caller) or "—"

    @display(description=_("customer"))
    def masked_customer(self, call: Call) -> str:
        who = call.customer
        return f"{masked_name(who.name)} {who.number}" if who else "—"

    @display(description=_("language"), ordering="language")
    def spoken(self, call: Call) -> str:
        return language_name(call.language)

    @display(description=_("last menu or service"))
    def path(self, call: Any) -> str:
        return call.path or "—"

    @display(description=_("outcome"), ordering="outcome")
    def outcome_shown(self, call: Call) -> str:
        return state(story.OUTCOMES[call.outcome], story.outcome(call))

    @display(description=_("duration"), ordering="lasted")
    def duration(self, call: Call) -> str:
        seconds = story.lasted_s(call)
        return format_html('<span class="r">{}</span>', "—" if seconds is None else mmss(seconds))

    @display(description=_("recoveries"), ordering="recovered")
    def recoveries(self, call: Call) -> str:
        return str(call.recovered) if call.recovered else "—"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One readable page instead of a form. Whoever opens a customer's is written down."""
        if object_id is None or not self.has_view_permission(request):
            raise PermissionDenied
        call = self.get_object(request, unquote(object_id))
        if call is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if call.customer:
            access.record(
                user_of(request),
                "view",
                call.customer,
                reason=f"call {call.pk}",
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )
        context = {
            **self.admin_site.each_context(request),
            "title": str(call),
            "story": story.tell(call),
            "customer": masked_name(call.customer.name) if call.customer else "",
            "language": language_name(call.language),
            "order_url": _order_page(request),
            "customer_url": _customer_page(request, call),
            "opts": self.opts,
            "original": call,
            "ending": story.ending(call),
            "media": self.media,
            "is_fullwidth": "1",
        }
        return TemplateResponse(request, self.change_form_template, context)


def language_name(code: str) -> str:
    return {"zh": gettext("Mandarin"), "en": gettext("English")}.get(code, code)


def _may_open(request: HttpRequest, model: type[Model]) -> bool:
    pages = admin.site.get_model_admin(model) if admin.site.is_registered(model) else None
    return pages is not None and pages.has_view_permission(request)


def _order_page(request: HttpRequest) -> str:
    """The admin address of an instruction, its key left out; "" for who may not see it."""
    if not _may_open(request, Instruction):
        return ""
    return reverse("admin:banking_instruction_changelist")


def _customer_page(request: HttpRequest, call: Call) -> str:
    if call.customer_id is None or not _may_open(request, Customer):
        return ""
    return reverse("admin:banking_customer_change", args=[call.customer_id])


@admin.register(Number)
class NumberAdmin(OfficeAdmin):
    """Who dials it hears which greeting and which menu. History shows each change."""

    list_display = ("number", "menu", "greeting", "in_service")
    fields = ("number", "menu", "greeting", "is_active")
    list_select_related = ("menu",)

    class Media:
        css = {"all": ["css/call-admin.css"]}

    @display(description=_("in service"), ordering="is_active")
    def in_service(self, number: Number) -> str:
        return (
            state("st-ready", gettext("in service"))
            if number.is_active
            else state("st-off", gettext("out of service"))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Number | None = None) -> Any:
        return ("number",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # calls name it for ever


VERSIONS = {
    MenuVersion.State.DRAFT: "st-wrap",
    MenuVersion.State.PUBLISHED: "st-ready",
    MenuVersion.State.RETIRED: "st-off",
}


@admin.register(Menu)
class MenuAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug")
    fields = ("name", "slug")


@admin.register(MenuVersion)
class MenuVersionAdmin(ReadOnlyAdmin):
    """A version as a tree. What was published is what callers heard: it never changes."""

    list_display = ("version", "state_shown", "published_at", "published_by")
    list_select_related = ("menu", "published_by")
    list_filter = ("menu", "state")
    change_form_template = "telephony/menu_version.html"
    actions_detail = ("publish",)

    class Media:
        css = {"all": ["css/call-admin.css"]}

    @display(description=_("version"), ordering="number")
    def version(self, row: MenuVersion) -> str:
        return str(row)

    @display(description=_("state"), ordering="state")
    def state_shown(self, row: MenuVersion) -> str:
        return state(VERSIONS[MenuVersion.State(row.state)], row.get_state_display())

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, unquote(object_id or ""))
        if row is None or not self.has_view_permission(request, row):
            return super().changeform_view(request, object_id, form_url, extra_context)
        tree = menus.load(row.pk)
        context = {
            "rows": list(story.branches(tree, registry.names())),
            "numbers": Number.objects.filter(menu=row.menu, is_active=True),
            "version": row,
            "state": self.state_shown(row),
            "title": str(row),
            "is_fullwidth": "1",
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Only a draft can be published, by who owns menus."""
        if not request.user.has_perm("telephony.change_menuversion"):
            return False
        drafts = MenuVersion.objects.filter(state=MenuVersion.State.DRAFT)
        return object_id is None or drafts.filter(pk=object_id).exists()

    @action(
        description=_("Publish"),
        icon="publish",
        permissions=["publish"],
        dialog={
            "title": _("Publish this version"),
            "description": _(
                "Callers hear it from their next call on. Calls in progress keep the version "
                "they began with."
            ),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Publish"),
        },
    )
    def publish(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            version = menus.publish(int(object_id), by=user_of(request), at=clock.now())
            messages.success(request, gettext("%(version)s is published.") % {"version": version})
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:telephony_menuversion_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})


class CallbackState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("done", _("Called back")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(state=self.chosen())


@admin.register(CallbackRequest)
class CallbackRequestAdmin(ReadOnlyAdmin):
    """The oldest first: who has waited longest is called next."""

    list_display = (
        "asked",
        "receipt",
        "masked_phone",
        "masked_customer",
        "spoken",
        "state_shown",
        "done_at",
        "done_by",
    )
    list_display_links = ("asked", "receipt")
    list_filter = (CallbackState, "language")
    list_select_related = ("customer", "done_by", "call")
    search_fields = ("=receipt", "=phone")
    search_help_text = _("Receipt number or telephone number")
    fields = (
        "receipt",
        "phone_to_call",
        "masked_customer",
        "spoken",
        "asked",
        "state_shown",
        "done_at",
        "done_by",
        "made_in",
    )
    readonly_fields = fields
    actions_detail = ("called_back",)

    class Media:
        css = {"all": ["css/call-admin.css"]}

    @display(description=_("asked"), ordering="asked_at")
    def asked(self, row: CallbackRequest) -> str:
        return f"{row.asked_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"

    @display(description=_("call back at"))
    def masked_phone(self, row: CallbackRequest) -> str:
        return story.masked_caller(row.phone)

    @display(description=_("call back at"))
    def phone_to_call(self, row: CallbackRequest) -> str:
        return row.phone if row.may_be_seen else story.masked_caller(row.phone)  # type: ignore[attr-defined]

    @display(description=_("customer"))
    def masked_customer(self, row: CallbackRequest) -> str:
        return f"{masked_name(row.customer.name)} {row.customer.number}" if row.customer else "—"

    @display(description=_("language"), ordering="language")
    def spoken(self, row: CallbackRequest) -> str:
        return language_name(row.language)

    @display(description=_("state"), ordering="state")
    def state_shown(self, row: CallbackRequest) -> str:
        done = row.state == CallbackRequest.State.DONE
        return state(story.MET if done else story.WARN, row.get_state_display())

    @display(description=_("asked in"))
    def made_in(self, row: CallbackRequest) -> str:
        page = reverse("admin:telephony_call_change", args=[row.call_id])
        return format_html('<a class="link" href="{}">{}</a>', page, gettext("Call record"))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> CallbackRequest | None:
        """Who may call back sees the number in full, and that is written down."""
        row: CallbackRequest | None = super().get_object(request, object_id, from_field)
        if row is None:
            return None
        may = request.user.has_perm("telephony.change_callbackrequest")
        row.may_be_seen = may and row.state == CallbackRequest.State.WAITING  # type: ignore[attr-defined]
        if row.may_be_seen:  # type: ignore[attr-defined]
            access.record(
                user_of(request),
                "reveal",
                row,
                field="phone",
                reason=f"call-back {row.receipt}",
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )
        return row

    def has_called_back_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("telephony.change_callbackrequest"):
            return False
        waiting = CallbackRequest.objects.filter(state=CallbackRequest.State.WAITING)
        return object_id is None or waiting.filter(pk=object_id).exists()

    @action(
        description=_("Called back"),
        icon="phone_callback",
        permissions=["called_back"],
        dialog={
            "title": _("Called back"),
            "description": _("You reached the caller, and what she wanted is taken care of."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Called back"),
        },
    )
    def called_back(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            row = records.called_back(int(object_id), by=user_of(request), at=clock.now())
            messages.success(
                request, gettext("Call-back %(receipt)s is done.") % {"receipt": row.receipt}
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:telephony_callbackrequest_changelist")
        return HttpResponse(headers={"HX-Redirect": page})


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "call", "verb", "asked_by", "answered", "answer")
    list_filter = ("verb", "asked_at")
    list_select_related = ("call", "asked_by")
    fields = ("call", "verb", "asked_by", "asked_at", "expires_at", "done_at", "answer")

    class Media:
        css = {"all": ["css/call-admin.css"]}

    @display(description=_("answered"), ordering="done_at")
    def answered(self, row: Command) -> str:
        if row.done_at is None:
            return state(story.TALK, gettext("waits for the worker"))
        if row.answer:
            return state(story.WARN, gettext("not carried out"))
        return state(story.MET, gettext("carried out"))
