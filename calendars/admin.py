"""Holidays, make-up workdays and opening hours, kept by hand after they were seeded."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from calendars import clock
from calendars.models import ExceptionalSpan, OpeningHours, SpecialDay, WeeklySpan
from people.office import OfficeAdmin


class YearFilter(admin.SimpleListFilter):
    """This year unless another one, or every one, is asked for."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        years = SpecialDay.objects.dates("day", "year", order="DESC")
        return [("all", str(_("All"))), *((str(d.year), str(d.year)) for d in years)]

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": value == self._year(),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[SpecialDay]) -> Any:
        year = self._year()
        return queryset if year == "all" else queryset.filter(day__year=year)

    def _year(self) -> str:
        value = self.value() or ""
        return value if value == "all" or value.isdecimal() else str(clock.now().year)


@admin.register(SpecialDay)
class SpecialDayAdmin(OfficeAdmin):
    list_display = ("day", "weekday", "kind_shown", "name")
    list_filter = (YearFilter, "kind")
    search_fields = ("name",)

    @admin.display(description=_("weekday"))
    def weekday(self, row: SpecialDay) -> str:
        return str(_weekday(row.day))

    @admin.display(description=_("kind"), ordering="kind")
    def kind_shown(self, row: SpecialDay) -> str:
        return row.get_kind_display()


def _weekday(day: date) -> Any:
    return WeeklySpan.Weekday(day.weekday()).label


class WeeklyInline(TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = WeeklySpan
    extra = 0


class ExceptionInline(TabularInline):  # type: ignore[misc]
    model = ExceptionalSpan
    extra = 0


@admin.register(OpeningHours)
class OpeningHoursAdmin(OfficeAdmin):
    list_display = ("title", "name", "on_holidays")
    inlines = (WeeklyInline, ExceptionInline)
