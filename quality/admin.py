"""Ratings as callers keyed them, and the rules of who is asked."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.parts import ListAdmin, PresetFilter, When, moment
from banking.admin.terms import DatedAdmin, DatedForm
from quality.models import SATISFIED_FROM, AskRule, Rating


class AskedDay(When):
    field = "asked_at"


class Heard(PresetFilter):
    title = _("rating")
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("all", _("All")),
            ("low", _("Not satisfied")),
            ("high", _("Satisfied")),
            ("none", _("Not rated")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "low":
                return queryset.filter(score__lt=SATISFIED_FROM)
            case "high":
                return queryset.filter(score__gte=SATISFIED_FROM)
            case "none":
                return queryset.filter(score=None)
        return queryset


@admin.register(Rating)
class RatingAdmin(ListAdmin):
    list_display = ("asked", "score_shown", "agent", "queue", "call")
    list_filter = (AskedDay, Heard, "queue", "agent")
    list_select_related = ("agent__user", "queue", "call")
    fields = ("asked", "score_shown", "agent", "queue", "call", "keyed_at")
    readonly_fields = fields

    @admin.display(description=pgettext_lazy("a rating", "asked at"), ordering="asked_at")
    def asked(self, row: Rating) -> str:
        return moment(row.asked_at)

    @admin.display(description=_("score"), ordering="score")
    def score_shown(self, row: Rating) -> SafeString:
        if row.score is None:
            return signs.sign(signs.OFF, gettext("not rated"))
        return signs.sign(signs.MET if row.score >= SATISFIED_FROM else signs.WARN, str(row.score))


@admin.register(AskRule)
class AskRuleAdmin(DatedAdmin):
    form = DatedForm
    same = ("queue",)
    list_display = ("queue", "is_asked", "valid_from", "state_shown")
    list_select_related = ("queue",)
    fields = ("queue", "valid_from", "is_asked")
