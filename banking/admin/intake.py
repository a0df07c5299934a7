"""The systems that hand orders in: issued, shown once, revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from banking import signs
from banking.admin.parts import ListAdmin, PresetFilter, moment, page_of, user_of
from banking.intake import clients
from banking.models import IntakeClient
from calendars import clock
from people.office import in_dialog


class NameForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )


class Standing(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("force", _("In force")), ("revoked", _("Revoked")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.chosen():
            case "force":
                return queryset.filter(revoked_at=None)
            case "revoked":
                return queryset.filter(revoked_at__isnull=False)
        return queryset


@admin.register(IntakeClient)
class IntakeClientAdmin(ListAdmin):
    list_display = ("name", "key_id", "issued", "issued_by", "revoked", "state_shown")
    list_display_links = ("name", "key_id")
    list_filter = (Standing,)
    list_select_related = ("issued_by",)
    fields = ("name", "key_id", "issued", "issued_by", "revoked", "revoked_by", "state_shown")
    readonly_fields = fields
    actions_list = ("issue",)
    actions_detail = ("revoke",)

    @admin.display(description=_("issued at"), ordering="issued_at")
    def issued(self, row: IntakeClient) -> str:
        return moment(row.issued_at)

    @admin.display(description=_("revoked at"), ordering="revoked_at")
    def revoked(self, row: IntakeClient) -> str:
        return moment(row.revoked_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: IntakeClient) -> SafeString:
        if row.revoked_at:
            return signs.sign(signs.OFF, gettext("revoked"))
        return signs.sign(signs.READY, gettext("in force"))

    @action(  # type: ignore[untyped-decorator]
        description=_("Let a system in"),
        icon="key",
        permissions=["banking.add_intakeclient"],
        dialog={
            "title": _("Let a system hand orders in"),
            "description": _("Its secret is shown once, for whoever runs that system."),
            "form_class": NameForm,
            "form_submit_text": _("Issue a key"),
        },
    )
    def issue(self, request: HttpRequest, form: NameForm) -> HttpResponse:
        client, secret = clients.issue(
            form.cleaned_data["name"], by=user_of(request), at=clock.now()
        )
        context = {"client": client, "secret": secret.reveal(), "page": page_of(client)}
        return in_dialog(request, "banking/intake_issued.html", context)

    @action(  # type: ignore[untyped-decorator]
        description=_("Revoke the key"),
        icon="key_off",
        permissions=["banking.change_intakeclient"],
        dialog={
            "title": _("Revoke the key"),
            "description": _("From its next request on the system is refused, for good."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Revoke"),
        },
    )
    def revoke(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        client = clients.revoke(int(object_id), by=user_of(request), at=clock.now())
        messages.success(request, _("The key is revoked."))
        return HttpResponse(headers={"HX-Redirect": page_of(client)})
