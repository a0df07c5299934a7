"""What the bank tells anybody who asks: what foreign money costs, and where it is to be found."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from live.facts import Fact


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


class District(models.Model):
    """A district of the city, by its code in GB/T 2260. Branches name theirs by `name`."""

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
