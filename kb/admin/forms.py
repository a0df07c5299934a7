"""What an editor writes."""

from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from banking.fees import Tier
from banking.pricing import Schedule
from kb import calling_back
from kb.admin.versions import CategoryForm, Lines, Services, WordingForm
from kb.corrections import Wrong
from kb.models import ArticleVersion, Hearer
from kb.texts import Text
from people.models import User
from people.roles import Role

STEPS = 3  # empty lines of a price list, to be typed


def _lines(name: str, longest: int) -> Lines:
    return Lines(label=Text.label(name), longest=longest)


class TextForm(WordingForm):
    words = Text

    phrasings = _lines("phrasings", 100)
    steps = _lines("steps", 400)
    branches = _lines("branches", 6)
    services = Services(label=Text.label("services"))
    keywords = _lines("keywords", 20)

    class Meta:
        model = ArticleVersion
        fields = [field.name for field in fields(Text)]
        widgets = {
            "spoken": UnfoldAdminTextareaWidget({"rows": 3}),
            "answer": UnfoldAdminTextareaWidget({"rows": 12}),
        }
        help_texts = {
            "spoken": _("Read aloud in a minute at most."),
            "answer": _("Figures of the bank stand in double braces."),
        }


class NewForm(CategoryForm, TextForm):
    """Of a new article."""


class Moment(forms.DateTimeField):
    """To the second; the default that it shows is kept to the microsecond."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(
            {"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        )
        super().__init__(widget=widget, **options)


class TierForm(forms.Form):
    """A step of a price list."""

    above = forms.DecimalField(
        label=_("amounts above"), min_value=0, max_digits=18, decimal_places=2, required=False
    )
    flat = forms.DecimalField(
        label=_("flat fee"), min_value=0, max_digits=18, decimal_places=2, required=False
    )
    rate = forms.DecimalField(
        label=_("rate"), min_value=0, max_value=1, max_digits=8, decimal_places=6, required=False
    )
    cap = forms.DecimalField(
        label=_("at most"), min_value=0, max_digits=18, decimal_places=2, required=False
    )

    @property
    def tier(self) -> Tier | None:
        """None of an empty line."""
        typed = self.cleaned_data
        if all(typed.get(name) is None for name in self.fields):
            return None
        above, flat, rate = (typed[name] or Decimal(0) for name in ("above", "flat", "rate"))
        return Tier(above, flat, rate, typed["cap"])


TierForms = forms.formset_factory(TierForm, extra=STEPS)


class AskForm(forms.Form):
    """Since when and until when it was wrong, and what would have been right."""

    since = Moment(label=_("wrong from"))
    until = Moment(label=_("wrong until"))
    why = forms.CharField(
        label=_("what was wrong with it"), max_length=500, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any = None, *, wrong: Wrong) -> None:
        self.stood = wrong.stood()
        super().__init__(data, initial=dict(zip(("since", "until"), self.stood, strict=True)))
        instead = wrong.schedule.following() if wrong.schedule else None
        self.tiers = (
            TierForms(data, prefix="tier", initial=_steps(instead)) if wrong.schedule else None
        )

    def is_valid(self) -> bool:
        return super().is_valid() and (self.tiers is None or self.tiers.is_valid())

    @property
    def said(self) -> dict[str, Any]:
        """What `corrections.ask` takes."""
        typed = self.cleaned_data
        steps = self.tiers.forms if self.tiers is not None else ()
        return {
            "since": _exact(typed["since"], self.stood[0]),
            "until": _exact(typed["until"], self.stood[1]),
            "why": typed["why"],
            "right": [tier for form in steps if (tier := form.tier)],
        }


def _steps(schedule: Schedule | None) -> list[dict[str, Any]]:
    return [asdict(tier) for tier in schedule.tiers] if schedule else []


def _exact(typed: datetime, known: datetime | None) -> datetime:
    """The known moment, where it was left as the form showed it."""
    return known if known and typed == known.replace(microsecond=0) else typed


class MarkForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    """What was wrong with the version before."""

    why = forms.CharField(
        label=_("what was wrong with it"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
    )
    since = Moment(
        label=_("wrong from"),
        required=False,
        help_text=_("Left empty: from its beginning."),
    )


class OwnerForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    to = forms.ModelChoiceField(
        User.objects.none(), label=_("new owner"), widget=UnfoldAdminSelectWidget
    )
    why = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, request: Any, object_id: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(request, object_id, *args, **options)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        editors = User.objects.filter(is_active=True, groups__name=Role.KB_EDITOR)
        to.queryset = editors.exclude(articles_owned__versions=object_id).distinct()


class NoteForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )


class ReachedForm(NoteForm):
    """What may come of it is by what is at stake."""

    outcome = forms.ChoiceField(label=_("outcome"), widget=UnfoldAdminSelectWidget)
    field_order = ("outcome", "note")

    def __init__(self, request: Any, object_id: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(request, object_id, *args, **options)
        hearer = Hearer.objects.filter(pk=object_id).first()
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        outcome.choices = (
            [(one.value, one.label) for one in calling_back.fitting(hearer)] if hearer else []
        )


class ApproveForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    urgent = forms.BooleanField(
        label=_("Urgent: no agent takes calls before she has read it"), required=False
    )
