from django.contrib import admin

from kb.models import Category
from people.office import STYLES, OfficeAdmin


@admin.register(Category)
class CategoryAdmin(OfficeAdmin):
    """A subject that was used stays; one that is out of use is offered no more."""

    list_display = ("code", "name", "name_en", "order", "is_active")
    search_fields = ("code", "name", "name_en")
    fields = ("code", "name", "name_en", "order", "is_active")

    class Media:
        css = STYLES
