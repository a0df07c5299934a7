"""Accounts, what customers told the bank to do with them, and the books. All read-only."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import families, ledger, signs
from banking.admin.parts import (
    PageAdmin,
    PresetFilter,
    When,
    figure,
    known_as,
    page_of,
    user_of,
    who,
)
from banking.models import (
    Account,
    Customer,
    Instruction,
    Journal,
    Posting,
    SettlementOrder,
)
from banking.models.ledger import Internal
from banking.numbers import masked_account
from banking.settlement_desk import blind
from calendars import clock
from people.words import listed

ENTRIES = 50  # on an account's page


class Whose(PresetFilter):
    title = _("owner")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (Account.Kind.DEMAND.value, _("Customers' accounts")),
            (Account.Kind.INTERNAL.value, _("The bank's own")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.chosen())


@admin.register(Account)
class AccountAdmin(PageAdmin):
    list_display = (
        "name",
        "card",
        "customer_shown",
        "balance_shown",
        "held_shown",
        "available_shown",
        "state_shown",
        "branch",
        "opened_on",
    )
    list_filter = (Whose, "status", "branch")
    list_select_related = ("customer", "branch", "card")
    search_fields = ("=customer__number", "customer__name")
    search_help_text = _("Customer number or name")
    change_form_template = "banking/account.html"

    @admin.display(description=_("account"), ordering="number")
    def name(self, account: Account) -> str:
        return str(account)

    @admin.display(description=_("customer"), ordering="customer__number")
    def customer_shown(self, account: Account) -> str:
        return who(account.customer)

    @admin.display(description=_("balance"), ordering="balance")
    def balance_shown(self, account: Account) -> str:
        """The bank's own accounts keep none: theirs is summed."""
        if account.kind == Account.Kind.INTERNAL:
            return figure(ledger.internal_balance(Internal(account.number)))
        return figure(account.balance)

    @admin.display(description=_("held"), ordering="held")
    def held_shown(self, account: Account) -> str:
        return figure(account.held or None)

    @admin.display(description=_("available"))
    def available_shown(self, account: Account) -> str:
        return figure(None if account.kind == Account.Kind.INTERNAL else account.available)

    @admin.display(description=_("state"), ordering="status")
    def state_shown(self, account: Account) -> str:
        return signs.account(account, clock.now())

    def customers_of(self, subject: Account) -> Iterable[Customer]:
        return [subject.customer] if subject.customer else []

    def reason(self, subject: Account) -> str:
        return gettext("opened account %(masked)s") % {"masked": subject}

    def facts(self, request: HttpRequest, subject: Account) -> dict[str, Any]:
        internal = subject.kind == Account.Kind.INTERNAL
        entries = blind.marked(
            Posting.objects.filter(account=subject).select_related("journal"),
            user_of(request),
            *("journal__instruction", "journal__part_of__instruction"),
            at=clock.now(),
        )
        return {
            "account": subject,
            "internal": internal,
            "balance": ledger.internal_balance(Internal(subject.number))
            if internal
            else subject.balance,
            "state": signs.account(subject, clock.now()),
            "customer": who(subject.customer),
            "customer_url": _customer_page(request, subject.customer),
            "entries": entries.order_by("-booked_on", "-id")[:ENTRIES],
            "holds": subject.holds.filter(released_at=None),
            "sees_journals": request.user.has_perm("banking.view_journal"),
        }


def _customer_page(request: HttpRequest, customer: Customer | None) -> str:
    """ "" for who may not open it."""
    return page_of(customer) if customer and request.user.has_perm("banking.view_customer") else ""


class OrderDay(When):
    field = "drafted_at"


class OrderState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        states = Instruction._meta.get_field("state").choices or ()
        return [("all", _("All states")), *((str(value), label) for value, label in states)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(state=self.chosen())


@admin.register(Instruction)
class InstructionAdmin(PageAdmin):
    list_display: Any = (
        "drafted",
        "kind",
        "customer_shown",
        "tails",
        "amount_shown",
        "fee_shown",
        "state_shown",
        "told",
        "receipt_shown",
    )
    list_display_links = ("drafted", "receipt_shown")
    list_filter: Any = (OrderDay, OrderState, "kind", "channel")
    list_select_related = ("customer", "payer__card")
    search_fields = ("=receipt", "=customer__number")
    search_help_text = _("Receipt number or customer number")
    change_form_template = "banking/instruction.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instruction]:
        found: QuerySet[Instruction] = super().get_queryset(request)
        return blind.marked(found, user_of(request), "pk", at=clock.now())

    @admin.display(description=_("read back at"), ordering="drafted_at")
    def drafted(self, row: Instruction) -> str:
        return f"{row.drafted_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("customer"))
    def customer_shown(self, row: Instruction) -> str:
        return who(row.customer)

    @admin.display(description=_("payer → payee"))
    def tails(self, row: Instruction) -> str:
        return f"{row.payer.tail} → {row.payee_tail}" if row.payer else "—"

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, row: Any) -> str:
        return figure(row.amount, is_blind=row.is_blind)

    @admin.display(description=_("fee"), ordering="fee")
    def fee_shown(self, row: Any) -> str:
        return figure(row.fee, is_blind=row.is_blind)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Instruction) -> str:
        return signs.order(row)

    @admin.display(description=_("told"), ordering="told_at")
    def told(self, row: Instruction) -> str:
        return signs.told(row)

    @admin.display(description=_("receipt number"), ordering="receipt")
    def receipt_shown(self, row: Instruction) -> str:
        return row.receipt or "—"

    def customers_of(self, subject: Instruction) -> Iterable[Customer]:
        return [subject.customer] if subject.customer else []

    def reason(self, subject: Instruction) -> str:
        return gettext("opened instruction %(number)s") % {"number": subject}

    def facts(self, request: HttpRequest, subject: Instruction) -> dict[str, Any]:
        settling: SettlementOrder | None = getattr(subject, "settlementorder", None)
        return {
            "order": subject,
            "is_blind": blind.hides_instruction(user_of(request), subject, at=clock.now()),
            "state": signs.order(subject),
            "told": signs.told(subject),
            "marks": signs.way(subject),
            "refusal": signs.refusal(subject),
            "customer": who(subject.customer),
            "customer_url": _customer_page(request, subject.customer),
            "payer": known_as(subject.payer) if subject.payer else "—",
            "payee": _payee(subject),
            "settling": settling,
            "settling_url": page_of(settling) if settling else "",
            **journals_of(request, families.of_order(subject)),
        }


def _payee(order: Instruction) -> str:
    """An account of ours, or one elsewhere of which the last four are known."""
    if order.payee:
        return known_as(order.payee)
    return masked_account(order.payee_tail) if order.payee_tail else "—"


def journals_of(request: HttpRequest, journals: QuerySet[Journal]) -> dict[str, Any]:
    """What `banking/_journals.html` shows."""
    return {
        "journals": [told(journal) for journal in journals],
        "sees_journals": request.user.has_perm("banking.view_journal"),
        "sees_accounts": request.user.has_perm("banking.view_account"),
    }


MOST_LEGS = 20  # of one that has more, a night's batch, a page shows the bank's own


def told(journal: Journal) -> dict[str, Any]:
    """A journal with its legs, money out before money in; `others`: how many are not shown."""
    postings = Posting.objects.filter(journal=journal)
    legs = shown(journal).select_related("account__customer", "account__card").order_by("amount")
    return {
        "row": journal,
        "legs": [(leg, known_as(leg.account), who(leg.account.customer)) for leg in legs],
        "others": postings.count() - len(legs),
        "total": postings.aggregate(all=Sum("amount"))["all"],
    }


def shown(journal: Journal) -> QuerySet[Posting]:
    """The legs that a page shows: each names a customer to whoever looks."""
    legs = Posting.objects.filter(journal=journal)
    return legs.filter(account__kind=Account.Kind.INTERNAL) if legs.count() > MOST_LEGS else legs


def whose(journal: Journal) -> QuerySet[Customer]:
    """The customers whom a page of it names."""
    return Customer.objects.filter(accounts__postings__in=shown(journal)).distinct()


class Booked(When):
    field = "booked_on"


@admin.register(Journal)
class JournalAdmin(PageAdmin):
    list_display = ("time", "number", "kind", "tails", "amount", "booked_on", "summary")
    list_display_links = ("time", "number")
    list_filter = (Booked, "kind")
    search_fields = ("=number",)
    search_help_text = _("Receipt number")
    change_form_template = "banking/journal.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Journal]:
        found: QuerySet[Journal] = super().get_queryset(request)
        into = Posting.objects.filter(journal=OuterRef("pk"), amount__gt=0).values("journal")
        legs = Posting.objects.select_related("account__card").order_by("amount", "id")
        marked: QuerySet[Journal] = blind.marked(
            found, user_of(request), "instruction", "part_of__instruction", at=clock.now()
        )
        return marked.annotate(
            moved=Subquery(into.annotate(all=Sum("amount")).values("all"))
        ).prefetch_related(Prefetch("postings", legs[: MOST_LEGS + 1], to_attr="first_legs"))

    @admin.display(description=_("time"), ordering="id")
    def time(self, journal: Journal) -> str:
        return f"{journal.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("payer → payee"))
    def tails(self, journal: Any) -> str:
        """By their last four, the bank's own by name."""
        legs = journal.first_legs
        if len(legs) > MOST_LEGS:
            return gettext("many accounts")
        out = [_tail(leg.account) for leg in legs if leg.amount < 0]
        into = [_tail(leg.account) for leg in legs if leg.amount > 0]
        return f"{listed(out)} → {listed(into)}"

    @admin.display(description=_("amount"))
    def amount(self, journal: Any) -> str:
        return figure(journal.moved, is_blind=journal.is_blind)

    def title(self, subject: Journal) -> str:
        return f"{subject.get_kind_display()} {subject.number}"

    def customers_of(self, subject: Journal) -> Iterable[Customer]:
        return whose(subject)

    def reason(self, subject: Journal) -> str:
        return gettext("opened journal %(number)s") % {"number": subject.number}

    def facts(self, request: HttpRequest, subject: Journal) -> dict[str, Any]:
        order = families.head_of(subject).instruction
        return {
            "journal": told(subject),
            "order": order,
            "is_blind": blind.hides_instruction(user_of(request), order, at=clock.now()),
            "order_url": page_of(order)
            if order and request.user.has_perm("banking.view_instruction")
            else "",
            "parts": subject.parts.order_by("id"),
            "sees_accounts": request.user.has_perm("banking.view_account"),
        }


def _tail(account: Account) -> str:
    internal = account.kind == Account.Kind.INTERNAL
    return str(account) if internal else account.tail
