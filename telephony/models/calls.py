"""Calls, their legs and their steps: what was heard, keyed and done, when; never a secret."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from banking.guards import Guard
from banking.models import Customer
from calendars.clock import SHANGHAI
from live.facts import Fact
from live.fences import FencedTable
from people.models import User
from telephony.deeds import Deed
from telephony.models.menus import MenuVersion, Number


class Call(models.Model):
    """One call from the first ring to the hang-up; everything else hangs on it."""

    class EndedBy(models.TextChoices):
        CALLER = "caller", _("caller")
        BANK = "bank", _("bank")
        SWITCH = "switch", _("line")

    class Outcome(models.TextChoices):
        """What the call came to, settled when it ends."""

        SERVED = "served", _("served by the IVR")
        CALLBACK = "callback", _("call-back requested")
        AGENT = "agent", _("with an agent")
        ABANDONED = "abandoned", _("hung up while waiting")
        DROPPED = "dropped", _("hung up before any service")
        LOCKED = "locked", _("password refused")
        FAULT = "fault", _("technical fault")

    uuid = models.UUIDField(_("switch channel"), unique=True)  # of the caller's leg
    node = models.CharField(_("switch"), max_length=40)
    number = models.ForeignKey(
        Number, verbose_name=_("number dialled"), null=True, on_delete=models.PROTECT
    )
    dialled = models.CharField(_("dialled"), max_length=32)
    caller = models.CharField(_("caller"), max_length=32, blank=True)
    is_test = models.BooleanField(_("test call"), default=False)  # kept out of every KPI

    started_at = models.DateTimeField(_("started"))
    taken_at = models.DateTimeField(_("taken"), null=True)  # a worker began to drive it
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_cause = models.CharField(_("cause"), max_length=40, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=8, choices=EndedBy.choices, blank=True)
    end_estimated = models.BooleanField(_("end estimated"), default=False)
    recovered = models.PositiveSmallIntegerField(_("recoveries"), default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)

    # What a recovery needs; written before it is acted upon.
    language = models.CharField(_("language"), max_length=3, default="zh")
    language_chosen = models.BooleanField(_("language chosen"), default=False)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, on_delete=models.PROTECT
    )
    card_id = models.BigIntegerField(_("card"), null=True)  # she identified herself with
    card_tail = models.CharField(_("card, last four"), max_length=4, blank=True)
    verified_until = models.DateTimeField(_("identified until"), null=True)
    pin_failures = models.PositiveSmallIntegerField(_("query passwords refused"), default=0)
    menu = models.ForeignKey(
        MenuVersion, verbose_name=_("menu version"), null=True, on_delete=models.PROTECT
    )
    menu_node = models.SlugField(_("menu"), max_length=40, blank=True)
    hinted = models.BooleanField(_("heard the common keys"), default=False)

    # Of a call that was opened just now (`records.open_call`); kept in no column.
    welcome: tuple[str, ...] = ()  # the prompts before everything else
    is_closed: bool = False  # outside the hours of the number that was dialled

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["-started_at"]
        permissions = [("use_test_phone", "Can use the test phone")]
        indexes = [
            models.Index(fields=["-started_at"]),
            models.Index(fields=["customer", "-started_at"]),
            models.Index(fields=["node"], condition=Q(ended_at=None), name="call_live"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="call_ends_after_start",
            ),
        ]
        triggers = [FencedTable()]

    def __str__(self) -> str:
        return f"{self.started_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


class Leg(models.Model):
    """A channel of the switch that took part in a call."""

    class Kind(models.TextChoices):
        CALLER = "caller", _("caller")
        AGENT = "agent", _("agent")

    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.PROTECT, related_name="legs"
    )
    uuid = models.UUIDField(_("switch channel"), unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    address = models.CharField(_("address"), max_length=64, blank=True)
    started_at = models.DateTimeField(_("started"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    cause = models.CharField(_("cause"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("leg")
        verbose_name_plural = _("legs")
        ordering = ["started_at"]
        triggers = [FencedTable()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.address}"


class Step(Fact):
    """One line of the conversation. `text` is what she heard, in her words and language."""

    class Kind(models.TextChoices):
        HEARD = "heard", _("heard")
        KEYED = "keyed", _("keyed")
        DID = "did", _("done")

    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.PROTECT, related_name="steps"
    )
    seq = models.PositiveIntegerField(_("no."))
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    prompt = models.CharField(_("prompt"), max_length=60, blank=True)  # key of what was said
    text = models.TextField(_("text"), blank=True)
    deed = models.CharField(_("what was done"), max_length=16, choices=Deed.choices, blank=True)
    keys = models.CharField(_("keys"), max_length=40, blank=True)  # masked where secret
    heard_s = models.DecimalField(_("heard for"), max_digits=6, decimal_places=1, null=True)
    barged = models.BooleanField(_("interrupted"), default=False)
    menu_node = models.SlugField(_("menu"), max_length=40, blank=True)
    flow = models.CharField(_("flow"), max_length=40, blank=True)
    instruction = models.UUIDField(_("instruction"), null=True)

    class Meta(Fact.Meta):
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["call", "seq"]
        indexes = [  # who heard a prompt that was wrong (kb/hearing.py)
            models.Index(
                fields=["prompt", "at"], condition=Q(kind="heard"), name="step_prompt_heard"
            )
        ]
        constraints = [models.UniqueConstraint(fields=["call", "seq"], name="one_step_a_number")]
        triggers = [*Fact.Meta.triggers, FencedTable()]

    def __str__(self) -> str:
        what = self.text or self.keys or self.get_deed_display()
        return f"{self.seq} {self.get_kind_display()} {what}"


class AgentDeed(Fact):
    """What her agent did for her at the desk. Beside the steps, which the worker numbers."""

    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.PROTECT, related_name="agent_deeds"
    )
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(User, verbose_name=_("agent"), on_delete=models.PROTECT)
    service = models.SlugField(_("service"), max_length=40)  # of `telephony.attended`
    deed = models.CharField(_("what was done"), max_length=16, choices=Deed.choices)
    number = models.CharField(_("receipt number"), max_length=12, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("deed of an agent")
        verbose_name_plural = _("deeds of agents")
        ordering = ["call", "id"]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} {self.number}".strip()


class CallbackRequest(models.Model):
    """She asked for a person when none could be had: call her back (回电)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("called back")

    call = models.ForeignKey(Call, verbose_name=_("call"), on_delete=models.PROTECT)
    receipt = models.CharField(_("receipt"), max_length=12, unique=True, editable=False)
    phone = models.CharField(_("call back at"), max_length=20)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, on_delete=models.PROTECT
    )
    language = models.CharField(_("language"), max_length=3)
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    done_at = models.DateTimeField(_("called back at"), null=True)
    done_by = models.ForeignKey(
        User, verbose_name=_("called back by"), null=True, on_delete=models.PROTECT
    )

    class Meta:
        verbose_name = _("call-back request")
        verbose_name_plural = _("call-back requests")
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", done_at=None, done_by=None)
                | Q(state="done", done_at__isnull=False, done_by__isnull=False),
                name="callback_done_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["call"], condition=Q(state="waiting"), name="one_callback_a_call"
            ),
        ]
        triggers = [
            FencedTable(),
            pgtrigger.FSM(name="path", field="state", transitions=[("waiting", "done")]),
            Guard(  # no two receipts of the bank are alike
                name="number",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    NEW.receipt := to_char(NEW.asked_at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')
                        || lpad(nextval('public.banking_receipt')::text, 6, '0');
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.receipt
