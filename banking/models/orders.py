"""What customers tell the bank to do, and the dated rows that say at what price and how much."""

from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from banking.guards import Forbid, Frozen, Guard, Path
from banking.models.customers import Customer, Vip
from banking.models.ledger import Account
from calendars.clock import SHANGHAI
from live.fences import FencedTable


class Channel(models.TextChoices):
    PHONE = "phone", _("telephone")
    AGENT = "agent", _("agent")
    COUNTER = "counter", _("counter")
    ONLINE = "online", _("internet banking")

    @property
    def priced_as(self) -> "Channel":
        """Whose limits and fees hold: what an agent drafts, she confirms by telephone."""
        return Channel.PHONE if self is Channel.AGENT else self


class State(models.TextChoices):
    """Scheduled and held ones are accepted: they have a receipt number, and no journal yet."""

    READ_BACK = "read_back", _("read back")
    CONFIRMED = "confirmed", _("confirmed")
    SCHEDULED = "scheduled", _("accepted, to be debited later")
    HELD = "held", _("accepted, being checked")
    EXECUTED = "executed", _("executed")
    REFUSED = "refused", _("refused")
    UNKNOWN = "unknown", _("outcome unknown")
    VOID = "void", _("void")


PATH = [
    (State.READ_BACK.value, State.CONFIRMED.value),
    (State.READ_BACK.value, State.VOID.value),
    (State.CONFIRMED.value, State.EXECUTED.value),
    (State.CONFIRMED.value, State.REFUSED.value),
    (State.CONFIRMED.value, State.UNKNOWN.value),
    (State.CONFIRMED.value, State.VOID.value),
    *((State.CONFIRMED.value, accepted) for accepted in ("scheduled", "held")),
    *(("scheduled", after) for after in ("executed", "refused", "void")),
    *(("held", after) for after in ("scheduled", "executed", "refused", "void")),
    (State.UNKNOWN.value, State.EXECUTED.value),
    (State.UNKNOWN.value, State.REFUSED.value),
    (State.UNKNOWN.value, State.VOID.value),
]

# What came of what she asked for, and she has not heard yet: carried out, accepted, refused, in
# doubt, or void although she had said yes and proved it; or it ended otherwise than she heard.
UNTOLD = Q(turned_at__isnull=False, retold_at=None) | Q(told_at=None) & (
    Q(state__in=["executed", "scheduled", "held", "refused", "unknown"])
    | Q(state="void", confirmed_at__isnull=False, accepted_at=None)
)
PARAMETERS = [
    *("key", "digest", "kind", "channel", "customer", "payer", "payee", "payee_tail"),
    *("amount", "fee", "counted", "due_at", "details", "call_ref", "drafted_at"),
]
WRITTEN_ONCE = [
    "confirmed_at",
    "accepted_at",
    "executed_at",
    "booked_on",
    "refused_at",
    "voided_at",
    "told_at",
    "turned_at",
    "retold_at",
]


class Instruction(models.Model):
    """What a customer told the bank to do with money, from read-back to told.

    A void one without a digest is a key that was asked for before it was seen: it is spent.
    """

    class Kind(models.TextChoices):
        TRANSFER = "transfer", _("transfer within the bank")
        OWN = "own", _("transfer between own accounts")
        INTERBANK = "interbank", _("same-city interbank transfer")  # 同城跨行
        REMITTANCE = "remittance", _("remittance to another city")  # 异地汇款
        BILL = "bill", _("bill payment")
        SAVE = "save", _("deposit opened")
        INSTALMENT = "instalment", _("instalment into a deposit")
        REDEEM = "redeem", _("withdrawal from a deposit")
        REPAYMENT = "repayment", _("loan repayment")

    key = models.UUIDField(_("key"), primary_key=True, default=uuid4)  # idempotency key
    digest = models.BinaryField(max_length=32, null=True)  # of the parameters: one key, one content
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TRANSFER)
    channel = models.CharField(_("channel"), max_length=7, choices=Channel.choices, blank=True)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, on_delete=models.PROTECT
    )
    payer = models.ForeignKey(
        Account,
        verbose_name=_("payer's account"),
        null=True,
        on_delete=models.PROTECT,
        related_name="orders_out",
    )
    payee = models.ForeignKey(
        Account,
        verbose_name=_("payee's account"),
        null=True,
        on_delete=models.PROTECT,
        related_name="orders_in",
    )
    payee_tail = models.CharField(_("payee, last four"), max_length=4, blank=True)  # as read back
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True)  # yuan
    fee = models.DecimalField(_("fee"), max_digits=18, decimal_places=2, null=True)  # yuan
    counted = models.BooleanField(_("counts against the limits of the day"), default=True)
    due_at = models.DateTimeField(_("to be debited at"), null=True)  # null: at once
    details = models.JSONField(_("details"), default=dict)  # what its kind wants besides
    call_ref = models.CharField(_("call"), max_length=64, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.READ_BACK
    )
    drafted_at = models.DateTimeField(_("read back at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    executed_at = models.DateTimeField(_("executed at"), null=True)
    booked_on = models.DateField(_("booked on"), null=True)  # the bank's day it counts against
    receipt = models.CharField(_("receipt number"), max_length=12, blank=True)  # its journal's too
    refused_at = models.DateTimeField(_("refused at"), null=True)
    refusal = models.CharField(_("refusal"), max_length=40, blank=True)  # the error's class
    refusal_values = models.JSONField(default=dict)
    voided_at = models.DateTimeField(_("voided at"), null=True)
    told_at = models.DateTimeField(_("told at"), null=True)  # the receipt was heard to its end
    # Told as accepted or done, and refused or given back after that; and when she heard so.
    turned_at = models.DateTimeField(_("ended otherwise at"), null=True)
    retold_at = models.DateTimeField(_("told so at"), null=True)

    class Meta:
        verbose_name = _("instruction")
        verbose_name_plural = _("instructions")
        ordering = ["-drafted_at"]
        indexes = [
            models.Index(
                fields=["customer", "booked_on"],
                include=["amount"],
                condition=Q(state="executed", counted=True),
                name="instruction_executed_day",
            ),
            models.Index(
                fields=["customer"],
                condition=UNTOLD,
                name="instruction_untold",
            ),
            models.Index(fields=["due_at"], condition=Q(state="scheduled"), name="instruction_due"),
            models.Index(fields=["-drafted_at"], name="instruction_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="amount_positive"),
            models.CheckConstraint(condition=Q(fee__gte=0), name="fee_not_negative"),
            models.CheckConstraint(condition=~Q(payer=F("payee")), name="payee_is_another"),
            models.CheckConstraint(
                condition=Q(state="void", digest=None)
                | Q(
                    digest__isnull=False,
                    customer__isnull=False,
                    payer__isnull=False,
                    amount__isnull=False,
                    fee__isnull=False,
                ),
                name="parameters_or_spent_key",
            ),
            models.CheckConstraint(
                condition=Q(state="executed", executed_at__isnull=False, booked_on__isnull=False)
                | (~Q(state="executed") & Q(executed_at=None, booked_on=None)),
                name="executed_when",
            ),
            models.CheckConstraint(
                condition=Q(state="executed")
                | Q(accepted_at=None, receipt="")
                | (Q(accepted_at__isnull=False) & ~Q(receipt="")),
                name="accepted_with_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["scheduled", "held"]) | Q(accepted_at__isnull=False),
                name="accepted_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(due_at__isnull=False),
                name="scheduled_for_when",
            ),
            models.CheckConstraint(
                condition=(Q(state="refused", refused_at__isnull=False) & ~Q(refusal=""))
                | (~Q(state="refused") & Q(refused_at=None, refusal="")),
                name="refused_why",
            ),
            models.CheckConstraint(
                condition=Q(told_at=None)
                | Q(state__in=["executed", "refused"])
                | Q(accepted_at__isnull=False)
                | Q(state="void", confirmed_at__isnull=False),
                name="told_an_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(turned_at=None) | Q(told_at__isnull=False))
                & (Q(retold_at=None) | Q(turned_at__isnull=False)),
                name="retold_what_turned",
            ),
        ]
        triggers = [
            FencedTable(),
            Forbid(name="kept", operation=pgtrigger.Delete),
            Forbid(
                name="begins",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition(
                    "NEW.state <> 'read_back' AND NOT (NEW.state = 'void' AND NEW.digest IS NULL)"
                ),
            ),
            Frozen(name="parameters", fields=PARAMETERS),
            Forbid(
                name="once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    " OR ".join(
                        f"OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name}"
                        for name in WRITTEN_ONCE
                    )
                ),
            ),
            Path(name="path", field="state", transitions=PATH),
            Guard(
                name="executed_with_journal",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.state = 'executed' AND OLD.state <> 'executed'"),
                func="""
                    PERFORM 1 FROM public.banking_journal
                        WHERE instruction_id = NEW.key AND number = NEW.receipt;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'instruction % executed without a journal', NEW.key
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        """By its receipt; until it has one, by when it was read back."""
        return self.receipt or f"{self.drafted_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


@pghistory.track()
class FeeTier(models.Model):
    """One step of a published fee schedule. The schedule of a day is the newest begun by then.

    A schedule of her VIP level beats the one for all.
    """

    kind = models.CharField(_("business"), max_length=10, choices=Instruction.Kind.choices)
    channel = models.CharField(_("channel"), max_length=7, choices=Channel.choices)
    vip = models.CharField(_("VIP level"), max_length=10, choices=Vip.choices, blank=True)
    valid_from = models.DateField(_("valid from"))
    above = models.DecimalField(
        _("amounts above"), max_digits=18, decimal_places=2, default=0
    )  # yuan
    flat = models.DecimalField(_("flat fee"), max_digits=18, decimal_places=2, default=0)  # yuan
    rate = models.DecimalField(_("rate"), max_digits=8, decimal_places=6, default=0)  # of amount
    cap = models.DecimalField(
        _("at most"), max_digits=18, decimal_places=2, null=True, blank=True
    )  # yuan

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        ordering = ["kind", "channel", "vip", "-valid_from", "above"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "channel", "vip", "valid_from", "above"], name="fee_tier_once"
            ),
            models.CheckConstraint(
                condition=Q(above__gte=0, flat__gte=0, rate__gte=0), name="fee_tier_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.valid_from}"


@pghistory.track()
class TransferLimit(models.Model):
    """What may leave by a channel: at once, and in a day of the bank. Without customer: default."""

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, blank=True, on_delete=models.CASCADE
    )
    channel = models.CharField(_("channel"), max_length=7, choices=Channel.choices)
    valid_from = models.DateField(_("valid from"))
    single = models.DecimalField(_("single transfer"), max_digits=18, decimal_places=2)  # yuan
    daily = models.DecimalField(_("a day"), max_digits=18, decimal_places=2)  # yuan

    class Meta:
        verbose_name = _("transfer limit")
        verbose_name_plural = _("transfer limits")
        permissions = [
            ("ask_raise", "Can ask to raise a customer's limits"),
            ("decide_raise", "Can decide to raise a customer's limits"),
        ]
        ordering = ["channel", "customer", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel", "valid_from"],
                nulls_distinct=False,
                name="limit_once",
            ),
            models.CheckConstraint(
                condition=Q(single__gte=0, daily__gte=0), name="limit_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.single} / {self.daily}"


@pghistory.track()
class LossTerm(models.Model):
    """For how many days an oral loss report holds, by what was lost."""

    class Instrument(models.TextChoices):
        CARD = "card", _("card")
        PASSBOOK = "passbook", _("passbook")

    instrument = models.CharField(_("lost"), max_length=8, choices=Instrument.choices)
    valid_from = models.DateField(_("valid from"))
    days = models.PositiveSmallIntegerField(_("days"))

    class Meta:
        verbose_name = _("term of a loss report")
        verbose_name_plural = _("terms of loss reports")
        ordering = ["instrument", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "valid_from"], name="loss_term_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_instrument_display()} {self.days}"
