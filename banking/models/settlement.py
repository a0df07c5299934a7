"""Money that left for another bank: from the debit to what its bank said (网银落单结算)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Path
from banking.models.banks import CITY, ExternalPayee
from banking.models.clearing import System
from banking.models.ledger import Journal
from banking.models.orders import Channel, Instruction
from banking.numbers import masked_account


class SettlementOrder(models.Model):
    """One payment to another bank. What nobody has to look at goes from debited to sent."""

    class Decision(models.TextChoices):
        """What its maker wants done; her checker carries it out."""

        SEND = "send", pgettext_lazy("of a settlement order", "send it")
        GIVE_BACK = "return", pgettext_lazy("of a settlement order", "give the money back")

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")  # 已提交
        DEBITED = "debited", _("debited, to be sent")  # 已扣款
        TO_CLAIM = "to_claim", _("waits for a clerk")  # 待领取
        IN_HAND = "in_hand", _("in a clerk's hand")  # 经办中
        TO_CHECK = "to_check", _("to be checked")  # 待复核
        SENT = "sent", _("sent to clearing")  # 已发送
        SUCCEEDED = "succeeded", _("paid at the other bank")  # 成功
        RETURNED = "returned", _("not sent, given back")  # 退回
        BOUNCED = "bounced", _("returned by the other bank")  # 退汇
        SUSPENDED = "suspended", _("suspended, being looked into")  # 挂起待查

    class Hands(models.TextChoices):
        """Why a person must look at it before it goes."""

        BRANCH = "branch", _("the bank code is not in the directory")
        AMOUNT = "amount", _("a large amount")
        REMARK = "remark", _("the payer left a remark")

    class Reason(models.TextChoices):
        """Why another bank returned it, by its code in the clearing files; or why the desk did."""

        NAME = "RJ01", _("account and name don't agree")
        ACCOUNT = "RJ02", _("no such account")
        CLOSED = "RJ03", _("the payee's account is closed")
        FROZEN = "RJ04", _("the payee's account is frozen")
        BANK = "RJ05", _("wrong bank code")
        TWICE = "DS01", _("the same payment twice")  # the desk's own reasons, in no file
        WITHDRAWN = "DS02", _("the payer withdrew it")
        NOWHERE = "DS03", _("no such bank is found")
        OTHER = "RJ99", _("another reason")

    instruction = models.OneToOneField(
        Instruction, verbose_name=_("instruction"), on_delete=models.PROTECT
    )
    source = models.CharField(_("source"), max_length=7, choices=Channel.choices)
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)  # yuan
    payee = models.ForeignKey(
        ExternalPayee, verbose_name=_("registered payee"), null=True, on_delete=models.PROTECT
    )
    bank_code = models.CharField(_("bank code"), max_length=12)
    payee_name = models.CharField(_("payee's name"), max_length=60)
    payee_box = models.BinaryField(editable=False)  # the account's number, sealed
    payee_lookup = models.BinaryField(max_length=32, editable=False)
    payee_last4 = models.CharField(_("payee, last four"), max_length=4)
    payee_key_version = models.PositiveSmallIntegerField(editable=False)
    remark = models.CharField(_("remark"), max_length=60, blank=True)  # as the payer left it
    postscript = models.CharField(_("remark as sent"), max_length=60, blank=True)  # 附言
    hands = models.CharField(_("to the desk because"), max_length=6, choices=Hands, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)  # the higher the sooner

    system = models.CharField(_("clearing system"), max_length=13, choices=System.choices)
    session = models.CharField(pgettext_lazy("of clearing", "session"), max_length=12)
    sends_at = models.DateTimeField(_("sent from"))
    cut_off_at = models.DateTimeField(_("cut-off"))
    settles_by = models.DateTimeField(_("paid by"))

    submitted_at = models.DateTimeField(_("submitted at"))
    debited_at = models.DateTimeField(_("debited at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    settled_at = models.DateTimeField(_("paid at"), null=True)
    returned_at = models.DateTimeField(_("returned at"), null=True)
    reason = models.CharField(_("why it was returned"), max_length=4, choices=Reason, blank=True)
    return_journal = models.OneToOneField(
        Journal, verbose_name=_("returned by journal"), null=True, on_delete=models.PROTECT
    )

    # The desk: who has it, until when, who made it ready and who checked her.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("claimed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    lease_until = models.DateTimeField(_("hers until"), null=True)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("maker"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("maker done at"), null=True)
    decision = models.CharField(
        pgettext_lazy("of a settlement order", "decision"),
        max_length=6,
        choices=Decision.choices,
        blank=True,
    )
    needs_second = models.BooleanField(_("two people check it"), default=False)
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("checker"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    checked_at = models.DateTimeField(_("checked at"), null=True)
    second_checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("second checker"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    second_checked_at = models.DateTimeField(_("checked again at"), null=True)
    mismatches = models.PositiveSmallIntegerField(_("keyed otherwise, times"), default=0)
    # Somebody looked at the order that it seems to repeat, and says that it does not.
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("no duplicate, says"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    suspended_at = models.DateTimeField(_("suspended at"), null=True)
    suspended_for = models.CharField(_("suspended because"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("settlement order")
        verbose_name_plural = _("settlement orders")
        ordering = ["-id"]
        permissions = [
            ("work_settlement_desk", "Can work at the settlement desk"),
            ("make_settlementorder", "Can complete settlement orders"),
            ("check_settlementorder", "Can check settlement orders"),
            ("ask_payout", "Can ask to pay out what is under suspense"),
            ("decide_payout", "Can decide to pay out what is under suspense"),
        ]
        indexes = [
            models.Index(fields=["sends_at"], condition=Q(state="debited"), name="order_to_send"),
            models.Index(fields=["settles_by"], condition=Q(state="sent"), name="order_under_way"),
            models.Index(
                fields=["-priority", "cut_off_at"],
                condition=Q(state__in=["to_claim", "in_hand", "to_check"]),
                name="order_on_the_desk",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_positive"),
            models.CheckConstraint(
                condition=Q(maker=None) | Q(checker=None) | ~Q(maker=F("checker")),
                name="checker_is_another",
            ),
            models.CheckConstraint(
                condition=Q(second_checker=None)
                | (~Q(second_checker=F("maker")) & ~Q(second_checker=F("checker"))),
                name="second_checker_is_another",
            ),
            # What needs hands does not leave before they were laid on it.
            models.CheckConstraint(
                condition=Q(hands="")
                | ~Q(state__in=["debited", "sent", "succeeded", "bounced", "returned"])
                | (
                    Q(maker__isnull=False, checker__isnull=False)
                    & (Q(needs_second=False) | Q(second_checker__isnull=False))
                ),
                name="checked_before_it_leaves",
            ),
            models.CheckConstraint(
                condition=~Q(state="suspended") | Q(suspended_at__isnull=False),
                name="suspended_since_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_hand")
                | Q(claimed_by__isnull=False, claimed_at__isnull=False, lease_until__isnull=False),
                name="in_somebodys_hand",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["submitted", "returned"]) | Q(debited_at__isnull=False),
                name="settled_after_its_debit",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "succeeded", "bounced"]) | Q(sent_at__isnull=False),
                name="sent_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(settled_at__isnull=False),
                name="succeeded_when",
            ),
            # Nobody calls it returned before the payer has her money back.
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "bounced"])
                | Q(debited_at=None)
                | (Q(returned_at__isnull=False, return_journal__isnull=False) & ~Q(reason="")),
                name="returned_with_its_money",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Forbid(
                name="begins",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition(
                    "NEW.state NOT IN ('submitted', 'debited', 'to_claim')"
                ),
            ),
            Frozen(
                name="terms",
                fields=["instruction", "source", "amount", "payee", "remark", "submitted_at"],
            ),
            Path(
                name="path",
                field="state",
                transitions=[
                    *(("submitted", after) for after in ("debited", "to_claim", "returned")),
                    *(("debited", after) for after in ("to_claim", "sent", "returned")),
                    *(("to_claim", after) for after in ("in_hand", "returned", "suspended")),
                    ("in_hand", "to_claim"),  # put back, or the lease has lapsed
                    *(("in_hand", after) for after in ("to_check", "returned", "suspended")),
                    ("to_check", "in_hand"),  # back to its maker
                    # Approved: on the way of those that needed nobody.
                    *(("to_check", after) for after in ("debited", "sent")),
                    *(("to_check", after) for after in ("returned", "suspended")),
                    *(("sent", after) for after in ("succeeded", "bounced", "suspended")),
                    ("succeeded", "bounced"),  # 退汇 may come days later
                    ("succeeded", "suspended"),
                    *(("suspended", after) for after in ("to_claim", "returned")),
                    *(("suspended", after) for after in ("succeeded", "bounced")),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.instruction.receipt

    @property
    def city_code(self) -> str:
        return self.bank_code[CITY]

    @property
    def masked_payee(self) -> str:
        return masked_account(self.payee_last4)
