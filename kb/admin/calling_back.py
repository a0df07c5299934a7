"""The work list of the calls back: the most at stake first, a page each, a verb a step."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import PageAdmin, figure, page_of
from banking.models import Customer
from calendars import clock
from kb import calling_back
from kb.admin.corrections import named, state_of
from kb.admin.forms import NoteForm, ReachedForm
from kb.admin.versions import WhyForm, step
from kb.models import Hearer
from people import access
from people.office import PresetFilter, moment, user_of
from telephony import story

State = Hearer.State
WORK = "kb.work_hearer"


class Stage(PresetFilter):
    title = _("state")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("To be called")),
            ("mine", _("Taken by me")),
            ("taken", _("Taken")),
            ("done", _("Reached or given up")),
            ("all", _("All but tests")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "mine":
                return queryset.filter(state=State.TAKEN, taken_by=user_of(request))
            case "waiting" | "taken" as state:
                return queryset.filter(state=state)
            case "done":
                return queryset.filter(state__in=[State.REACHED, State.GIVEN_UP])
        return queryset.exclude(state=State.APART)


@admin.register(Hearer)
class HearerAdmin(PageAdmin):
    """Whoever is to be called back, or told at work."""

    list_display = (
        *("who", "about", "heard", "calls", "orders", "stake"),
        *("state_shown", "tries", "taken_by"),
    )
    list_filter = (Stage, "correction__kind", ("correction", admin.RelatedFieldListFilter))
    list_select_related = ("correction__version", "customer", "staff", "taken_by")
    ordering = ("-at_stake", "first_at", "pk")
    search_fields = ("=customer__number", "=phone")
    search_help_text = _("Customer number or telephone number")
    change_form_template = "kb/hearer.html"
    actions_detail = ("take", "tried", "reached", "give_up", "put_back")

    @admin.display(description=_("who"))
    def who(self, row: Hearer) -> str:
        return named(row)

    @admin.display(description=pgettext_lazy("something wrong", "correction"))
    def about(self, row: Hearer) -> str:
        return row.correction.subject

    @admin.display(description=_("heard first"), ordering="first_at")
    def heard(self, row: Hearer) -> str:
        return moment(row.first_at)

    @admin.display(description=_("at stake"), ordering="at_stake")
    def stake(self, row: Hearer) -> SafeString:
        return figure(row.at_stake)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Hearer) -> SafeString:
        return state_of(row)

    def title(self, subject: Hearer) -> str:
        return named(subject)

    def customers_of(self, subject: Hearer) -> Iterable[Customer]:
        return [subject.customer] if subject.customer else []

    def reason(self, subject: Hearer) -> str:
        return f"call back for correction {subject.correction_id}"

    def _calls_her(self, request: HttpRequest, row: Hearer) -> bool:
        mine = row.state == State.TAKEN and row.taken_by_id == user_of(request).pk
        return mine and request.user.has_perm(WORK)

    def write_down(self, request: HttpRequest, subject: Any) -> None:
        """Who calls her sees the number whole: that is written down too."""
        super().write_down(request, subject)
        if self._calls_her(request, subject) and not subject.staff_id:
            access.record(
                user_of(request),
                "reveal",
                subject,
                field="phone",
                reason=self.reason(subject),
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )

    def facts(self, request: HttpRequest, row: Hearer) -> dict[str, Any]:
        may = request.user.has_perm
        number = row.customer.mobile if row.customer else row.phone
        return {
            "row": row,
            "state": state_of(row),
            "correction": row.correction,
            "correction_url": page_of(row.correction),
            "customer_url": page_of(row.customer)
            if row.customer and may("banking.view_customer")
            else "",
            "number": number if self._calls_her(request, row) else story.masked_caller(number),
            "hearings": row.hearings.select_related("call", "agent", "version"),
            "charges": [
                (charge, signs.order(charge.order))
                for charge in row.charges.select_related("order", "call")
            ],
            "steps": row.steps.select_related("by"),
            "sees_calls": may("telephony.view_call"),
        }

    # -- verbs ---------------------------------------------------------------------------------

    def _may(self, request: HttpRequest, object_id: Any, *, mine: bool, state: str) -> bool:
        if not request.user.has_perm(WORK):
            return False
        if object_id is None:
            return True
        found = Hearer.objects.filter(pk=object_id, state=state)
        return (found.filter(taken_by=user_of(request)) if mine else found).exists()

    def has_take_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, mine=False, state=State.WAITING)

    def has_call_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, mine=True, state=State.TAKEN)

    def has_put_back_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, mine=False, state=State.TAKEN)

    def _do(
        self, request: HttpRequest, object_id: str, verb: Callable[..., Any], done: str, *said: Any
    ) -> HttpResponse:
        row = Hearer.objects.get(pk=object_id)
        return back_to(
            request,
            page_of(row),
            lambda: verb(row.pk, *said, by=user_of(request), at=clock.now()),
            done,
        )

    @step(
        pgettext_lazy("a call back", "Take it"),
        "assignment_ind",
        "take",
        _("You call her. Her number is shown to you, and that is written down."),
    )
    def take(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, calling_back.take, gettext("It is yours to call."))

    @step(_("Nobody answered"), "phone_missed", "call", _("It stays yours."), NoteForm)
    def tried(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        done = gettext("The try is written down.")
        return self._do(request, object_id, calling_back.tried, done, form.cleaned_data["note"])

    @step(
        pgettext_lazy("a call back", "Reached"),
        "phone_callback",
        "call",
        _("She knows what is right. A fee is returned by the branch; here it is said that it was."),
        ReachedForm,
    )
    def reached(self, request: HttpRequest, form: ReachedForm, object_id: str) -> HttpResponse:
        said = form.cleaned_data["outcome"], form.cleaned_data["note"]
        return self._do(request, object_id, calling_back.reached, gettext("Done."), *said)

    @step(_("Give up"), "phone_disabled", "call", _("She can't be reached. Say why."), WhyForm)
    def give_up(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The call back is given up.")
        return self._do(request, object_id, calling_back.give_up, done, form.cleaned_data["why"])

    @step(
        _("Put it back"),
        "undo",
        "put_back",
        _("Somebody else may take it; of a colleague who is away, too."),
    )
    def put_back(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, calling_back.put_back, gettext("It waits for somebody to take it.")
        )
