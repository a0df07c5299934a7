"""What the prompt studio's page sends: shape only; what may be is the services' to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desktop.studio.rows import AUDIO, KINDS
from telephony.models.studio import LANGUAGES

INCOMPLETE = _("Something is missing, or written otherwise than the page has it.")


class Search(forms.Form):
    """`?q=余额&lang=zh&audio=missing&kind=own&page=2`: what is odd is left out."""

    q = forms.CharField(max_length=60, required=False)
    lang = forms.ChoiceField(choices=[("", _("all languages")), *LANGUAGES], required=False)
    audio = forms.ChoiceField(choices=list(AUDIO.items()), required=False)
    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False)
    page = forms.IntegerField(min_value=1, required=False)

    def asked(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class Because(forms.Form):
    reason = forms.CharField(max_length=200)


class Prompt(Because):
    lang = forms.ChoiceField(choices=LANGUAGES)
    key = forms.CharField(max_length=60)


class Words(Prompt):
    text = forms.CharField(max_length=1000)


class Upload(Because):
    file = forms.CharField(max_length=80)
    words = forms.CharField(max_length=1000, strip=False)
    wav = forms.FileField()


class Ids(forms.Form):
    """Rows that a verb is about."""

    pk = forms.TypedMultipleChoiceField(coerce=int, choices=())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = self.data.getlist("pk") if hasattr(self.data, "getlist") else []
        self.fields["pk"].choices = [(pk, pk) for pk in sent if pk.isdigit()]  # type: ignore[attr-defined]
