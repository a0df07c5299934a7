"""What a customer may do by telephone: the rules by date, when debits are off, what she asked."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from banking.guards import Forbid, Frozen, Guard
from banking.models.customers import Card, Customer
from banking.models.orders import Channel
from live.facts import Fact

NUMBER = """
    NEW.number := to_char(NEW.{} AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')
        || lpad(nextval('public.banking_receipt')::text, 6, '0');
    RETURN NEW;
"""


@pghistory.track()
class AccessRule(models.Model):
    """A clock, a count or a sum of telephone banking. Of a day the newest that has begun holds."""

    class Name(models.TextChoices):
        DORMANT_MONTHS = "dormant_months", _("Months without use that stop debits by telephone")
        QUERY_CALL = "query_call", _("Wrong query PINs that end a call")
        QUERY_DAY = "query_day", _("Wrong query PINs that lock it for the day")
        IN_ALL = "in_all", _("Wrong transaction PINs that lock it until a branch unlocks it")
        CODE_HOURS = "code_hours", _("Hours that an activation code holds")
        CODE_TRIES = "code_tries", _("Tries of an activation code")
        REQUEST_DAYS = "request_days", _("Days in which an unlock request is followed up")
        APPROVAL_HOURS = "approval_hours", _("Hours in which a request is decided")
        PERIOD_DAYS = "period_days", _("Days that an enquiry or a statement may cover")
        PASSWORD_CAP = "password_cap", _("Yuan a day that a password alone may move")
        NUMBER_HOUR = "number_hour", _("Wrong cards and passwords from one number in an hour")
        SILENCE_S = "silence_s", _("Seconds of silence before the first key")
        BETWEEN_S = "between_s", _("Seconds of silence between two keys")
        TRIES = "tries", _("Times that a question is asked")
        LAST_N = "last_n", _("Last transactions that are read out")
        PAGE_N = "page_n", _("Transactions of a period that are read at a time")

    name = models.CharField(_("rule"), max_length=14, choices=Name.choices)
    valid_from = models.DateField(_("valid from"))
    value = models.PositiveIntegerField(_("value"))

    class Meta:
        verbose_name = _("rule of telephone banking")
        verbose_name_plural = _("rules of telephone banking")
        permissions = [
            ("ask_terms", "Can ask to change fees, rates, limits and rules"),
            ("decide_terms", "Can decide on fees, rates, limits and rules"),
        ]
        ordering = ["name", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["name", "valid_from"], name="access_rule_once"),
            models.CheckConstraint(condition=Q(value__gt=0), name="access_rule_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()} {self.value}"


class WrongTry(Fact):
    """A card number that is none of ours, or a wrong password, and the number that called."""

    class What(models.TextChoices):
        CARD = "card", _("unknown card")
        PASSWORD = "password", _("wrong password")

    phone = models.CharField(_("called from"), max_length=20)
    what = models.CharField(_("what was wrong"), max_length=8, choices=What.choices)
    at = models.DateTimeField(_("time"))
    call_ref = models.CharField(_("call"), max_length=64, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("wrong try")
        verbose_name_plural = _("wrong tries")
        ordering = ["-id"]
        indexes = [models.Index(fields=["phone", "at"], name="wrong_tries_of_a_number")]

    def __str__(self) -> str:
        return f"{self.phone} {self.get_what_display()}"


class PhoneBlock(models.Model):
    """From when to when nothing is debited by telephone; open until a branch lifts it."""

    class Why(models.TextChoices):
        ASKED = "asked", _("stopped by the customer")
        UNUSED = "unused", _("unused for too long")

    number = models.CharField(_("receipt number"), max_length=12, unique=True, editable=False)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="phone_blocks"
    )
    why = models.CharField(_("reason"), max_length=6, choices=Why.choices)
    begun_at = models.DateTimeField(_("stopped at"))
    channel = models.CharField(_("channel"), max_length=7, choices=Channel.choices)
    call_ref = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(_("lifted at"), null=True)

    class Meta:
        verbose_name = _("stop of debits by telephone")
        verbose_name_plural = _("stops of debits by telephone")
        ordering = ["-id"]
        permissions = [
            ("ask_phone_on", "Can ask to allow debits by telephone again"),
            ("decide_phone_on", "Can decide to allow debits by telephone again"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(ended_at=None), name="phone_stopped_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at")),
                name="phone_stop_ends_later",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="as_begun",
                fields=["number", "customer", "why", "begun_at", "channel", "call_ref"],
            ),
            Forbid(
                name="lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.ended_at IS NOT NULL"),
            ),
            Guard(
                name="number",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=NUMBER.format("begun_at"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class UnlockRequest(models.Model):
    """密码解锁 asked for by telephone: a branch follows it up; by itself it unlocks nothing."""

    number = models.CharField(_("receipt number"), max_length=12, unique=True, editable=False)
    card = models.ForeignKey(Card, verbose_name=_("card"), on_delete=models.PROTECT)
    asked_at = models.DateTimeField(_("asked"))
    lapses_at = models.DateTimeField(_("lapses at"))
    call_ref = models.CharField(max_length=64, blank=True)
    approval = models.ForeignKey(
        "people.Approval", verbose_name=_("approval"), null=True, on_delete=models.PROTECT
    )

    class Meta:
        verbose_name = _("unlock request")
        verbose_name_plural = _("unlock requests")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["card"], condition=Q(approval=None), name="unlock_request_open")
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="as_asked",
                fields=["number", "card", "asked_at", "lapses_at", "call_ref"],
            ),
            Guard(
                name="number",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=NUMBER.format("asked_at"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class NicknameWord(models.Model):
    """A word that a customer may call an account by: 工资, 家用.

    It is offered by telephone where a prompt `nickname.<slug>` says it.
    """

    slug = models.SlugField(_("key"), max_length=20, unique=True)
    word = models.CharField(_("word"), max_length=20, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        verbose_name = _("nickname of accounts")
        verbose_name_plural = _("nicknames of accounts")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.word
