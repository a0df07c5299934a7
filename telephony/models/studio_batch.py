"""Many studio recordings at once: what was in a zip, what is wrong with it, who approved it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import User
from telephony.models.studio import Recording


class RecordingBatch(models.Model):
    """A zip of recordings; those that fit are heard once somebody else approved them, as one."""

    class State(models.TextChoices):
        OPEN = "open", _("not decided")
        USED = "used", _("heard by callers")
        REFUSED = "refused", _("not approved")
        DROPPED = "dropped", _("dropped")

    name = models.CharField(_("zip"), max_length=120)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField(_("uploaded at"))
    made_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("zip of recordings")
        verbose_name_plural = _("zips of recordings")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="used")
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("made_by")),
                name="batch_approved_by_another",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="path",
                field="state",
                transitions=[("open", "used"), ("open", "refused"), ("open", "dropped")],
            )
        ]

    def __str__(self) -> str:
        return self.name


class BatchFile(models.Model):
    """One file of a zip, and what was found about it."""

    class Verdict(models.TextChoices):
        TO_CHECK = "to_check", _("to be checked")
        FITS = "fits", _("fits")
        UNKNOWN = "unknown", _("no prompt needs it")
        TWICE = "twice", _("in the zip twice")
        FORMAT = "format", _("no 16-bit WAV")
        LENGTH = "length", _("not 0.2 to 60 seconds long")
        SILENCE = "silence", _("nobody speaks in it")

    batch = models.ForeignKey(
        RecordingBatch, verbose_name=_("zip"), on_delete=models.CASCADE, related_name="files"
    )
    path = models.CharField(_("file of the zip"), max_length=200)
    file = models.CharField(_("file"), max_length=80, blank=True)  # as the catalogue names it
    verdict = models.CharField(
        _("verdict"), max_length=8, choices=Verdict.choices, default=Verdict.TO_CHECK
    )
    raw = models.BinaryField(null=True)  # until it is checked
    recording = models.OneToOneField(
        Recording,
        verbose_name=_("recording"),
        null=True,
        on_delete=models.PROTECT,
        related_name="batch_file",
    )

    class Meta:
        verbose_name = _("file of a zip")
        verbose_name_plural = _("files of a zip")
        ordering = ["batch", "path"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "file"],
                condition=Q(verdict__in=["to_check", "fits"]),
                name="a_file_fits_once_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(verdict="to_check", raw__isnull=False)
                | ~Q(verdict="to_check") & Q(raw=None),
                name="batch_file_kept_until_checked",
            ),
            models.CheckConstraint(
                condition=Q(verdict="fits", recording__isnull=False)
                | ~Q(verdict="fits") & Q(recording=None),
                name="batch_file_that_fits_is_a_recording",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(verdict="to_check"), name="batch_files_to_check"
            )
        ]

    def __str__(self) -> str:
        return self.path
