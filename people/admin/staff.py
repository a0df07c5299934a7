"""Staff with their roles and passwords, branches, and who looked at whom."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from axes.models import AccessLog as LoginLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from people import staff
from people.history import Change, role_changes
from people.models import AccessLog, Branch, User
from people.office import OfficeAdmin, ReadOnlyAdmin
from people.roles import Role
from people.words import listed

# Roles come from code, lock-outs are lifted on the person's page, tasks are shown below.
for model in (Group, AccessAttempt, AccessFailureLog, LoginLog, Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The roles by the names that people read, in the order of the table."""

    def label_from_instance(self, obj: Any) -> str:
        return str(Role(obj.name).label)


class StaffForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    groups = RolesField(
        queryset=Group.objects.order_by("id"),
        label=_("Roles"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = User
        fields = ("username", "name", "branch", "is_active", "groups")
        help_texts = {
            "is_active": _(
                "Who leaves is set inactive, never deleted: the records name them for ever."
            )
        }


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(role.value, str(role.label)) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class StaffAdmin(OfficeAdmin):
    form = StaffForm
    list_display = ("username", "name", "branch", "roles", "active", "last_login")
    list_display_links = ("username", "name")
    list_filter = (RoleFilter, "branch", "is_active")
    search_fields = ("username", "name")
    fields = ("username", "name", "branch", "is_active", "groups")
    autocomplete_fields = ("branch",)
    actions_detail = ("issue_password", "let_in_again")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        found: QuerySet[User] = super().get_queryset(request)
        return found.select_related("branch").prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return listed(role.label for role in staff.roles_of(user)) or "—"

    @admin.display(description=_("active"), boolean=True, ordering="is_active")
    def active(self, user: User) -> bool:
        return user.is_active

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # who left is set inactive: the records name them for ever

    def get_changes(self, subject: Any) -> list[Change]:
        """Of the person and of her roles, as one story."""
        both = [*super().get_changes(subject), *role_changes(subject)]
        return sorted(both, key=lambda change: change.at, reverse=True)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Issue a new password"),
        icon="key",
        permissions=["people.change_user"],
        dialog={
            "title": _("Issue a new password"),
            "description": _(
                "The old one stops at once. The new one is shown once, and whoever logs in "
                "with it must choose another."
            ),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Issue"),
        },
    )
    def issue_password(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        user = User.objects.get(pk=object_id)
        messages.success(
            request,
            _("The password of %(name)s is now %(password)s. It is not shown again.")
            % {"name": user, "password": staff.issue_password(user)},
        )
        return _back_to(user)

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Let in again"),
        icon="lock_open",
        permissions=["people.change_user"],
        dialog={
            "title": _("Let in again"),
            "description": _("Forget the failed log-ins that locked this person out."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Let in"),
        },
    )
    def let_in_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        user = User.objects.get(pk=object_id)
        if staff.let_in_again(user):
            messages.success(request, _("%(name)s may try again.") % {"name": user})
        else:
            messages.info(request, _("%(name)s was not locked out.") % {"name": user})
        return _back_to(user)


def _back_to(user: User) -> HttpResponse:
    return HttpResponse(
        headers={"HX-Redirect": reverse("admin:people_user_change", args=[user.pk])}
    )


@admin.register(Branch)
class BranchAdmin(OfficeAdmin):
    list_display = ("code", "name", "district", "address", "phone")
    list_display_links = ("code", "name")
    list_filter = ("district",)
    search_fields = ("code", "name", "district")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "what", "subject", "field", "reason", "address")
    list_filter = ("what", "at")
    search_fields = ("=subject", "user__username", "user__name", "reason")
    list_select_related = ("user",)
    date_hierarchy = "at"


@admin.register(Failure)
class FailedTaskAdmin(ReadOnlyAdmin):
    list_display = ("name", "func", "started", "stopped", "attempt_count")
    search_fields = ("name", "func")
    fields = ("name", "func", "started", "stopped", "attempt_count", "result")


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ("name", "func", "schedule_type", "next_run", "repeats")
    fields = ("name", "func", "schedule_type", "minutes", "next_run", "repeats")
