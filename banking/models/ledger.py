"""The double-entry ledger: accounts, journals, postings, holds. PostgreSQL keeps its laws.

An amount is signed as the customer sees it: above zero is money into the account. A journal's
postings sum to zero. The balance of a customer's account changes by its postings and nothing
else; `bankline_app` has no other way to it. Internal accounts keep no balance row that every
transfer would queue for: a snapshot and the postings since.
"""

from datetime import datetime
from decimal import Decimal

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Guard, OwnerGuard
from banking.models.customers import Card, Customer
from banking.numbers import masked_card
from config.postgres import OWNER
from live.facts import Fact
from live.fences import FencedTable


class Internal(models.TextChoices):
    """The bank's own accounts, made when first posted to."""

    CASH = "cash", _("cash")
    FEES = "fees", _("fee income")
    INTEREST = "interest", _("interest paid")
    CLEARING = "clearing", _("clearing")
    CARDS = "cards", _("card network and payroll")
    BILLERS = "billers", _("owed to billers")
    SUSPENSE = "suspense", _("suspense")
    LENDING = "lending", _("interest earned on loans")
    TAX = "tax", _("interest tax withheld")


class Account(models.Model):
    """A customer's account in CNY, or an internal account of the bank.

    What she owes on a loan is a balance below zero; every other is hers and never below what
    is held of it.
    """

    class Kind(models.TextChoices):
        DEMAND = "demand", _("demand")
        NOTICE = "notice", _("notice deposit")  # 通知存款
        TIME = "time", _("time deposit")  # 整存整取
        INSTALMENT = "instalment", _("instalment deposit")  # 零存整取
        DRAWING = "drawing", _("interest-drawing deposit")  # 存本取息
        LOAN = "loan", _("loan")
        INTERNAL = "internal", _("internal")

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("card or account", "active")
        FROZEN = "frozen", _("frozen")
        CLOSED = "closed", _("closed")

    number = models.CharField(_("account number"), max_length=19, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.DEMAND)
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        null=True,
        on_delete=models.PROTECT,
        related_name="accounts",
    )
    card = models.ForeignKey(
        Card,
        verbose_name=_("card"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="accounts",
    )
    branch = models.ForeignKey(
        "people.Branch", verbose_name=_("branch"), null=True, on_delete=models.PROTECT
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    status = models.CharField(
        _("status"), max_length=6, choices=Status.choices, default=Status.ACTIVE
    )
    nickname = models.CharField(_("nickname"), max_length=20, blank=True)
    leads = models.BooleanField(_("default account"), default=False)  # first wherever she chooses
    opened_on = models.DateField(_("opened on"))
    # What the loss reports on its card and passbook come to: nothing is debited before.
    stopped_until = models.DateTimeField(_("stopped until"), null=True, editable=False)
    stopped = models.BooleanField(  # confirmed in writing: without an end
        _("stopped"), default=False, db_default=False, editable=False
    )
    balance = models.DecimalField(
        _("balance"), max_digits=18, decimal_places=2, default=Decimal(0), editable=False
    )
    held = models.DecimalField(
        _("held"), max_digits=18, decimal_places=2, default=Decimal(0), editable=False
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(held__gte=0)
                & (Q(balance__gte=F("held")) | Q(kind="loan", balance__lte=0, held=0)),
                name="available_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(kind="loan") | Q(balance__lte=0), name="loan_never_overpaid"
            ),
            models.CheckConstraint(
                condition=(~Q(kind="internal") & Q(customer__isnull=False))
                | Q(kind="internal", customer=None, balance=0, held=0),
                name="account_of_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(balance=0, held=0), name="closed_is_empty"
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(leads=True), name="one_default_account"
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="identity", fields=["number", "kind", "customer", "currency"]),
            Forbid(
                name="opens_empty",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.balance <> 0 OR NEW.held <> 0"),
            ),
            # Postings and holds change these as the owner (`OwnerGuard`); nobody else does.
            Guard(
                name="balance",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("balance", "held"),  # type: ignore[no-untyped-call]
                func=f"""
                    IF NEW.balance = OLD.balance AND NEW.held = OLD.held
                        OR current_user = '{OWNER}'  -- as a rule: asked without a query
                    THEN
                        RETURN NEW;
                    END IF;
                    IF current_user::regrole <>
                        (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID)
                    THEN
                        RAISE EXCEPTION 'a balance changes by a posting, a hold by a hold'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608  # our own name
            ),
        ]

    def __str__(self) -> str:
        """Masked, or by name one of the bank's own: what a page shows unless told otherwise."""
        if self.kind == self.Kind.INTERNAL:
            return str(Internal(self.number).label)
        return masked_card(self.number[:4], self.number[-4:])

    @property
    def available(self) -> Decimal:
        """Yuan that may be debited now."""
        return self.balance - self.held

    @property
    def tail(self) -> str:
        """What its owner knows it by: the last four of its card, else of its own number."""
        return self.card.last4 if self.card else self.number[-4:]

    def is_stopped(self, at: datetime) -> bool:
        return self.stopped or (self.stopped_until is not None and at < self.stopped_until)


# Only what a person decides is history; balances are in the postings.
pghistory.track(
    fields=["status", "nickname", "leads", "branch", "card", "stopped_until", "stopped"],
    model_name="AccountEvent",
    obj_field=pghistory.ObjForeignKey(related_name="events"),
)(Account)


class Journal(Fact):
    """One business event of the ledger. Its postings come with it, or never."""

    class Kind(models.TextChoices):
        TRANSFER = "transfer", _("transfer")
        FEE = "fee", _("fee")
        DEPOSIT = "deposit", _("cash deposit")
        WITHDRAWAL = "withdrawal", _("cash withdrawal")
        SALARY = "salary", _("salary")
        PURCHASE = "purchase", _("card purchase")
        INTEREST = "interest", _("interest")
        TAX = "tax", _("interest tax")
        OUTWARD = "outward", _("transfer to another bank")
        RETURNED = "returned", _("returned by another bank")
        BILL = "bill", _("bill paid")
        REVERSAL = "reversal", _("reversal")
        SAVING = "saving", _("into a deposit")
        REDEEMED = "redeemed", _("out of a deposit")
        LENT = "lent", _("loan paid out")
        REPAID = "repaid", _("loan repaid")

    number = models.CharField(_("receipt number"), max_length=12, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    at = models.DateTimeField(_("time"))
    booked_on = models.DateField(_("booked on"))  # the bank's day
    summary = models.CharField(_("summary"), max_length=60, blank=True)
    instruction = models.OneToOneField(
        "banking.Instruction", verbose_name=_("instruction"), null=True, on_delete=models.PROTECT
    )
    # Its fee and its interest are journals of their own, one of a kind.
    part_of = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        on_delete=models.PROTECT,
        related_name="parts",
    )
    xact = models.BigIntegerField(editable=False)  # the transaction that wrote it

    class Meta(Fact.Meta):
        verbose_name = _("journal")
        verbose_name_plural = _("journals")
        ordering = ["-id"]
        indexes = [models.Index(fields=["booked_on", "kind"])]
        constraints = [
            models.UniqueConstraint(
                fields=["part_of", "kind"],
                condition=Q(part_of__isnull=False),
                name="one_part_of_a_kind",
            ),
        ]
        triggers = [
            *Fact.Meta.triggers,
            FencedTable(),
            Guard(
                name="stamp",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    NEW.xact := pg_current_xact_id()::text::bigint;
                    -- An order that was accepted before it is carried out has its number.
                    IF NEW.instruction_id IS NOT NULL THEN
                        SELECT receipt INTO NEW.number FROM public.banking_instruction
                            WHERE key = NEW.instruction_id AND receipt <> '';
                    ELSE
                        NEW.number := NULL;
                    END IF;
                    IF NEW.number IS NULL THEN
                        NEW.number := to_char(NEW.booked_on, 'YYMMDD')
                            || lpad(nextval('public.banking_receipt')::text, 6, '0');
                    END IF;
                    RETURN NEW;
                """,
            ),
            # Deferred to the commit, when the legs are there. Once a journal, not a posting:
            # a posting can't come later than its journal's transaction.
            Guard(
                name="balanced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                declare=[("total", "numeric"), ("legs", "bigint"), ("outcome", "text")],
                func="""
                    SELECT sum(amount), count(*) INTO total, legs
                        FROM public.banking_posting WHERE journal_id = NEW.id;
                    IF legs < 2 OR total <> 0 THEN
                        RAISE EXCEPTION 'journal % has % legs that sum to %',
                            NEW.id, legs, total USING ERRCODE = 'check_violation';
                    END IF;
                    IF NEW.instruction_id IS NOT NULL THEN
                        SELECT state INTO outcome FROM public.banking_instruction
                            WHERE key = NEW.instruction_id;
                        IF outcome IS DISTINCT FROM 'executed' THEN
                            RAISE EXCEPTION 'journal % without its instruction executed', NEW.id
                                USING ERRCODE = 'check_violation';
                        END IF;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Posting(Fact):
    """One leg of a journal: yuan into (above zero) or out of an account.

    The balance is PostgreSQL's word alone: the trigger's of a leg that comes by itself, that of
    `banking_post_each` (migration 0016) of many at once.
    """

    insertable = ("journal_id", "account_id", "amount")  # all that `bankline_app` may say of a leg

    journal = models.ForeignKey(
        Journal, verbose_name=_("journal"), on_delete=models.PROTECT, related_name="postings"
    )
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        related_name="postings",
        db_index=False,
    )
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    booked_on = models.DateField(_("booked on"), editable=False)  # its journal's, to look up by
    # After this posting; null on internal accounts, which have none.
    balance = models.DecimalField(
        _("balance"), max_digits=18, decimal_places=2, null=True, editable=False
    )

    class Meta(Fact.Meta):
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["account", "booked_on"], include=["amount"], name="posting_by_day"
            ),
            models.Index(
                fields=["account", "id"], condition=Q(balance=None), name="posting_of_the_bank"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="posting_not_zero"),
        ]
        triggers = [
            *Fact.Meta.triggers,
            OwnerGuard(
                name="apply",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__balance__isnull=True),
                # Ours is the transaction that wrote the journal; its age is asked as well,
                # since a restored copy counts transactions anew.
                func="""
                    SELECT booked_on INTO NEW.booked_on FROM public.banking_journal
                        WHERE id = NEW.journal_id
                        AND xact = pg_current_xact_id()::text::bigint
                        AND age(xmin) <= 0;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'a posting is written with its journal'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    UPDATE public.banking_account SET balance = balance + NEW.amount
                        WHERE id = NEW.account_id AND kind <> 'internal' AND status <> 'closed'
                        RETURNING balance INTO NEW.balance;
                    IF NOT FOUND THEN
                        NEW.balance := NULL;
                        PERFORM 1 FROM public.banking_account
                            WHERE id = NEW.account_id AND kind = 'internal';
                        IF NOT FOUND THEN
                            RAISE EXCEPTION 'account % is closed or unknown', NEW.account_id
                                USING ERRCODE = 'restrict_violation';
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]


class Hold(models.Model):
    """Yuan of an account set aside: counted in the balance, not in what is available."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="holds"
    )
    key = models.UUIDField(unique=True)  # the same key again is the same hold
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=60)
    placed_at = models.DateTimeField(_("placed at"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="hold_positive")]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="terms", fields=["account", "key", "amount", "reason", "placed_at"]),
            Forbid(
                name="released_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.released_at IS NOT NULL"),
            ),
            OwnerGuard(
                name="reserve",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.released_at IS NULL"),
                func="""
                    UPDATE public.banking_account SET held = held + NEW.amount
                        WHERE id = NEW.account_id;
                    RETURN NULL;
                """,
            ),
            OwnerGuard(
                name="release",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.released_at IS NULL AND NEW.released_at IS NOT NULL"
                ),
                func="""
                    UPDATE public.banking_account SET held = held - OLD.amount
                        WHERE id = OLD.account_id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.reason}"


class InternalBalance(Fact):
    """A snapshot of an internal account, summed by PostgreSQL itself when it is inserted.

    The share lock waits for every posting under way, so that all ids up to `upto` are either
    in the sum or never will be.
    """

    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.PROTECT)
    at = models.DateTimeField(_("time"))
    upto = models.BigIntegerField(editable=False)  # the last posting's id that is counted
    balance = models.DecimalField(_("balance"), max_digits=18, decimal_places=2, editable=False)

    class Meta(Fact.Meta):
        verbose_name = _("balance of an internal account")
        verbose_name_plural = _("balances of internal accounts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "-upto"])]
        triggers = [
            *Fact.Meta.triggers,
            OwnerGuard(
                name="sum",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("since", "bigint"), ("before", "numeric")],
                func="""
                    LOCK TABLE public.banking_posting IN SHARE MODE;
                    SELECT upto, balance INTO since, before
                        FROM public.banking_internalbalance
                        WHERE account_id = NEW.account_id ORDER BY upto DESC LIMIT 1;
                    SELECT coalesce(max(id), 0) INTO NEW.upto FROM public.banking_posting;
                    SELECT coalesce(before, 0) + coalesce(sum(amount), 0) INTO NEW.balance
                        FROM public.banking_posting
                        WHERE account_id = NEW.account_id AND balance IS NULL
                        AND id > coalesce(since, 0) AND id <= NEW.upto;
                    RETURN NEW;
                """,
            ),
        ]
