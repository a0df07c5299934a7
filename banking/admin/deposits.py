"""Deposits and notices of customers, what the bank pays on them, and the nights. Money is read."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.parts import (
    OnRecord,
    PageAdmin,
    PresetFilter,
    figure,
    known_as,
    moment,
    page_of,
    who,
)
from banking.admin.terms import ProposedAdmin, ProposedForm
from banking.models import (
    Customer,
    Deposit,
    DepositRate,
    DepositTerms,
    InterestTax,
    Night,
    NightTask,
    Notice,
    SettlementDay,
)
from banking.models.deposits import Product, Term
from calendars import clock
from people.office import Leads


def per_cent(rate: Any) -> str:
    """ "0.95 %"; a dash where the rate is that of the day it is drawn on."""
    return "—" if rate is None else f"{rate.normalize():f} %"


class OpenOnes(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open deposits")), ("closed", _("Closed deposits")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "open":
                return queryset.filter(closed_on=None)
            case "closed":
                return queryset.exclude(closed_on=None)
        return queryset


@admin.register(Deposit)
class DepositAdmin(PageAdmin):
    """What matures first stands first; a deposit changes by its owner's order or by the night."""

    list_display = (
        "account_shown",
        "customer_shown",
        "product",
        "term",
        "principal_shown",
        "percent_shown",
        "began_on",
        "matures_on",
        "renews_shown",
        "state_shown",
    )
    ordering = (F("matures_on").asc(nulls_last=True), "pk")
    list_filter = (OpenOnes, "product", "term")
    list_select_related = ("account__customer",)
    search_fields = ("=account__customer__number", "account__customer__name")
    search_help_text = _("Customer number or name")
    change_form_template = "banking/deposit.html"

    @admin.display(description=_("account"), ordering="account__number")
    def account_shown(self, deposit: Deposit) -> str:
        return str(deposit.account)

    @admin.display(description=_("customer"), ordering="account__customer__number")
    def customer_shown(self, deposit: Deposit) -> str:
        return who(deposit.account.customer)

    @admin.display(description=_("principal"), ordering="account__balance")
    def principal_shown(self, deposit: Deposit) -> str:
        return figure(deposit.account.balance)

    @admin.display(description=_("annual rate"), ordering="percent")
    def percent_shown(self, deposit: Deposit) -> str:
        return per_cent(deposit.percent)

    @admin.display(description=_("at maturity"), ordering="renews")
    def renews_shown(self, deposit: Deposit) -> str:
        if deposit.matures_on is None:
            return "—"
        return gettext("renewed") if deposit.renews else gettext("paid out")

    @admin.display(description=_("state"))
    def state_shown(self, deposit: Deposit) -> str:
        return signs.deposit(deposit, clock.now())

    def title(self, subject: Deposit) -> str:
        return f"{subject.get_product_display()} {subject.account}"

    def customers_of(self, subject: Deposit) -> Iterable[Customer]:
        return [subject.account.customer] if subject.account.customer else []

    def reason(self, subject: Deposit) -> str:
        return gettext("opened deposit %(masked)s") % {"masked": subject.account}

    def facts(self, request: HttpRequest, subject: Deposit) -> dict[str, Any]:
        may = request.user.has_perm
        customer = subject.account.customer
        return {
            "deposit": subject,
            "rate": per_cent(subject.percent),
            "state": signs.deposit(subject, clock.now()),
            "customer": who(customer),
            "customer_url": page_of(customer) if customer and may("banking.view_customer") else "",
            "account_url": page_of(subject.account) if may("banking.view_account") else "",
            "order_url": page_of(subject.instruction)
            if subject.instruction and may("banking.view_instruction")
            else "",
            "pays_to": known_as(subject.pays_to),
            "entries": [
                (entry, per_cent(entry.percent))
                for entry in subject.entries.select_related("journal").order_by("-id")
            ],
            "notices": [(notice, signs.notice(notice)) for notice in subject.notices.all()],
            "sees_journals": may("banking.view_journal"),
        }


class Standing(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        states = [(state.value, state.label) for state in Notice.State]
        return [*states, ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(state=self.chosen())


@admin.register(Notice)
class NoticeAdmin(OnRecord):
    """Who will draw how much on which day: what the bank must have ready."""

    list_display = (
        "due_on",
        "number",
        "customer_shown",
        "account_shown",
        "amount_shown",
        "announced",
        "state_shown",
    )
    list_display_links = ("due_on", "number")
    ordering = ("due_on", "pk")
    list_filter = (Standing,)
    list_select_related = ("deposit__account__customer",)
    search_fields = ("=number", "=deposit__account__customer__number")
    search_help_text = _("Receipt number or customer number")
    fields = (
        "number",
        "customer_shown",
        "account_shown",
        "amount_shown",
        "announced",
        "due_on",
        "state_shown",
        "ended_on",
        "forfeit_shown",
        "forfeit_since",
        "forfeit_until",
        "forfeit_earns",
    )
    readonly_fields = fields

    @admin.display(description=_("customer"))
    def customer_shown(self, notice: Notice) -> str:
        return who(notice.deposit.account.customer)

    @admin.display(description=_("account"))
    def account_shown(self, notice: Notice) -> str:
        return str(notice.deposit.account)

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, notice: Notice) -> str:
        return figure(notice.amount)

    @admin.display(description=_("announced at"), ordering="announced_at")
    def announced(self, notice: Notice) -> str:
        return moment(notice.announced_at)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, notice: Notice) -> str:
        return signs.notice(notice)

    @admin.display(description=_("forfeits interest on"))
    def forfeit_shown(self, notice: Notice) -> str:
        return figure(notice.forfeit or None)

    def customer_of(self, row: Notice) -> Customer | None:
        return row.deposit.account.customer

    def reason(self, row: Notice) -> str:
        return gettext("opened notice %(number)s") % {"number": row.number}


class DepositRateForm(ProposedForm):
    def clean(self) -> dict[str, Any]:
        row = super().clean() or {}
        product, term = row.get("product"), Term(row.get("term") or "")
        match product:
            case Product.DEMAND:
                fits = term == Term.NONE
            case Product.NOTICE:
                fits = term.notice_days > 0
            case _:
                fits = term.months > 0
        if product and not fits:
            self.add_error("term", _("This product has no such term."))
        return row


@admin.register(DepositRate)
class DepositRateAdmin(Leads, ProposedAdmin):
    form = DepositRateForm
    same = ("product", "term")
    list_display = ("product", "term", "percent_shown", "offered", "valid_from", "state_shown")
    list_filter = ("product", "term")
    fields = ("product", "term", "valid_from", "percent", "offered")

    @admin.display(description=_("annual rate"))
    def percent_shown(self, row: DepositRate) -> str:
        return per_cent(row.percent)


class DepositTermsForm(ProposedForm):
    class Meta:
        help_texts = {
            "minimum": _("To open with, and what must stay in it; of a notice, to draw."),
            "partials": _("Empty: as many as she likes. 0: only as a whole."),
            "every_months": _("Of interest-drawing deposits alone."),
        }

    def clean(self) -> dict[str, Any]:
        row = super().clean() or {}
        drawing = row.get("product") == Product.DRAWING
        if bool(row.get("every_months")) != drawing:
            self.add_error("every_months", _("Interest-drawing deposits need it, no other does."))
        return row


@admin.register(DepositTerms)
class DepositTermsAdmin(ProposedAdmin):
    form = DepositTermsForm
    same = ("product",)
    list_display = (
        "product",
        "minimum_shown",
        "partials",
        "every_months",
        "basis",
        "valid_from",
        "state_shown",
    )
    fields = ("product", "valid_from", "minimum", "partials", "every_months", "basis")

    @admin.display(description=pgettext_lazy("of a deposit", "minimum"))
    def minimum_shown(self, row: DepositTerms) -> str:
        return figure(row.minimum)


@admin.register(InterestTax)
class InterestTaxAdmin(ProposedAdmin):
    same = ()
    list_display = ("percent_shown", "valid_from", "state_shown")
    fields = ("valid_from", "percent")

    @admin.display(description=_("per cent of the interest"))
    def percent_shown(self, row: InterestTax) -> str:
        return per_cent(row.percent)


@admin.register(Night)
class NightAdmin(PageAdmin):
    """Each night with the proof that all that was due is done, or named."""

    list_display = ("day", "eligible", "posted", "named", "began", "finished", "state_shown")
    change_form_template = "banking/night.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Night]:
        found: QuerySet[Night] = super().get_queryset(request)
        return found.prefetch_related("tasks")

    @admin.display(description=_("accounts due"))
    def eligible(self, night: Night) -> int:
        return sum(task.eligible for task in night.tasks.all())

    @admin.display(description=_("accounts done"))
    def posted(self, night: Night) -> int:
        return sum(task.posted for task in night.tasks.all())

    @admin.display(description=_("named with a reason"))
    def named(self, night: Night) -> int:
        return sum(task.named for task in night.tasks.all())

    @admin.display(description=_("began at"), ordering="began_at")
    def began(self, night: Night) -> str:
        return moment(night.began_at)

    @admin.display(description=_("finished at"), ordering="finished_at")
    def finished(self, night: Night) -> str:
        return moment(night.finished_at)

    @admin.display(description=_("state"))
    def state_shown(self, night: Night) -> str:
        return signs.night(night)

    def customers_of(self, subject: Night) -> Iterable[Customer]:
        return []  # accounts are masked, and nobody is named

    def reason(self, subject: Night) -> str:
        return gettext("opened the end of day %(day)s") % {"day": subject}

    def facts(self, request: HttpRequest, subject: Night) -> dict[str, Any]:
        tasks = NightTask.objects.filter(night=subject).order_by("id")
        return {
            "night": subject,
            "state": signs.night(subject),
            "tasks": tasks,
            "unposted": [
                (row, row.task.get_task_display())
                for task in tasks
                for row in task.unposted.select_related("account", "task")
            ],
            "sees_accounts": request.user.has_perm("banking.view_account"),
            "balancing": SettlementDay.objects.filter(day=subject.day)
            .annotate(found=Count("differences"))
            .first()
            if request.user.has_perm("banking.view_settlementday")
            else None,
        }
