"""Which days the bank works, and when its services are open."""

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class SpecialDay(models.Model):
    """A day that is not what its weekday says: a holiday, or a make-up workday (调休上班)."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("holiday")
        WORKDAY = "workday", _("make-up workday")

    day = models.DateField(_("date"), unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=20)  # of the holiday, as people say it: 春节

    class Meta:
        verbose_name = _("holiday or make-up workday")
        verbose_name_plural = _("holidays and make-up workdays")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"


@pghistory.track()
class OpeningHours(models.Model):
    """When something named is open: a service line, a clearing window."""

    class OnHolidays(models.TextChoices):
        AS_USUAL = "usual", _("as on any such weekday")
        CLOSED = "closed", _("closed; make-up workdays as Mondays")

    name = models.SlugField(_("short name"), max_length=40, unique=True)  # what code asks for
    title = models.CharField(_("title"), max_length=40)
    on_holidays = models.CharField(
        _("on holidays"),
        max_length=6,
        choices=OnHolidays.choices,
        default=OnHolidays.AS_USUAL,
    )

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title


# A span is [opens, closes) of one day; closing at 00:00 is midnight at its end.
CLOSES_LATER = Q(closes__gt=F("opens")) | Q(closes="00:00")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class WeeklySpan(models.Model):
    """What holds each week. Hours past midnight are two spans."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    hours = models.ForeignKey(OpeningHours, on_delete=models.CASCADE, related_name="weekly")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"), help_text=_("00:00 is midnight at the day's end."))

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=CLOSES_LATER, name="weekly_closes_later"),
            models.UniqueConstraint(fields=["hours", "weekday", "opens"], name="weekly_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ExceptionalSpan(models.Model):
    """What holds on one date instead of the week's hours. Without times: closed all day."""

    hours = models.ForeignKey(OpeningHours, on_delete=models.CASCADE, related_name="exceptions")
    day = models.DateField(_("date"))
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(
        _("closes"), null=True, blank=True, help_text=_("Without times it is closed all day.")
    )
    note = models.CharField(_("note"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        ordering = ["day", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens=None, closes=None)
                | (Q(opens__isnull=False, closes__isnull=False) & CLOSES_LATER),
                name="exception_closes_later",
            ),
            models.UniqueConstraint(
                fields=["hours", "day", "opens"], name="exception_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        if self.opens is None or self.closes is None:
            return f"{self.day:%Y-%m-%d}"
        return f"{self.day:%Y-%m-%d} {self.opens:%H:%M}–{self.closes:%H:%M}"
