"""Orders under review: who waits longest is first; one asks, another decides."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from banking import signs
from banking.admin.decisions import action_sign, back_to, facts_of, hits_of
from banking.admin.fraud_forms import ReasonForm
from banking.admin.money import InstructionAdmin
from banking.admin.parts import PresetFilter, moment, page_of, user_of
from banking.fraud import judging, two_eyes
from banking.models import FraudDecision, HeldOrder, Instruction
from banking.models.orders import State
from calendars import clock
from people import approvals
from people.models import Approval


class UnderReview(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("held", _("Under review")), ("over", _("Decided")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "held":
                return queryset.filter(state=State.HELD)
            case "over":
                return queryset.exclude(state=State.HELD)
        return queryset


@admin.register(HeldOrder)
class HeldOrderAdmin(InstructionAdmin):
    list_display = (
        "since",
        "waited",
        "customer_shown",
        "tails",
        "amount_shown",
        "fee_shown",
        "rule",
        "state_shown",
        "asked",
        "receipt_shown",
    )
    list_display_links = ("since", "receipt_shown")
    list_filter = (UnderReview, "channel")
    change_form_template = "banking/held.html"
    actions_detail = ("release", "refuse")
    ordering = ("accepted_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        decided = FraudDecision.objects.filter(key=OuterRef("key"))
        orders: QuerySet[Any] = super().get_queryset(request)
        held = orders.filter(accepted_at__isnull=False, details__caution__action="hold")
        shown: QuerySet[Any] = held.annotate(rule_title=Subquery(decided.values("rule__title")[:1]))
        return shown

    @admin.display(description=_("held since"), ordering="accepted_at")
    def since(self, row: HeldOrder) -> str:
        return moment(row.accepted_at)

    @admin.display(description=_("waits for"))
    def waited(self, row: HeldOrder) -> str:
        """Hours and minutes; what was decided waits no more."""
        if row.state != State.HELD or row.accepted_at is None:
            return "—"
        minutes = int((clock.now() - row.accepted_at).total_seconds()) // 60
        return format_html('<span class="r">{}:{:02}</span>', minutes // 60, minutes % 60)

    @admin.display(description=_("rule"))
    def rule(self, row: Any) -> str:
        return row.rule_title or "—"

    @admin.display(description=_("asked for"))
    def asked(self, row: HeldOrder) -> str:
        waiting = _asked(row)
        if waiting is None:
            return "—"
        word = gettext("release") if waiting.details["release"] else gettext("refusal")
        return signs.sign(signs.DUE, word)

    def reason(self, subject: Instruction) -> str:
        return gettext("opened held order %(number)s") % {"number": subject}

    def facts(self, request: HttpRequest, subject: Any) -> dict[str, Any]:
        decided = judging.decided(subject.key)
        waiting = _asked(subject)
        return {
            **super().facts(request, subject),
            "decision": decided,
            "decision_action": action_sign(decided.action) if decided else "",
            "decision_hits": hits_of(decided) if decided else "",
            "decision_facts": facts_of(decided) if decided else "",
            "asked": waiting,
            "asked_url": page_of(waiting)
            if waiting and request.user.has_perm("people.view_approval")
            else "",
        }

    def has_ask_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("banking.ask_heldorder"):
            return False
        return (
            object_id is None
            or Instruction.objects.filter(pk=_key(object_id), state=State.HELD).exists()
        )

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Ask to release"),
        icon="lock_open",
        permissions=["ask"],
        dialog={
            "title": _("Ask to release"),
            "description": _(
                "You have made sure that the customer wants it. Somebody else decides; then it is "
                "carried out from the money set aside."
            ),
            "form_class": ReasonForm,
            "form_submit_text": _("Ask"),
        },
    )
    def release(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self._ask(request, form, object_id, release=True)

    @action(  # type: ignore[untyped-decorator]
        description=_("Ask to refuse"),
        icon="block",
        permissions=["ask"],
        dialog={
            "title": _("Ask to refuse"),
            "description": _("Somebody else decides; then the money is the customer's again."),
            "form_class": ReasonForm,
            "form_submit_text": _("Ask"),
        },
    )
    def refuse(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self._ask(request, form, object_id, release=False)

    def _ask(
        self, request: HttpRequest, form: ReasonForm, object_id: str, *, release: bool
    ) -> HttpResponse:
        order = HeldOrder.objects.select_related("customer").get(pk=object_id)
        return back_to(
            request,
            page_of(order),
            lambda: two_eyes.ask_held(
                order,
                release=release,
                by=user_of(request),
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            ),
            gettext("Asked. Somebody else decides under Approvals."),
        )


def _asked(row: Instruction) -> Approval | None:
    """What waits for a decision about it."""
    subject = approvals.named(HeldOrder(pk=row.pk))
    found = Approval.objects.filter(approvals.still_open(clock.now()), subject=subject)
    return found.first()


def _key(object_id: Any) -> Any:
    """Of who made an address up there is none."""
    try:
        return UUID(str(object_id))
    except ValueError:
        return None
