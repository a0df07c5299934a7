"""What the bank tells anybody who asks: what foreign money costs, and where it is to be found."""

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from live.facts import Fact
from people.models import Branch


class Currency(models.TextChoices):
    USD = "usd", _("US dollar")
    HKD = "hkd", _("Hong Kong dollar")
    EUR = "eur", _("euro")
    JPY = "jpy", _("yen")
    GBP = "gbp", _("pound sterling")
    AUD = "aud", _("Australian dollar")
    CAD = "cad", _("Canadian dollar")
    SGD = "sgd", _("Singapore dollar")


class ExchangeRate(Fact):
    """外汇牌价: what the bank pays and asks for `units` of a currency, in yuan, until the next."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    quoted_at = models.DateTimeField(_("quoted at"))
    # 100 as a rule; of a small currency so many that the price has its meaning in whole fen.
    units = models.PositiveIntegerField(_("for so many"), default=100)
    buy = models.DecimalField(_("buys"), max_digits=12, decimal_places=2)  # 现汇买入价
    cash_buy = models.DecimalField(_("buys notes"), max_digits=12, decimal_places=2)  # 现钞买入价
    sell = models.DecimalField(_("sells"), max_digits=12, decimal_places=2)  # 卖出价

    class Meta(Fact.Meta):
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-quoted_at", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "quoted_at"], name="exchange_rate_once"),
            models.CheckConstraint(
                condition=Q(
                    units__gt=0,
                    cash_buy__gt=0,
                    buy__gte=models.F("cash_buy"),
                    sell__gte=models.F("buy"),
                ),
                name="exchange_rate_spread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_currency_display()} {self.quoted_at:%Y-%m-%d %H:%M}"


@pghistory.track()
class District(models.Model):
    """A district of the city, by its code in GB/T 2260; callers hear it as `place.<code>`."""

    code = models.CharField(
        _("district code"),
        max_length=6,
        unique=True,
        validators=[RegexValidator("^[0-9]{6}$", _("Six digits."))],
    )
    name = models.CharField(_("district"), max_length=20, unique=True)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Outlet(models.Model):
    """网点: a branch where customers are served; callers hear it as `place.<code of the branch>`.

    Open as `calendars` says under `branch-<code>`, else as all branches are.
    """

    branch = models.OneToOneField(
        Branch, verbose_name=_("branch"), on_delete=models.PROTECT, related_name="outlet"
    )
    district = models.ForeignKey(
        District, verbose_name=_("district"), on_delete=models.PROTECT, related_name="outlets"
    )

    class Meta:
        verbose_name = _("place of business")
        verbose_name_plural = _("places of business")
        ordering = ["branch__code"]

    def __str__(self) -> str:
        return self.branch.name


@pghistory.track()
class Announcement(models.Model):
    """A product or a notice that a caller may hear, while it is valid; `prompt` says it."""

    class Kind(models.TextChoices):
        PRODUCT = "product", _("product")
        NOTICE = "notice", pgettext_lazy("to callers", "notice")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=40)
    prompt = models.CharField(_("prompt"), max_length=60)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    valid_from = models.DateTimeField(_("heard from"))
    valid_to = models.DateTimeField(_("heard until"), null=True, blank=True)

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["kind", "order", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")),
                name="announcement_lasts",
            ),
        ]

    def __str__(self) -> str:
        return self.title
