"""Why a file is not taken."""

from django.utils.translation import gettext_lazy as _

from kb.errors import KbRefused


class FileRefused(KbRefused):
    """Base: nothing was attached."""


class TooLarge(FileRefused):
    text = _("The file has %(size)s; %(most)s is the most.")


class Empty(FileRefused):
    text = _("There is nothing in the file.")


class UnknownKind(FileRefused):
    text = _(
        "This is none of the kinds that may be attached: PDF, PNG, JPEG, Word (.docx), "
        "Excel (.xlsx), plain text, CSV."
    )


class NamedOtherwise(FileRefused):
    text = _("By its content this is “%(kind)s”, but its name does not end with .%(ending)s.")


class Damaged(FileRefused):
    text = _("The file is damaged, or something is hidden in it. Save it anew and try again.")


class TooManyPixels(FileRefused):
    text = _("The picture has %(pixels)s million pixels; %(most)s million is the most.")


class UnpacksTooFar(FileRefused):
    text = _("What the file unpacks to is out of all proportion. Save it anew and try again.")


class Active(FileRefused):
    text = _(
        "The file holds something that runs or reaches elsewhere (%(what)s). Save it without that."
    )


class Locked(FileRefused):
    text = _("The file is protected with a password, so nobody can look into it. Save it without.")
