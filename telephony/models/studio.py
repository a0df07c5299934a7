"""The bank's own words and recordings, beside what ships. Recordings are kept here, whole."""

import pghistory
import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import User

LANGUAGES = [("zh", _("Mandarin")), ("en", _("English"))]


@pghistory.track()
class OwnPrompt(models.Model):
    """Words that a bank added: an entry of its menu, an announcement, a greeting."""

    key = models.CharField(
        _("prompt"),
        max_length=60,
        validators=[
            RegexValidator(
                r"^(menu|announcement|welcome)\.own(\.[a-z0-9_]+)+$",
                _("It begins with menu.own., announcement.own. or welcome.own."),
            )
        ],
    )
    lang = models.CharField(_("language"), max_length=3, choices=LANGUAGES)
    text = models.CharField(_("words"), max_length=300)

    class Meta:
        verbose_name = _("prompt of the bank's own")
        verbose_name_plural = _("prompts of the bank's own")
        ordering = ["key", "lang"]
        constraints = [models.UniqueConstraint(fields=["key", "lang"], name="own_words_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.get_lang_display()}"


class Recording(models.Model):
    """A studio recording of one file of the catalogue; heard once somebody else approved it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for approval")
        USED = "used", _("heard by callers")
        REFUSED = "refused", _("not approved")
        PAST = "past", _("no longer heard")  # replaced, or taken back

    file = models.CharField(_("file"), max_length=80)  # as the catalogue names it: zh/goodbye.wav
    text = models.TextField(_("words"))  # that it says; others make it void
    audio = models.BinaryField(_("recording"))  # A-law, 8 kHz, mono, with its RIFF header
    seconds = models.DecimalField(_("seconds"), max_digits=5, decimal_places=2)
    sha256 = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField(_("uploaded at"))
    made_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("studio recording")
        verbose_name_plural = _("studio recordings")
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["file"], condition=Q(state="used"), name="one_recording_a_file"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("made_by")),
                name="recording_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(decided_by__isnull=False),
                name="recording_used_is_approved",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="as_it_was", fields=["file", "text", "audio", "sha256"]),
            pgtrigger.FSM(
                name="path",
                field="state",
                transitions=[("waiting", "used"), ("waiting", "refused"), ("used", "past")],
            ),
        ]

    def __str__(self) -> str:
        return self.file
