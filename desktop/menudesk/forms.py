"""What the menu desk's page sends: shape only; what may be is the services' to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calendars.clock import SHANGHAI
from telephony.models import Number


class Place(forms.Form):
    """An entry where it stands; without a digit the menu itself."""

    node = forms.SlugField(max_length=40)
    digit = forms.CharField(max_length=1, required=False)


class AddMenu(Place):
    title = forms.CharField(max_length=40)
    title_en = forms.CharField(max_length=40, required=False)
    slug = forms.CharField(max_length=40)


class AddService(Place):
    title = forms.CharField(max_length=40)
    title_en = forms.CharField(max_length=40, required=False)
    flow = forms.CharField(max_length=40)


class Rename(Place):
    title = forms.CharField(max_length=40)
    title_en = forms.CharField(max_length=40, required=False)


class Move(Place):
    to_node = forms.SlugField(max_length=40)
    to_digit = forms.CharField(max_length=1)


class SetMenu(forms.Form):
    node = forms.SlugField(max_length=40)
    identified = forms.BooleanField(required=False)
    queue = forms.SlugField(max_length=40, required=False)


class SetService(Place):
    flow = forms.CharField(max_length=40)


class SetPrompt(Place):
    prompt = forms.CharField(max_length=60)


class Moment(forms.DateTimeField):
    """As a page's `datetime-local` has it, in the bank's time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M"], **kwargs)

    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        return moment and moment.replace(tzinfo=SHANGHAI)


class Schedule(forms.Form):
    due_at = Moment()


class SaveCall(forms.Form):
    name = forms.CharField(max_length=60)
    number = forms.CharField(max_length=20)
    hour = Moment()
    keys = forms.CharField(max_length=200, required=False)


class OneCall(forms.Form):
    call_id = forms.IntegerField()


class ChangeCall(SaveCall, OneCall):
    pass


class Announce(forms.Form):
    prompt = forms.CharField(max_length=60)
    number = forms.ModelChoiceField(Number.objects.filter(is_active=True), required=False)
    until = Moment()


class Silence(forms.Form):
    pk = forms.IntegerField()


class Nothing(forms.Form):
    """A verb that needs no more than the version."""


INCOMPLETE = _("Not all fields were filled in. Nothing was changed.")
