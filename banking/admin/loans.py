"""Loans with their schedules, and the dated rows that price them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.parts import PageAdmin, PresetFilter, figure, known_as, page_of, who
from banking.admin.terms import ProposedAdmin, ProposedForm
from banking.loans import schedule, terms
from banking.models import Account, Customer, LendingTerm, Loan, LoanRate, ScheduleLine
from calendars import clock
from people.office import Leads


def per_cent(value: Any) -> str:
    return f"{value.normalize():f} %"


class LoanState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("Not paid off")),
            ("overdue", _("Overdue")),
            ("done", _("Paid off")),
            ("all", _("All loans")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        closed = Account.Status.CLOSED
        match self.chosen():
            case "open":
                return queryset.exclude(account__status=closed)
            case "overdue":
                return queryset.filter(overdue_since__isnull=False)
            case "done":
                return queryset.filter(account__status=closed)
        return queryset


@admin.register(Loan)
class LoanAdmin(PageAdmin):
    list_display = (
        "name",
        "customer_shown",
        "product",
        "principal_shown",
        "left_shown",
        "rate_shown",
        "months",
        "repay_day",
        "state_shown",
    )
    list_filter = (LoanState, "product", "method")
    list_select_related = ("account__customer",)
    search_fields = ("=account__customer__number", "account__customer__name")
    search_help_text = _("Customer number or name")
    change_form_template = "banking/loan.html"
    ordering = (F("overdue_since").asc(nulls_last=True), "-lent_on")

    @admin.display(description=_("loan"), ordering="account__number")
    def name(self, loan: Loan) -> str:
        return str(loan.account)

    @admin.display(description=_("customer"), ordering="account__customer__number")
    def customer_shown(self, loan: Loan) -> str:
        return who(loan.account.customer)

    @admin.display(description=_("principal"), ordering="principal")
    def principal_shown(self, loan: Loan) -> SafeString:
        return figure(loan.principal)

    @admin.display(description=_("principal owed"), ordering="-account__balance")
    def left_shown(self, loan: Loan) -> SafeString:
        return figure(-loan.account.balance)

    @admin.display(description=_("rate a year"), ordering="percent")
    def rate_shown(self, loan: Loan) -> str:
        return per_cent(loan.percent)

    @admin.display(description=_("state"), ordering="overdue_since")
    def state_shown(self, loan: Loan) -> SafeString:
        return signs.loan(loan)

    def customers_of(self, subject: Loan) -> Iterable[Customer]:
        return [subject.account.customer] if subject.account.customer else []

    def reason(self, subject: Loan) -> str:
        return gettext("opened loan %(masked)s") % {"masked": subject.account}

    def facts(self, request: HttpRequest, subject: Loan) -> dict[str, Any]:
        day = clock.bank_day(clock.now())
        lines = schedule.lines_of(subject, day=day)
        customer = subject.account.customer
        return {
            "loan": subject,
            "left": -subject.account.balance,
            "rate": per_cent(subject.percent),
            "margin": f"{subject.margin.normalize():+f}",
            "term": terms.of(subject),
            "state": signs.loan(subject),
            "due": schedule.due(lines, day=day),
            "pays_from": known_as(subject.pays_from),
            "customer": who(customer),
            "customer_url": page_of(customer)
            if customer and request.user.has_perm("banking.view_customer")
            else "",
            "sees_accounts": request.user.has_perm("banking.view_account"),
            "lines": [(line, _unpaid(line), signs.instalment(line, day)) for line in lines],
        }


def _unpaid(line: ScheduleLine) -> Any:
    return schedule.owed(line).total or None


class RateForm(ProposedForm):
    def clean_percent(self) -> Any:
        percent = self.cleaned_data["percent"]
        if not 0 <= percent < 100:
            raise ValidationError(_("A rate is a percentage, below 100."))
        return percent


@admin.register(LoanRate)
class LoanRateAdmin(Leads, ProposedAdmin):
    form = RateForm
    same = ("series",)
    list_display = ("series", "percent_shown", "valid_from", "state_shown")
    list_filter = ("series",)
    fields = ("series", "valid_from", "percent")

    @admin.display(description=_("rate a year"), ordering="percent")
    def percent_shown(self, row: LoanRate) -> str:
        return per_cent(row.percent)


class LendingTermForm(ProposedForm):
    class Meta:
        help_texts = {
            "valid_from": _("It holds for loans that are paid out from this day on."),
            "penalty": _("50: overdue sums bear one and a half times the loan's rate."),
        }


@admin.register(LendingTerm)
class LendingTermAdmin(ProposedAdmin):
    form = LendingTermForm
    same = ("product",)
    list_display = (
        "product",
        "penalty_shown",
        "grace_days",
        "fee_shown",
        "early_fee_months",
        "least_shown",
        "valid_from",
        "state_shown",
    )
    list_filter = ("product",)
    fields = (
        "product",
        "valid_from",
        "penalty",
        "grace_days",
        "early_fee",
        "early_fee_months",
        "least_part",
    )

    @admin.display(description=_("penalty, per cent of the rate"), ordering="penalty")
    def penalty_shown(self, row: LendingTerm) -> str:
        return per_cent(row.penalty)

    @admin.display(description=_("early repayment fee, per cent"), ordering="early_fee")
    def fee_shown(self, row: LendingTerm) -> str:
        return per_cent(row.early_fee) if row.early_fee else "—"

    @admin.display(description=_("least early repayment"), ordering="least_part")
    def least_shown(self, row: LendingTerm) -> SafeString:
        return figure(row.least_part)
