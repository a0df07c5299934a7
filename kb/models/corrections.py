"""What stood wrong for a time, who heard it, and how far the calls back to them are."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking.guards import Forbid, Frozen, Path
from banking.models import Customer, Instruction
from banking.models.customers import Language, Vip
from banking.models.deposits import Product, Term
from banking.models.loans import Series
from banking.models.orders import Channel
from calendars.clock import SHANGHAI
from kb.models.articles import ArticleVersion
from live.facts import Fact
from telephony.models import Call, Recording

AS_ASKED = (
    *("kind", "version", "draft", "prompt", "lang", "words", "recording"),
    *("business", "channel", "vip", "valid_from", "right", "figure"),
    *("wrong_from", "why", "by", "asked_at"),
)


def named_rate(figure: str) -> str:
    """ "整存整取 一年" of rate:time.1y."""
    kind, _colon, which = figure.partition(":")
    if kind == "loan":
        return str(Series(which).label)
    product, _dot, term = which.partition(".")
    return " ".join(str(one.label) for one in (Product(product), Term(term)) if one.value)


class Correction(models.Model):
    """An article, a prompt, a fee or a rate that stood wrong in [wrong_from, wrong_to).

    One asks for it and another approves; then, once the interval is over, who heard it is listed,
    once. `wrong_to` is null while the article that corrects it is not published.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article", _("article")
        PROMPT = "prompt", _("prompt")
        FEE = "fee", _("fee")
        RATE = "rate", pgettext_lazy("of a deposit", "Rate")

    class State(models.TextChoices):
        ASKED = "asked", _("waits for approval")
        APPROVED = "approved", _("approved, to be listed")
        LISTED = "listed", _("listed")
        DROPPED = "dropped", pgettext_lazy("a correction", "dropped")

    kind = models.CharField(_("what was wrong"), max_length=7, choices=Kind.choices)
    # Of an article: the version, and the draft that corrects it.
    version = models.ForeignKey(
        ArticleVersion,
        verbose_name=_("version"),
        null=True,
        on_delete=models.PROTECT,
        related_name="corrections",
    )
    draft = models.ForeignKey(
        ArticleVersion,
        verbose_name=_("corrected by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="corrects",
    )
    # Of a prompt: its words as the catalogue has them, or a recording of right words.
    prompt = models.CharField(_("prompt"), max_length=60, blank=True)
    lang = models.CharField(_("language"), max_length=3, choices=Language.choices, blank=True)
    words = models.CharField(_("words"), max_length=300, blank=True)
    recording = models.ForeignKey(
        Recording, verbose_name=_("recording"), null=True, on_delete=models.PROTECT
    )
    # Of a fee: its schedule, and the tiers that should have stood ({above, flat, rate, cap}).
    business = models.CharField(
        _("business"), max_length=10, choices=Instruction.Kind.choices, blank=True
    )
    channel = models.CharField(_("channel"), max_length=7, choices=Channel.choices, blank=True)
    vip = models.CharField(_("VIP level"), max_length=10, choices=Vip.choices, blank=True)
    valid_from = models.DateField(_("valid from"), null=True)
    right = models.JSONField(_("right fee"), default=list)
    # Of a rate: its name in articles (kb/rates.py) and its day.
    figure = models.CharField(max_length=40, blank=True)

    wrong_from = models.DateTimeField(_("wrong from"))
    wrong_to = models.DateTimeField(_("wrong until"), null=True)
    why = models.CharField(_("what was wrong with it"), max_length=500)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ASKED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("a correction", "asked by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked_at = models.DateTimeField(pgettext_lazy("a correction", "asked at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    listed_at = models.DateTimeField(_("listed at"), null=True)

    class Meta:
        verbose_name = pgettext_lazy("something wrong", "correction")
        verbose_name_plural = pgettext_lazy("something wrong", "corrections")
        ordering = ["-asked_at", "-pk"]
        permissions = [
            ("ask_correction", "Can ask who heard something wrong"),
            ("decide_correction", "Can approve a correction"),
        ]
        indexes = [
            models.Index(
                fields=["wrong_to"], condition=Q(state="approved"), name="correction_to_list"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("by")),
                name="correction_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(wrong_to=None) | Q(wrong_to__gt=F("wrong_from")),
                name="correction_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "dropped"])
                | Q(approved_by__isnull=False, wrong_to__isnull=False),
                name="correction_approved_of_an_interval",
            ),
            models.CheckConstraint(
                condition=Q(state="listed", listed_at__isnull=False)
                | ~Q(state="listed") & Q(listed_at=None),
                name="correction_listed_when",
            ),
            models.CheckConstraint(
                condition=Q(kind="article", version__isnull=False)
                | Q(kind="prompt", lang__gt="", prompt__gt="")
                | Q(kind="fee", business__gt="", channel__gt="", valid_from__isnull=False)
                | Q(kind="rate", figure__gt="", valid_from__isnull=False),
                name="correction_of_something",
            ),
            models.UniqueConstraint(
                fields=["draft"],
                condition=~Q(state="dropped"),
                name="correction_once_a_draft",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="as_asked", fields=list(AS_ASKED)),
            Path(
                name="path",
                field="state",
                transitions=[
                    ("asked", "approved"),
                    ("asked", "dropped"),
                    ("approved", "listed"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.wrong_from.astimezone(SHANGHAI):%Y-%m-%d}"

    @property
    def subject(self) -> str:
        """What it is about, as its own page calls it. An article's version is read with it."""
        match self.kind:
            case self.Kind.ARTICLE:
                return str(self.version)
            case self.Kind.PROMPT:
                return f"{self.prompt} {self.get_lang_display()}"
            case self.Kind.RATE:
                return named_rate(self.figure)
        parts = [self.get_business_display(), self.get_channel_display()]
        if self.vip:
            parts.append(self.get_vip_display())
        since = gettext("in force since %(day)s") % {"day": self.valid_from or date.min}
        return " ".join([*parts, since])


class Hearer(models.Model):
    """Somebody who heard it, once with all her calls: to be called back, or to be told at work."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("a call back", "to be called")
        TAKEN = "taken", pgettext_lazy("a call back", "taken")
        REACHED = "reached", pgettext_lazy("a call back", "reached")
        GIVEN_UP = "given_up", pgettext_lazy("a call back", "given up")
        NO_NUMBER = "no_number", pgettext_lazy("a call back", "number withheld")
        APART = "apart", pgettext_lazy("a call back", "test")

    OPEN: ClassVar = (State.WAITING, State.TAKEN)

    class Outcome(models.TextChoices):
        REFUNDED = "refunded", _("fee returned")
        OWED = "owed", _("told, fee to be returned")
        NONE = "none", _("told, nothing to return")
        TOLD = "told", pgettext_lazy("staff", "told")

    correction = models.ForeignKey(
        Correction,
        verbose_name=pgettext_lazy("something wrong", "correction"),
        on_delete=models.PROTECT,
        related_name="hearers",
    )
    # One of the three: who proved who she is, who only had a number, who works here.
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, on_delete=models.PROTECT
    )
    phone = models.CharField(_("call back at"), max_length=32, blank=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    calls = models.PositiveIntegerField(pgettext_lazy("a correction", "calls"), default=0)
    orders = models.PositiveIntegerField(pgettext_lazy("a correction", "orders"), default=0)
    at_stake = models.DecimalField(
        _("at stake"), max_digits=18, decimal_places=2, default=Decimal(0)
    )  # yuan
    first_at = models.DateTimeField(_("heard first"))

    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)

    class Meta:
        verbose_name = _("call back for a correction")
        verbose_name_plural = _("calls back for corrections")
        ordering = ["correction", "-at_stake", "first_at", "pk"]
        permissions = [("work_hearer", "Can call back who heard something wrong")]
        indexes = [
            models.Index(
                fields=["correction"],
                condition=Q(state__in=["waiting", "taken"]),
                name="hearer_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["correction", "customer", "phone", "staff"],
                nulls_distinct=False,
                condition=Q(state="apart"),
                name="hearer_apart_once",
            ),
            models.UniqueConstraint(
                fields=["correction", "customer", "phone", "staff"],
                nulls_distinct=False,
                condition=~Q(state="apart"),
                name="hearer_once",
            ),
            models.CheckConstraint(
                condition=Q(staff=None) | Q(customer=None, phone=""), name="hearer_is_one"
            ),
            models.CheckConstraint(
                condition=Q(state="reached") & ~Q(outcome="") | ~Q(state="reached") & Q(outcome=""),
                name="hearer_reached_with_an_outcome",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="as_listed",
                fields=[
                    *("correction", "customer", "phone", "staff"),
                    *("calls", "orders", "at_stake", "first_at"),
                ],
            ),
            Path(
                name="path",
                field="state",
                transitions=[
                    ("waiting", "taken"),
                    ("taken", "waiting"),
                    ("taken", "reached"),
                    ("taken", "given_up"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


class Hearing(Fact):
    """How she came to hear it in one call, or an agent between calls."""

    class Way(models.TextChoices):
        SAID = "said", _("heard by telephone")
        READ_BACK = "read_back", _("read back to her")
        READ = "read", _("read at the desk")
        SHOWN = "shown", _("first of a search's list")
        DRAFTED = "drafted", _("drafted at the desk")
        TABLE = "table", _("shown at the desk")

    hearer = models.ForeignKey(
        Hearer, verbose_name=_("who heard it"), on_delete=models.PROTECT, related_name="hearings"
    )
    way = models.CharField(_("how"), max_length=9, choices=Way.choices)
    at = models.DateTimeField(_("time"))  # the first time in this call
    times = models.PositiveIntegerField(_("times"), default=1)
    call = models.ForeignKey(Call, verbose_name=_("call"), null=True, on_delete=models.PROTECT)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    version = models.ForeignKey(
        ArticleVersion, verbose_name=_("version"), null=True, on_delete=models.PROTECT
    )

    class Meta(Fact.Meta):
        verbose_name = _("hearing of something wrong")
        verbose_name_plural = _("hearings of something wrong")
        ordering = ["hearer", "at", "id"]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.at:%Y-%m-%d %H:%M}"


class Charge(Fact):
    """An order that a wrong fee priced, as it stood when it was listed. Yuan."""

    hearer = models.ForeignKey(
        Hearer, verbose_name=_("who heard it"), on_delete=models.PROTECT, related_name="charges"
    )
    order = models.ForeignKey(Instruction, verbose_name=_("instruction"), on_delete=models.PROTECT)
    call = models.ForeignKey(Call, verbose_name=_("call"), null=True, on_delete=models.PROTECT)
    fee = models.DecimalField(_("fee told"), max_digits=18, decimal_places=2)
    right = models.DecimalField(_("right fee"), max_digits=18, decimal_places=2)
    charged = models.DecimalField(_("charged"), max_digits=18, decimal_places=2)
    at_stake = models.DecimalField(_("at stake"), max_digits=18, decimal_places=2)

    class Meta(Fact.Meta):
        verbose_name = _("fee charged wrong")
        verbose_name_plural = _("fees charged wrong")
        ordering = ["hearer", "order__drafted_at"]

    def __str__(self) -> str:
        return f"{self.order} {self.at_stake}"


class HearerStep(Fact):
    """What was done to reach her, when and by whom."""

    class What(models.TextChoices):
        TAKEN = "taken", pgettext_lazy("a call back", "Taken")
        PUT_BACK = "put_back", pgettext_lazy("a call back", "Put back")
        TRIED = "tried", pgettext_lazy("a call back", "Tried in vain")
        REACHED = "reached", pgettext_lazy("a call back", "Reached")
        GIVEN_UP = "given_up", pgettext_lazy("a call back", "Given up")

    hearer = models.ForeignKey(
        Hearer, verbose_name=_("who heard it"), on_delete=models.PROTECT, related_name="steps"
    )
    what = models.CharField(_("step"), max_length=8, choices=What.choices)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), on_delete=models.PROTECT
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("step of a call back")
        verbose_name_plural = _("steps of calls back")
        ordering = ["hearer", "at", "id"]

    def __str__(self) -> str:
        return f"{self.hearer_id} {self.get_what_display()}"
