"""The machines, those that need help first. Their feed says how they are, nobody else."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from banking import atms, signs
from banking.admin.parts import STYLES, moment
from banking.models.atms import Atm
from calendars import clock
from people.office import ReadOnlyAdmin


@admin.register(Atm)
class AtmAdmin(ReadOnlyAdmin):
    list_display = ("code", "branch", "place", "state_shown", "since_shown", "cash_shown")
    list_filter = ("state", "branch")
    list_select_related = ("branch",)
    search_fields = ("code", "place", "branch__name")
    fields = ("code", "branch", "place", "state", "since", "cassette_pct")

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Atm]:
        """What needs help first, then for how long."""
        places = [When(state=state, then=Value(n)) for n, state in enumerate(atms.ORDER)]
        rank = Case(*places, output_field=IntegerField())
        return Atm.objects.annotate(rank=rank)

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("rank", "since", "code")

    @admin.display(description=_("state"), ordering="rank")
    def state_shown(self, row: Atm) -> SafeString:
        return signs.sign(row.alarm(clock.now()).value, row.get_state_display())

    @admin.display(description=_("since"), ordering="since")
    def since_shown(self, row: Atm) -> str:
        return moment(row.since)

    @admin.display(description=_("cash left, %"), ordering="cassette_pct")
    def cash_shown(self, row: Atm) -> str:
        return f"{row.cassette_pct}"
