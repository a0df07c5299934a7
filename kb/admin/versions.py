"""The desk of a kind of version: a draft is a form, what is past it a page with its verbs."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import page_of
from calendars import clock
from kb import ways
from kb.models import Category
from kb.versions import Kind
from kb.wordings import Wording
from people.office import ListAdmin, PresetFilter, moment, user_of
from people.words import listed

SIGNS = {
    "draft": signs.TALK,
    "review": signs.WARN,
    "published": signs.MET,
    "revised": signs.OFF,
    "replaced": signs.OFF,
    "expired": signs.OFF,
    "withdrawn": signs.BREACH,
    "dropped": signs.OFF,
}


# -- forms -------------------------------------------------------------------------------------


ONE_A_LINE = _("One a line.")


class Lines(forms.CharField):
    """A list, an entry a line; each at most so long."""

    widget = UnfoldAdminTextareaWidget({"rows": 3})

    def __init__(self, *, label: Any, longest: int, help_text: Any = ONE_A_LINE) -> None:
        super().__init__(label=capfirst(label), required=False, help_text=help_text)
        self.longest = longest

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [
            line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()
        ]

    def validate(self, value: Any) -> None:
        super().validate(value)
        for entry in value:
            if len(entry) > self.longest:
                raise forms.ValidationError(
                    _("“%(entry)s” is longer than %(longest)s characters."),
                    params={"entry": entry, "longest": self.longest},
                )


class Services(Lines):
    """Services of the telephone bank: written as callers know them, kept by flow."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(label=label, longest=40)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        self.help_text = _("One a line, the most telling first, of these: %(names)s.") % {
            "names": listed(list(ways.names().values()))
        }
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(ways.called(value) if isinstance(value, list) else value)

    def to_python(self, value: Any) -> Any:
        flows = {name: flow for flow, name in ways.names().items()}
        return [flows.get(entry, entry) for entry in super().to_python(value)]

    def validate(self, value: Any) -> None:
        super().validate(value)
        if unknown := ways.unknown(value):
            raise forms.ValidationError(ways.NO_SERVICES, params={"said": listed(unknown)})


class WordingForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    """Of a draft: the fields of its wording."""

    words: ClassVar[type[Wording]]

    @property
    def wording(self) -> Any:
        """With the line ends that files have: a browser's own would all be changes."""
        said = {field.name: self.cleaned_data[field.name] for field in fields(self.words)}
        return self.words(
            **{
                name: tuple(value)
                if isinstance(value, list)
                else value.replace("\r\n", "\n")
                if isinstance(value, str)
                else value
                for name, value in said.items()
            }
        )


class KindForm(WordingForm):
    """What keeps it from being published is said at once, all of it, at `faulty`."""

    kind: ClassVar[Kind[Any, Any]]
    faulty: ClassVar[str]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for wrong in self.kind.faults(self.wording, at=clock.now()):
                self.add_error(self.faulty, wrong)
        return said


class KeyForm(forms.Form):
    """Mixed into the form of a first draft: what stays over all its versions."""

    key = forms.CharField(
        label=pgettext_lazy("of an article", "key"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        table: Any = self._meta.model  # type: ignore[attr-defined]  # of the form it is mixed into
        field = table._meta.get_field(table.of).related_model._meta.get_field("key")
        field.run_validators(key)
        if field.model._default_manager.filter(key=key).exists():
            raise forms.ValidationError(_("This key is taken already."))
        return key


class CategoryForm(KeyForm):
    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True),
        label=_("category"),
        widget=UnfoldAdminSelectWidget,
    )


class WhyForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    why = forms.CharField(
        label=_("Why"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 4})
    )


def step(
    title: Any, icon: str, permission: str, explained: Any, form: Any = BaseDialogForm
) -> Callable[[Any], Any]:
    """A verb of the page, with its dialog."""
    made: Callable[[Any], Any] = action(
        description=title,
        icon=icon,
        permissions=[permission],
        dialog={
            "title": title,
            "description": explained,
            "form_class": form,
            "form_submit_text": title,
        },
    )
    return made


# -- the desk ----------------------------------------------------------------------------------


class Todo(PresetFilter):
    """What holds, and what waits."""

    title = _("state")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("published", _("In use now")),
            ("review", _("To be reviewed")),
            ("draft", _("Drafts")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen == "all" else queryset.filter(state=chosen)


class VersionAdmin(ListAdmin):
    """Over `verbs` (`kb.versions.Kind`); a kind names its forms, its page and what that shows."""

    verbs: ClassVar[Any]
    draft_forms: ClassVar[tuple[Any, Any]]  # of a first draft, of one that is there
    own: ClassVar[tuple[str, ...]] = ("key", "category")  # asked with a first draft
    page: ClassVar[str]  # extends kb/version.html

    change_form_template = None
    actions_detail: tuple[str, ...] = (
        *("revise", "submit", "drop", "approve", "send_back", "withdraw"),
    )

    def facts(self, version: Any) -> dict[str, Any]:
        """What its page shows beyond what every version's does."""
        return {}

    @admin.display(description=_("valid from"), ordering="valid_from")
    def since(self, version: Any) -> str:
        return moment(version.valid_from)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, version: Any) -> SafeString:
        return signs.sign(SIGNS[version.state], version.get_state_display())

    # -- the form of a draft, the page of what is past it --------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("kb.write_article"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_add_permission(request) and getattr(obj, "state", "draft") == "draft"

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = self.draft_forms[change]
        return super().get_form(request, obj, change=change, **kwargs | {"form": form})

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        own = () if obj else self.own
        return [*own, *(field.name for field in fields(self.verbs.words))]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        version: Any = self.get_object(request, unquote(object_id)) if object_id else None
        if version is None or self.has_change_permission(request, version):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        shown = {
            "version": version,
            "state": self.state_shown(version),
            "changes": self.verbs.words.changed(version),
            "compared": version.before(),
            "history": version.history.select_related("by"),
            "versions": version.subject.versions.exclude(pk=version.pk),
            **self.facts(version),
        }
        return self.record_page(request, self.page, str(version), version, shown)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        if change:
            self.verbs.write(obj.pk, form.wording, **said)
            return
        own = {name: form.cleaned_data[name] for name in self.own}
        obj.__dict__.update(self.verbs.begin(wording=form.wording, **own, **said).__dict__)

    # -- verbs: each offered in its state, to who may do it ------------------------------------

    def _may(self, request: HttpRequest, permission: str, object_id: Any, *states: str) -> bool:
        if not request.user.has_perm(f"kb.{permission}_article"):
            return False
        if object_id is None:
            return True
        return bool(self.model._default_manager.filter(pk=object_id, state__in=states).exists())

    def has_draft_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, "draft")

    def has_revise_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, *self.verbs.words.table.SHOWN)

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "review", object_id, "review")

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "review", object_id, "published")

    def _do(
        self, request: HttpRequest, object_id: str, verb: Callable[..., Any], done: str, *said: Any
    ) -> HttpResponse:
        version = self.model._default_manager.get(pk=object_id)
        return back_to(
            request,
            page_of(version),
            lambda: verb(version.pk, *said, by=user_of(request), at=clock.now()),
            done,
        )

    @step(
        _("Revise"),
        "edit_note",
        "revise",
        _("A draft that begins as this one; this one holds until the draft is published."),
    )
    def revise(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        version: Any = self.model._default_manager.get(pk=object_id)
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        back = back_to(
            request,
            page_of(version),
            lambda: self.verbs.revise(version.subject_id, **said),
            gettext("The draft is yours."),
        )
        draft = version.subject.versions.filter(state="draft").first()
        return HttpResponse(headers={"HX-Redirect": page_of(draft)}) if draft else back

    @step(
        _("Submit"),
        "send",
        "draft",
        _("As it was saved last. Somebody else reviews it; it is fixed until it is sent back."),
    )
    def submit(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        done = gettext("It waits for its review.")
        return self._do(request, object_id, self.verbs.submit, done)

    @step(_("Drop"), "delete", "draft", _("Nobody will see this draft again."))
    def drop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, self.verbs.drop, gettext("The draft is dropped."))

    @step(
        pgettext_lazy("a version", "Approve"),
        "task_alt",
        "review",
        _("You stand by what somebody else wrote. It replaces what holds until now."),
    )
    def approve(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, self.verbs.approve, gettext("It is published."))

    @step(
        pgettext_lazy("a version", "Send back"),
        "undo",
        "review",
        _("Say what is wrong or missing."),
        WhyForm,
    )
    def send_back(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("It is a draft again.")
        return self._do(request, object_id, self.verbs.send_back, done, form.cleaned_data["why"])

    @step(
        pgettext_lazy("a version", "Withdraw"),
        "block",
        "withdraw",
        _("It holds no more, at once."),
        WhyForm,
    )
    def withdraw(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("It is withdrawn.")
        return self._do(request, object_id, self.verbs.withdraw, done, form.cleaned_data["why"])
