"""What each step of a complaint asks of who takes it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from complaints.handling import Matter
from complaints.models import Category, Complaint
from people.models import Branch

LONGEST = 2000


def _category(axis: Category.Axis) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    return forms.ModelChoiceField(
        Category.objects.filter(axis=axis, is_active=True),
        label=axis.label,
        widget=UnfoldAdminSelectWidget,
    )


class GradeForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    grade = forms.ChoiceField(
        label=_("grade"), choices=Complaint.Grade.choices, widget=UnfoldAdminSelectWidget
    )
    channel = _category(Category.Axis.CHANNEL)
    business = _category(Category.Axis.BUSINESS)
    reason = _category(Category.Axis.REASON)

    @property
    def matter(self) -> Matter:
        said: dict[str, Any] = self.cleaned_data
        return Matter(said["channel"], said["business"], said["reason"])


class AssignForm(BaseDialogForm):  # type: ignore[misc]
    branch = forms.ModelChoiceField(
        Branch.objects.order_by("code"), label=_("branch"), widget=UnfoldAdminSelectWidget
    )


class WordsForm(BaseDialogForm):  # type: ignore[misc]
    words = forms.CharField(
        label=_("Note"), max_length=LONGEST, widget=UnfoldAdminTextareaWidget({"rows": 6})
    )
