"""Targets and counting rules as dated rows: a change is a new row; what was in force stays."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from banking.admin.terms import DatedAdmin, DatedForm
from reporting.kpi import SHARES
from reporting.models import CountingRule, Target


class TargetForm(DatedForm):
    class Meta:
        help_texts = {
            "kpi": _("Service levels of single queues are set on the queue."),
            "at_least": _("Per cent, seconds or callers, as the page shows the figure."),
            "breach_below": _("From here on it is red; between target and here it is amber."),
        }

    def clean(self) -> dict[str, Any]:
        row = super().clean() or {}
        if row.get("at_least") is None and row.get("at_most") is None:
            self.add_error("at_least", _("Give at least one of the two bounds."))
        for near, far, wrong in (
            ("at_least", "breach_below", _order_down),
            ("at_most", "breach_above", _order_up),
        ):
            target, limit = row.get(near), row.get(far)
            if limit is not None and (target is None or wrong(target, limit)):
                self.add_error(far, _("It can't be broken before it is missed."))
        if row.get("kpi") in SHARES:
            for name in ("at_least", "at_most", "breach_below", "breach_above"):
                if (value := row.get(name)) is not None and not 0 <= value <= 100:
                    self.add_error(name, _("A share lies between 0 and 100 per cent."))
        return row


def _order_down(target: Decimal, limit: Decimal) -> bool:
    return limit > target


def _order_up(target: Decimal, limit: Decimal) -> bool:
    return limit < target


@admin.register(Target)
class TargetAdmin(DatedAdmin):
    form = TargetForm
    same = ("kpi",)
    list_display = (
        "kpi",
        "at_least",
        "at_most",
        "breach_below",
        "breach_above",
        "valid_from",
        "state_shown",
    )
    list_filter = ("kpi",)
    fields = ("kpi", "valid_from", "at_least", "at_most", "breach_below", "breach_above")


@admin.register(CountingRule)
class CountingRuleAdmin(DatedAdmin):
    form = DatedForm
    same = ()
    list_display = ("service_level", "short_s", "valid_from", "state_shown")
    fields = ("valid_from", "service_level", "short_s")
