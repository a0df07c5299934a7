"""The base of every admin page: dense lists, honest history, verbs instead of forms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.checks import ModelAdminChecks
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from calendars import clock
from people.history import Change, changes, changes_of_parts
from people.models import User

STYLES = {"all": ["css/banking-admin.css"]}


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody else in
    return request.user


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if at else "—"


def in_dialog(request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
    """An action's answer in its own dialog, once: in no message, cookie or cache."""
    return TemplateResponse(
        request,
        template,
        context,
        headers={
            "HX-Retarget": "#dialog",
            "HX-Reselect": "#dialog",
            "Cache-Control": "no-store",
        },
    )


class OfficeAdmin(ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """What a person keeps by hand."""

    begins: Any = ""  # how a row comes to be, said where the list is empty
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False  # counting a million rows helps nobody
    warn_unsaved_form = True
    actions_on_top = True
    # The theme's own check asks the database, which is empty before the first migrate;
    # tests/people/test_urls.py looks at every action's permissions instead.
    checks_class = ModelAdminChecks

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting many at once is nobody's daily work; a page that needs it says so."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def own_page(
        self, request: HttpRequest, template: str, title: Any, shown: dict[str, Any]
    ) -> TemplateResponse:
        """A page of ours within the admin's frame."""
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, template, {**context, **shown})

    def record_page(
        self, request: HttpRequest, template: str, title: Any, subject: Model, shown: dict[str, Any]
    ) -> TemplateResponse:
        """A row as something to read, with its verbs."""
        verbs = self.get_actions_detail(request, subject.pk)
        of_it = {
            "actions_detail": self._get_actions_navigation(self.actions_detail, verbs, subject.pk),
            "original": subject,
            "is_fullwidth": "1",
        }
        return self.own_page(request, template, title, {**of_it, **shown})

    def get_changes(self, subject: Model) -> list[Change]:
        """What the history page lists, newest first: of the row, and of what is edited with it."""
        found = changes(subject)
        for inline in self.inlines:
            found += changes_of_parts(subject, inline.model)
        return sorted(found, key=lambda change: change.at, reverse=True)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Every change of the row, by whatever route it came, with its author."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        subject = self.get_object(request, unquote(object_id))
        if subject is None:
            gone: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return gone
        if not self.has_view_or_change_permission(request, subject):
            raise PermissionDenied
        shown = {
            "subtitle": None,
            "changes": self.get_changes(subject),
            "tracked": hasattr(subject, "events"),
            "object": subject,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        title = _("History of %(name)s") % {"name": subject}
        return self.own_page(request, "admin/object_history.html", title, shown)


@dataclass(frozen=True, slots=True)
class Lead:
    """Where an app above leads on from a row's page; no address: not from this row."""

    title: Any
    permission: str
    address: Callable[[Any], str]


_leads: dict[type[Model], list[Lead]] = {}


def lead(model: type[Model], to: Lead) -> None:
    """Said at start-up by the app whose page it is; the row's own app knows nothing of it."""
    _leads.setdefault(model, []).append(to)


class Leads(OfficeAdmin):
    """A page that apps above lead on from."""

    change_form_before_template = "admin/_leads.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        offered = [
            (one.title, address)
            for one in _leads.get(self.model, ())
            if row and request.user.has_perm(one.permission) and (address := one.address(row))
        ]
        context = {"leads": offered, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)


class ReadOnlyAdmin(OfficeAdmin):
    """What a service owns: shown, searched, and changed by verbs alone."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PresetFilter(admin.SimpleListFilter):
    """A filter that is set before anybody touches it: the first choice holds."""

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": value == self.chosen(),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def chosen(self) -> str:
        value = self.value()
        offered = [str(value) for value, _title in self.lookup_choices]
        return value if value in offered else offered[0]


class ListAdmin(ReadOnlyAdmin):
    """A list whose commonest filters stand above it, already set."""

    list_before_template = "admin/_presets.html"
    empty_value_display = "—"

    class Media:
        css = STYLES

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        page.presets = [
            list(spec.choices(page)) for spec in page.filter_specs if isinstance(spec, PresetFilter)
        ]
        return page
