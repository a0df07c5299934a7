"""A row that one clerk asks for and another decides on, instead of a form that writes it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from banking import tariffs
from banking.admin.parts import user_of
from calendars import clock
from people.errors import Refusal
from people.office import OfficeAdmin


class ReasonedForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=_("Somebody else decides; until then nothing changes."),
    )


class Proposed(OfficeAdmin):
    """By the word of two (banking/tariffs.py): the form asks, and an approval writes the row."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else (*self.fields, "reason")

    def needs_two(self, row: Any) -> bool:
        return True

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if self.needs_two(obj):
            reason = form.cleaned_data["reason"]
            tariffs.ask(obj, by=user_of(request), reason=reason, at=clock.now())
        else:
            super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, obj, message) if obj.pk else None

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> Any:
        if obj.pk:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, gettext("Asked. Somebody else decides under Approvals."))
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        )
