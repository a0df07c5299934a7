"""What a clerk fills in about fraud: a rule by the values of its kind, numbers, a word."""

from dataclasses import fields
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from banking.errors import RuleDrafted, ThresholdInvalid
from banking.fraud import rules
from banking.fraud.keeping import Wording
from banking.fraud.rules import (
    Action,
    Age,
    Burst,
    CallerNumber,
    Habit,
    NewPayee,
    Night,
    Threshold,
    WatchList,
)
from banking.models import Customer, FraudCase, FraudRule, WatchEntry
from people.approvals import NoWord

MOST_LINES = 500


def said(threshold: Threshold) -> str:
    """When a rule applies, in a sentence."""
    match threshold:
        case NewPayee(days=0):
            words = gettext("A payee never paid before; above %(above)s yuan.")
        case NewPayee():
            words = gettext(
                "A payee never paid before, or registered less than %(days)s days ago; "
                "above %(above)s yuan."
            )
        case Burst(total=None):
            words = gettext("%(orders)s orders in %(minutes)s minutes.")
        case Burst(orders=None):
            words = gettext("%(total)s yuan in %(minutes)s minutes.")
        case Burst():
            words = gettext("%(orders)s orders, or %(total)s yuan, in %(minutes)s minutes.")
        case Night():
            words = gettext("From %(starts)s until %(ends)s; above %(above)s yuan.")
        case Age():
            words = gettext("Customers from %(age)s years on; above %(above)s yuan.")
        case Habit():
            words = gettext(
                "More than %(times)s times the median of the last %(days)s days "
                "(at least %(least)s orders); above %(above)s yuan."
            )
        case WatchList():
            words = gettext("Payee or caller is on the watch list.")
        case CallerNumber(strange=False):
            words = gettext("The caller's number is withheld; above %(above)s yuan.")
        case CallerNumber(withheld=False):
            words = gettext("The caller's number is not the customer's; above %(above)s yuan.")
        case CallerNumber():
            words = gettext(
                "The caller's number is withheld or not the customer's; above %(above)s yuan."
            )
    shown = {field.name: _shown(getattr(threshold, field.name)) for field in fields(threshold)}
    return words % shown


def _shown(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:,.2f}".rstrip("0").rstrip(".")
        case time():
            return f"{value:%H:%M}"
        case _:
            return value


def _whole(label: Any) -> forms.IntegerField:
    widget = UnfoldAdminIntegerFieldWidget()
    return forms.IntegerField(label=label, min_value=0, required=False, widget=widget)


def _yuan(label: Any) -> forms.DecimalField:
    widget = UnfoldAdminDecimalFieldWidget({"step": "0.01"})
    return forms.DecimalField(
        label=label, min_value=0, max_digits=18, decimal_places=2, required=False, widget=widget
    )


def _hour(label: Any) -> forms.TimeField:
    widget = UnfoldAdminTextInputWidget({"placeholder": "23:00"})
    return forms.TimeField(label=label, required=False, widget=widget)


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    """A draft. Of the values those of its kind are read; the others are not asked for."""

    above = _yuan(_("above (yuan)"))
    days = _whole(_("days"))
    minutes = _whole(_("minutes"))
    orders = _whole(_("orders"))
    total = _yuan(_("sum (yuan)"))
    starts = _hour(_("from"))
    ends = _hour(_("until"))
    age = _whole(_("age from"))
    times = _yuan(_("times the usual"))
    least = _whole(_("orders before she has a habit"))
    withheld = forms.BooleanField(
        label=_("number withheld"), required=False, widget=UnfoldBooleanWidget()
    )
    strange = forms.BooleanField(
        label=_("number not hers"), required=False, widget=UnfoldBooleanWidget()
    )

    class Meta:
        model = FraudRule
        fields = ["code", "title", "kind", "action", "priority", "valid_from", "valid_until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            threshold = rules.thresholds(self.instance.kind, self.instance.thresholds)
            for field in fields(threshold):
                self.fields[field.name].initial = getattr(threshold, field.name)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind = given.get("kind")
        if not kind:
            return given
        values = {
            field.name: rules.plain(given[field.name])
            for field in fields(rules.KINDS[kind])
            if given.get(field.name) is not None
        }
        try:
            self.threshold = rules.thresholds(kind, values)
        except ThresholdInvalid as refusal:
            self.add_error(refusal.values["name"], _("This rule needs a value here."))
        drafts = FraudRule.objects.filter(code=given.get("code"), state=FraudRule.State.DRAFT)
        if drafts.exclude(pk=self.instance.pk).exists():
            self.add_error("code", RuleDrafted.text)
        begins, ends = given.get("valid_from"), given.get("valid_until")
        if begins and ends and ends <= begins:
            self.add_error("valid_until", _("It must end after it begins."))
        return given

    def wording(self) -> Wording:
        """What was filled in, once it is valid."""
        given = self.cleaned_data
        return Wording(
            title=given["title"],
            threshold=self.threshold,
            action=Action(given["action"]),
            priority=given["priority"],
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
        )


class ReasonForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"required": NoWord.text},
    )


class WatchForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    """The numbers are posted, and shown again by their last four alone."""

    what = forms.ChoiceField(
        label=_("These are"), choices=WatchEntry.What.choices, widget=UnfoldAdminSelectWidget
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )
    numbers = forms.CharField(
        label=_("Numbers, one a line"),
        max_length=MOST_LINES * 40,
        widget=UnfoldAdminTextareaWidget({"autocomplete": "off", "rows": 8}),
    )

    def clean_numbers(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["numbers"].splitlines()]
        found = [line for line in lines if line]
        if len(found) > MOST_LINES:
            raise forms.ValidationError(
                _("At most %(most)s lines at a time."), params={"most": MOST_LINES}
            )
        return found


class CloseForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    finding = forms.ChoiceField(
        label=_("Finding"), choices=FraudCase.Finding.choices, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=400,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
    )


class BindForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    number = forms.CharField(
        label=_("Customer number"),
        max_length=10,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        found = Customer.objects.filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("Nobody here has this number."))
        self.customer = found
        return number
