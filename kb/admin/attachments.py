"""What goes with a draft, brought and removed in its form."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminFileFieldWidget

from kb import attachments
from kb.attaching import errors, looking
from kb.errors import NameAttached, TooManyAttachments
from kb.models import Attachment


class There(forms.Widget):
    """A file that is attached already: to be looked at."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__()
        self.attachment = attachment

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        document = self.attachment.document
        return format_html(
            '<p><a class="link" href="{}" target="_blank">{}</a> '
            '<span class="mute">{} {}</span></p>',
            reverse("kb:file", args=[self.attachment.pk]),
            self.attachment.name,
            document.get_kind_display(),
            filesizeformat(document.size),
        )


class AttachmentForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    """A new one is looked into before anything is kept."""

    file = forms.FileField(label=_("file"), widget=UnfoldAdminFileFieldWidget)
    name: str
    content: bytes

    class Meta:
        model = Attachment
        fields = ("is_form",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["file"] = forms.Field(
                label=_("file"), required=False, disabled=True, widget=There(self.instance)
            )

    def clean_file(self) -> UploadedFile | None:
        found: UploadedFile | None = self.cleaned_data["file"]
        if found is None:  # of one that is there
            return None
        most, size = settings.ATTACHMENT_BYTES, found.size or 0
        try:
            if size > most:
                raise errors.TooLarge(size=filesizeformat(size), most=filesizeformat(most))
            self.name, self.content = looking.shown(found.name or ""), found.read()
            looking.look(self.name, self.content, most=most)
        except errors.FileRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return found

    @property
    def is_new(self) -> bool:
        return not self.instance.pk and hasattr(self, "content")


class AttachmentForms(PaginationInlineFormSet):  # type: ignore[misc]  # unfold is untyped
    """All of a draft: each name once, and not too much together."""

    def clean(self) -> None:
        super().clean()
        stays = [form for form in self.forms if not self._should_delete_form(form)]
        there = [form.instance for form in stays if form.instance.pk]
        new = [form for form in stays if form.is_new]
        sizes = [one.document.size for one in there] + [len(form.content) for form in new]
        names = {one.name for one in there}
        for form in new:
            if form.name in names:
                form.add_error("file", str(NameAttached(name=form.name)))
            names.add(form.name)
        try:
            attachments.check_room(sizes)
        except TooManyAttachments as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def is_multipart(self) -> bool:
        return True  # Django looks at the first row alone, which may be a file that is there

    def keep(self, **said: Any) -> None:
        """By the services; those that go first, so that another may have their names."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        for form in self.deleted_forms:
            if form.instance.pk:
                self.deleted_objects.append(form.instance)
                attachments.detach(form.instance.pk, **said)
        for form in self.forms:
            if form in self.deleted_forms or not form.has_changed():
                continue
            is_form = form.cleaned_data["is_form"]
            if form.is_new:
                made = attachments.attach(
                    self.instance.pk, form.name, form.content, is_form=is_form, **said
                )
                self.new_objects.append(made)
            else:
                attachments.mark(form.instance.pk, is_form=is_form, **said)
                self.changed_objects.append((form.instance, form.changed_data))


class AttachmentInline(TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = Attachment
    form = AttachmentForm
    formset = AttachmentForms
    fields = ("file", "is_form")
    extra = 1
    hide_title = True
    template_after = "kb/attaching.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).select_related("document")
        return found.defer("document__content")

    # The form itself is there for a draft alone, and for who may write it.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("kb.write_article"))

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)
