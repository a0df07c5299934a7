"""The fraud guard's data: dated rules, whom it watches, and what it decided about each order."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.fraud import rules
from banking.guards import Forbid, Frozen, Path
from banking.models.customers import Customer
from banking.models.orders import Channel, Instruction
from live.facts import Fact
from live.fences import FencedTable

# What two people have put into force stays as they saw it.
ACTIVATED = [
    *("code", "version", "title", "kind", "thresholds", "action", "priority"),
    *("valid_from", "drafted_by_id", "activated_by_id", "activated_at"),
]


@pghistory.track()
class FraudRule(models.Model):
    """One version of a rule. A change is a new version; what was in force stays as it was.

    `thresholds` are those of its kind (`banking.fraud.rules`). It takes effect, and ends early,
    by the word of two people; a later version ends it when that begins.
    """

    class Kind(models.TextChoices):
        NEW_PAYEE = "new_payee", _("new payee")
        BURST = "burst", _("many orders in a short time")
        NIGHT = "night", _("at night")
        AGE = "age", _("age of the customer")
        HABIT = "habit", _("amount against her habit")
        WATCH_LIST = "watch_list", _("watch list")
        CALLER_NUMBER = "caller_number", _("caller's number")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", pgettext_lazy("of a fraud rule", "approved")

    code = models.SlugField(_("code"), max_length=30)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    title = models.CharField(_("title"), max_length=60)
    kind = models.CharField(_("kind"), max_length=13, choices=Kind.choices)
    thresholds = models.JSONField(_("thresholds"), default=dict)
    action = models.CharField(
        pgettext_lazy("of a fraud rule", "action"),
        max_length=6,
        choices=[choice for choice in rules.Action.choices if choice[0] != "allow"],
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=50,
        help_text=_("Of several rules with the same action the lowest number decides."),
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=6, choices=State.choices, default=State.DRAFT, editable=False
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("drafted by"),
        null=True,  # of the demo's own
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("put into force by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    activated_at = models.DateTimeField(_("put into force at"), null=True, editable=False)

    class Meta:
        verbose_name = _("fraud rule")
        verbose_name_plural = _("fraud rules")
        ordering = ["state", "priority", "code", "-version"]
        permissions = [
            ("ask_fraudrule", "Can ask to put a fraud rule into force, or to end one"),
            ("decide_fraudrule", "Can decide on a fraud rule that another asks for"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="fraud_rule_version"),
            # What is let pass is decided by no rule.
            models.CheckConstraint(condition=~Q(action="allow"), name="fraud_rule_does_something"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="draft"), name="fraud_rule_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="fraud_rule_not_ended_before",
            ),
            models.CheckConstraint(
                condition=(Q(state="draft") & Q(activated_at=None, activated_by=None))
                | (~Q(state="draft") & Q(activated_at__isnull=False)),
                name="fraud_rule_activated_when",
            ),
            models.CheckConstraint(
                condition=Q(activated_by=None) | ~Q(activated_by=F("drafted_by")),
                name="fraud_rule_by_two",
            ),
        ]
        triggers = [
            Forbid(
                name="begins",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.state <> 'draft'"),
            ),
            Forbid(
                name="kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
            ),
            Path(name="path", field="state", transitions=[("draft", "active")]),
            Forbid(
                name="as_activated",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'draft' AND ("
                    + " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in ACTIVATED)
                    + ")"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    def rule(self) -> rules.Rule:
        """As the guard decides by it."""
        return rules.Rule(
            self.pk,
            rules.Action(self.action),
            self.priority,
            rules.thresholds(self.kind, self.thresholds),
        )


class FraudDecision(Fact):
    """What the guard said of one order, by which rule, and what it knew then."""

    key = models.UUIDField(_("key"), unique=True)  # the order's; refused, there is no order
    digest = models.BinaryField(max_length=32)  # of its parameters: one key, one content
    at = models.DateTimeField(_("time"))
    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT)
    kind = models.CharField(_("business"), max_length=10, choices=Instruction.Kind.choices)
    channel = models.CharField(_("channel"), max_length=7, choices=Channel.choices)
    payee_tail = models.CharField(_("payee, last four"), max_length=4, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)  # yuan
    action = models.CharField(_("decision"), max_length=6, choices=rules.Action.choices)
    rule = models.ForeignKey(FraudRule, verbose_name=_("rule"), null=True, on_delete=models.PROTECT)
    hits = models.JSONField(_("rules that applied"), default=list)  # [{rule, action, seen}]
    facts = models.JSONField(_("what was known"), default=dict)
    call_ref = models.CharField(_("call"), max_length=64, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("fraud decision")
        verbose_name_plural = _("fraud decisions")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["-at"], name="fraud_decision_by_time"),
            models.Index(fields=["action", "-at"], name="fraud_decision_by_action"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(action="allow", rule=None) | (~Q(action="allow") & ~Q(rule=None)),
                name="fraud_decision_names_its_rule",
            )
        ]
        triggers = [*Fact.Meta.triggers, FencedTable()]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.amount}"


class HeldOrder(Instruction):
    """An instruction under review, as its own queue shows it."""

    class Meta:
        proxy = True
        verbose_name = _("held order")
        verbose_name_plural = _("held orders")
        permissions = [
            ("ask_heldorder", "Can ask to release or refuse a held order"),
            ("decide_heldorder", "Can decide on a held order that another asks for"),
        ]


@pghistory.track(exclude=["lookup"])
class WatchEntry(models.Model):
    """An account, a card or a telephone number that the bank was warned of.

    Found by its keyed HMAC; of the number itself only `masked` is kept.
    """

    class What(models.TextChoices):
        ACCOUNT = "account", _("account number")
        CARD = "card", _("card number")
        PHONE = "phone", _("telephone number")

    what = models.CharField(_("what"), max_length=7, choices=What.choices)
    lookup = models.BinaryField(max_length=32, editable=False)
    masked = models.CharField(_("number"), max_length=30, editable=False)
    source = models.CharField(_("source"), max_length=60)  # who warned the bank
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("taken off at"), null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken off by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("watch list entry")
        verbose_name_plural = _("watch list")
        ordering = ["-added_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["what", "lookup"], condition=Q(ended_at=None), name="watched_once"
            )
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="terms", fields=["what", "lookup", "masked", "added_at", "added_by"]),
        ]

    def __str__(self) -> str:
        return self.masked
