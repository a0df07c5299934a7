"""What an editor writes."""

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from kb.models import Article, ArticleVersion, Category
from kb.texts import Text, label


class Lines(forms.CharField):
    """A list, an entry a line; each at most so long."""

    widget = UnfoldAdminTextareaWidget({"rows": 3})

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(**options)
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


def _lines(name: str, longest: int) -> Lines:
    return Lines(label=label(name), longest=longest, required=False, help_text=_("One a line."))


class TextForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    phrasings = _lines("phrasings", 100)
    steps = _lines("steps", 400)
    branches = _lines("branches", 6)
    services = _lines("services", 40)
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

    @property
    def text(self) -> Text:
        """With the line ends that files have: a browser's own would all be changes."""
        said: dict[str, Any] = {
            field.name: tuple(value)
            if isinstance(value, list)
            else value.replace("\r\n", "\n")
            if isinstance(value, str)
            else value
            for field in fields(Text)
            for value in (self.cleaned_data[field.name],)
        }
        return Text(**said)


class NewForm(TextForm):
    """Of a new article, with what stays over all its versions."""

    key = forms.CharField(
        label=pgettext_lazy("of an article", "key"),
        max_length=60,
        validators=Article._meta.get_field("key").validators,
        widget=UnfoldAdminTextInputWidget,
    )
    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True),
        label=_("category"),
        widget=UnfoldAdminSelectWidget,
    )

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if Article.objects.filter(key=key).exists():
            raise forms.ValidationError(_("Another article has this key."))
        return key


class ApproveForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    urgent = forms.BooleanField(
        label=_("Urgent: no agent takes calls before she has read it"), required=False
    )


class WhyForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    why = forms.CharField(
        label=_("Why"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 4})
    )
