"""Categories by axis, and the clocks by date."""

from django.contrib import admin

from banking.admin.parts import STYLES
from banking.admin.terms import DatedAdmin, DatedForm
from complaints.models import Category, ClockRule
from people.office import OfficeAdmin


@admin.register(Category)
class CategoryAdmin(OfficeAdmin):
    """A code that was used stays; one that is out of use is offered no more."""

    list_display = ("code", "axis", "name", "name_en", "is_active")
    list_filter = ("axis", "is_active")
    search_fields = ("code", "name", "name_en")
    fields = ("axis", "code", "name", "name_en", "is_active")

    class Media:
        css = STYLES


@admin.register(ClockRule)
class ClockRuleAdmin(DatedAdmin):
    form = DatedForm
    same = ()
    list_display = (
        *("valid_from", "acknowledge_days", "reply_days", "decide_days"),
        *("complex_days", "duplicate_days", "state_shown"),
    )
    fields = (
        *("valid_from", "acknowledge_days", "reply_days"),
        *("decide_days", "complex_days", "duplicate_days"),
    )
