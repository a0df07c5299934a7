"""The complaints desk: an inbox by what is due, a page a case, a verb a step."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import PageAdmin, PresetFilter, moment, page_of, user_of, who
from banking.models import Customer
from banking.numbers import masked_name
from calendars import clock
from complaints import cases, clocks, handling
from complaints.admin.forms import AssignForm, GradeForm, WordsForm
from complaints.clocks import Spent
from complaints.models import Complaint
from people import access
from telephony import story

State = Complaint.State
STATES = {
    State.REGISTERED: signs.BREACH,
    State.GRADED: signs.WARN,
    State.ASSIGNED: signs.TALK,
    State.REPLIED: signs.WARN,
    State.REVIEWED: signs.DUE,
    State.TOLD: signs.MET,
    State.REVISITED: signs.MET,
    State.ARCHIVED: signs.OFF,
}
CLOCK = {
    Spent.EARLY: signs.MET,
    Spent.HALF: signs.DUE,
    Spent.LATE: signs.WARN,
    Spent.OVER: signs.BREACH,
}
DECIDED = (State.TOLD, State.REVISITED, State.ARCHIVED)


def due(case: Complaint) -> SafeString:
    """By when she must know, and how much of the clock has run; once told, whether in time."""
    if case.told_at:
        late = case.told_at > case.due_at
        word = gettext("told too late") if late else gettext("told in time")
        return signs.sign(signs.BREACH if late else signs.MET, word)
    spent = clocks.spent(case.clock_from, case.due_at, clock.now())
    word = gettext("by %(when)s, %(spent)s %% spent") % {
        "when": case.due_on.isoformat(),
        "spent": int(spent),
    }
    return signs.sign(CLOCK[spent], word)


class Todo(PresetFilter):
    """What waits for whom."""

    title = _("state")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("Not told yet")),
            ("new", _("To be graded or assigned")),
            ("branch", _("With branches")),
            ("review", _("To be reviewed")),
            ("tell", _("To be told or archived")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "open":
                return queryset.exclude(state__in=DECIDED)
            case "new":
                return queryset.filter(state__in=[State.REGISTERED, State.GRADED])
            case "branch":
                return queryset.filter(state=State.ASSIGNED)
            case "review":
                return queryset.filter(state=State.REPLIED)
            case "tell":
                return queryset.filter(state__in=[State.REVIEWED, State.TOLD, State.REVISITED])
        return queryset


class Whose(PresetFilter):
    title = _("line")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("Both")), ("callers", _("Callers")), ("test", _("Test calls"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen == "all" else queryset.filter(call__is_test=chosen == "test")


def step(
    title: Any, icon: str, permission: str, explained: Any, form: Any = BaseDialogForm
) -> Callable[[Any], Any]:
    """A verb of the page, with its dialog."""
    dialog = {
        "title": title,
        "description": explained,
        "form_class": form,
        "form_submit_text": title,
    }
    made: Callable[[Any], Any] = action(
        description=title, icon=icon, permissions=[permission], dialog=dialog
    )
    return made


@admin.register(Complaint)
class ComplaintAdmin(PageAdmin):
    """What is due first is on top. A branch sees what it has to answer."""

    list_display = (
        *("number", "due_shown", "state_shown", "complainant", "received"),
        *("source", "business", "reason", "branch"),
    )
    list_filter = (Todo, Whose, "grade", "business", "reason", "branch")
    list_select_related = ("customer", "business", "reason", "branch", "call")
    ordering = ("due_at", "id")
    search_fields = ("=number", "=customer__number", "=phone")
    search_help_text = _("Case number, customer number or the complainant's number")
    change_form_template = "complaints/case.html"
    actions_detail = ("grade", "assign", "reply", "approve", "send_back", "told", "archive")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Complaint]:
        return cases.visible(user_of(request)).order_by(*self.ordering)

    @admin.display(description=_("decision due"), ordering="due_at")
    def due_shown(self, case: Complaint) -> SafeString:
        return due(case)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, case: Complaint) -> SafeString:
        return signs.sign(STATES[State(case.state)], case.get_state_display())

    @admin.display(description=_("complainant"))
    def complainant(self, case: Complaint) -> str:
        return who(case.customer) if case.customer else story.masked_caller(case.phone) or "—"

    @admin.display(description=_("received at"), ordering="received_at")
    def received(self, case: Complaint) -> str:
        return moment(case.received_at)

    def title(self, case: Complaint) -> str:
        return gettext("Complaint %(number)s") % {"number": case.number}

    def customers_of(self, case: Complaint) -> Iterable[Customer]:
        return [case.customer] if case.customer else []

    def reason(self, case: Complaint) -> str:
        return f"complaint {case.number}"

    def write_down(self, request: HttpRequest, subject: Any) -> None:
        """Who handles it sees the number to call, of whomever it is: that is written down too."""
        super().write_down(request, subject)
        if self._handles(request):
            access.record(
                user_of(request),
                "reveal",
                subject,
                field="phone",
                reason=self.reason(subject),
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )

    def facts(self, request: HttpRequest, case: Complaint) -> dict[str, Any]:
        may = request.user.has_perm
        shown = Complaint.objects.select_related(
            *("call", "recording", "customer", "branch", "duplicate_of"),
            *("channel", "business", "reason", "registered_by", "replied_by", "reviewed_by"),
        ).get(pk=case.pk)
        sees_call = may("telephony.view_call")
        return {
            "case": shown,
            "state": self.state_shown(shown),
            "due": due(shown),
            "acknowledged": self._acknowledged(shown),
            "customer": masked_name(shown.customer.name) if shown.customer else "",
            "customer_url": page_of(shown.customer)
            if shown.customer and may("banking.view_customer")
            else "",
            "phone": shown.phone if self._handles(request) else story.masked_caller(shown.phone),
            "story": story.tell(shown.call) if sees_call else None,
            "recordings": [shown.recording]
            if shown.recording and may("telephony.view_callrecording")
            else (),
            "steps": shown.steps.select_related("by"),
            "again": shown.complaint_set.order_by("received_at"),
        }

    def _acknowledged(self, case: Complaint) -> SafeString | str:
        if case.acknowledged_at:
            return moment(case.acknowledged_at)
        late = clock.now() > case.acknowledge_due_at
        word = gettext("to be acknowledged by %(when)s") % {
            "when": case.acknowledge_due_on.isoformat()
        }
        return signs.sign(signs.BREACH if late else signs.WARN, word)

    def _handles(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(cases.HANDLE))

    # -- verbs: each offered in its state, to who may do it ------------------------------------

    def _may(self, request: HttpRequest, permission: str, object_id: Any, *states: str) -> bool:
        if not request.user.has_perm(f"complaints.{permission}_complaint"):
            return False
        if object_id is None:
            return True
        return self.get_queryset(request).filter(pk=object_id, state__in=states).exists()

    def has_grade_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "change", object_id, State.REGISTERED)

    def has_assign_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "change", object_id, State.GRADED)

    def has_reply_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "reply", object_id, State.ASSIGNED)

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "review", object_id, State.REPLIED)

    def has_told_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "change", object_id, State.REVIEWED)

    def has_archive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "change", object_id, State.TOLD, State.REVISITED)

    def _do(
        self,
        request: HttpRequest,
        object_id: str,
        verb: Callable[..., Model],
        done: str,
        *said: Any,
    ) -> HttpResponse:
        case = self.get_queryset(request).get(pk=object_id)
        return back_to(
            request,
            page_of(case),
            lambda: verb(case.pk, *said, by=user_of(request), at=clock.now()),
            done,
        )

    @step(
        _("Grade"),
        "category",
        "grade",
        _("Listen first. The grade sets the clock; the three axes say what it is about."),
        GradeForm,
    )
    def grade(self, request: HttpRequest, form: GradeForm, object_id: str) -> HttpResponse:
        case = self.get_queryset(request).get(pk=object_id)
        return back_to(
            request,
            page_of(case),
            lambda: handling.grade(
                case.pk,
                form.matter,
                grade=form.cleaned_data["grade"],
                by=user_of(request),
                at=clock.now(),
            ),
            gettext("The case is graded."),
        )

    @step(
        _("Hand to a branch"),
        "send",
        "assign",
        _("The branch answers within the working days of the clock."),
        AssignForm,
    )
    def assign(self, request: HttpRequest, form: AssignForm, object_id: str) -> HttpResponse:
        done = gettext("The branch has the case.")
        return self._do(request, object_id, handling.assign, done, form.cleaned_data["branch"])

    @step(
        pgettext_lazy("a complaint", "Answer"),
        "reply",
        "reply",
        _("What was found and what the bank offers, as it will be told. Another reviews it."),
        WordsForm,
    )
    def reply(self, request: HttpRequest, form: WordsForm, object_id: str) -> HttpResponse:
        done = gettext("The answer waits for its review.")
        return self._do(request, object_id, handling.reply, done, form.cleaned_data["words"])

    @step(
        _("Approve the answer"),
        "task_alt",
        "review",
        _("You stand by the answer that somebody else wrote."),
    )
    def approve(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, handling.approve, gettext("The answer can be told."))

    @step(
        _("Send the answer back"),
        "undo",
        "review",
        _("Say what it lacks; the branch keeps its clock."),
        WordsForm,
    )
    def send_back(self, request: HttpRequest, form: WordsForm, object_id: str) -> HttpResponse:
        done = gettext("The branch has the case again.")
        return self._do(request, object_id, handling.send_back, done, form.cleaned_data["words"])

    @step(
        _("Complainant told"),
        "phone_forwarded",
        "told",
        _("How she was told, and what she said. She must hear her remedies: review by the bank,"
          " mediation, arbitration, court."),
        WordsForm,
    )  # fmt: skip
    def told(self, request: HttpRequest, form: WordsForm, object_id: str) -> HttpResponse:
        done = gettext("It is written down that she knows.")
        return self._do(request, object_id, handling.told, done, form.cleaned_data["words"])

    @step(_("Archive"), "inventory_2", "archive", _("Nothing more is to be done about it."))
    def archive(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, handling.archive, gettext("The case is archived."))
