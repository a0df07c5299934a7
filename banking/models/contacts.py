"""When the bank called whom, by which number it knows a caller, and who asks whether it was us."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Guard, Path
from banking.models.customers import Customer
from live.facts import Fact
from live.fences import FencedTable


class OutboundContact(Fact):
    """The bank reached out to a customer by telephone. Heard by who asks "did you call me?".

    A desk `d` and a reason `r` are spoken as the prompts `desk.d` and `contact.r`.
    """

    class Desk(models.TextChoices):
        SERVICE = "service", _("customer service centre")
        SETTLEMENT = "settlement", _("settlement desk")
        RISK = "risk", _("risk control")
        COMPLAINTS = "complaints", _("complaints desk")
        LENDING = "lending", _("loan service")
        CARDS = "cards", _("credit card centre")
        RETAIL = "retail", _("personal finance")
        BRANCH = "branch", pgettext_lazy("a desk of the bank", "branch")

    class Reason(models.TextChoices):
        CALL_BACK = "call_back", _("call-back that was asked for")
        VERIFY_ORDER = "verify_order", _("check of an order")
        COMPLAINT = "complaint", _("answer to a complaint")
        REPAYMENT = "repayment", _("repayment reminder")
        OFFER = "offer", _("product information")
        SURVEY = "survey", _("satisfaction survey")
        DOCUMENTS = "documents", _("papers to be completed")

    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT)
    desk = models.CharField(_("desk"), max_length=10, choices=Desk.choices)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    at = models.DateTimeField(_("time"))
    call_ref = models.CharField(_("call"), max_length=64, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), null=True, on_delete=models.PROTECT
    )

    class Meta(Fact.Meta):
        verbose_name = _("call to a customer")
        verbose_name_plural = _("calls to customers")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["customer", "-at"], name="contact_of_customer")]

    def __str__(self) -> str:
        return f"{self.get_desk_display()} {self.get_reason_display()}"


@pghistory.track()
class BoundNumber(models.Model):
    """Her mobile, checked at a branch as hers (绑定手机). It counts only while it is her mobile."""

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="bound_numbers"
    )
    phone = models.CharField(_("telephone number"), max_length=20)
    bound_at = models.DateTimeField(_("bound at"))
    bound_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("bound by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("bound number")
        verbose_name_plural = _("bound numbers")
        ordering = ["-bound_at", "-id"]
        constraints = [
            # One number says one customer, or it says nothing.
            models.UniqueConstraint(
                fields=["phone"], condition=Q(ended_at=None), name="number_bound_once"
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(ended_at=None), name="customer_bound_once"
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="terms", fields=["customer", "phone", "bound_at", "bound_by"]),
        ]

    def __str__(self) -> str:
        return str(self.customer)


class FraudCase(models.Model):
    """Somebody called her in the bank's name: she told us, and her phone debits are stopped."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("a fraud case", "open")
        TAKEN = "taken", pgettext_lazy("a fraud case", "being looked into")
        CLOSED = "closed", pgettext_lazy("a fraud case", "closed")

    class Finding(models.TextChoices):
        FRAUD = "fraud", _("attempted fraud")
        LOSS = "loss", _("fraud with a loss")
        OURS = "ours", _("it was the bank")
        NOTHING = "nothing", _("nothing found")

    number = models.CharField(_("case number"), max_length=12, unique=True, editable=False)
    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT)
    caller = models.CharField(_("called from"), max_length=32, blank=True)
    call_ref = models.CharField(_("call"), max_length=64, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    taken_at = models.DateTimeField(_("taken at"), null=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    finding = models.CharField(_("finding"), max_length=7, choices=Finding.choices, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("fraud case")
        verbose_name_plural = _("fraud cases")
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["call_ref"], condition=~Q(call_ref=""), name="one_fraud_case_a_call"
            ),
            models.CheckConstraint(
                condition=Q(state="open", taken_at=None, taken_by=None)
                | (~Q(state="open") & Q(taken_at__isnull=False, taken_by__isnull=False)),
                name="fraud_case_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                    & ~Q(finding="")
                    & ~Q(note="")
                )
                | (~Q(state="closed") & Q(closed_at=None, closed_by=None, finding="", note="")),
                name="fraud_case_closed_with_a_finding",
            ),
        ]
        triggers = [
            FencedTable(),
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="as_told", fields=["customer", "caller", "call_ref", "opened_at"]),
            Path(name="path", field="state", transitions=[("open", "taken"), ("taken", "closed")]),
            Guard(
                name="number",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    NEW.number := to_char(NEW.opened_at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')
                        || lpad(nextval('public.banking_receipt')::text, 6, '0');
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class CallerTerm(models.Model):
    """What the bank has settled about its callers, from a day on."""

    class What(models.TextChoices):
        # 银保监办发〔2021〕: who is 60 or older has a person in one key.
        SENIOR = "senior", _("age from which a person is offered first")
        CONTACTS = "contacts", _("days for which calls of the bank are told")

    what = models.CharField(_("what"), max_length=8, choices=What.choices)
    valid_from = models.DateField(_("valid from"))
    value = models.PositiveSmallIntegerField(_("value"))

    class Meta:
        verbose_name = _("term for callers")
        verbose_name_plural = _("terms for callers")
        ordering = ["what", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["what", "valid_from"], name="caller_term_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.value}"
