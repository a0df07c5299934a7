"""The bank's own words and recordings, beside what ships. Recordings are kept here, whole."""

import pghistory
import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.models.customers import Language
from people.models import User

LANGUAGES = Language.choices
LONGEST = 300  # letters of a prompt


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
    text = models.CharField(
        _("words"),
        max_length=LONGEST,
        validators=[RegexValidator(r"^[^{}]*\w[^{}]*$", _("Words, and no braces."))],
    )

    class Meta:
        verbose_name = _("prompt of the bank's own")
        verbose_name_plural = _("prompts of the bank's own")
        ordering = ["key", "lang"]
        constraints = [models.UniqueConstraint(fields=["key", "lang"], name="own_words_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.get_lang_display()}"


class Rewording(models.Model):
    """Words of the bank's own in place of those that a prompt has: who, when, and what came of it.

    Approved by somebody else they are in force as soon as every piece of them has audio, and until
    they are taken back or others follow. `Catalogue` has the last word: what it can't say, it
    leaves out, and callers hear what ships.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for approval")
        APPROVED = "approved", _("approved, lacks audio")
        USED = "used", _("in force")
        REFUSED = "refused", _("not approved")
        DROPPED = "dropped", pgettext_lazy("a request", "withdrawn")
        PAST = "past", _("no longer in force")

    key = models.CharField(_("prompt"), max_length=60)
    lang = models.CharField(_("language"), max_length=3, choices=LANGUAGES)
    text = models.CharField(_("words"), max_length=LONGEST)  # with its slots, as catalogues have it
    before = models.CharField(_("words before"), max_length=LONGEST)  # when this was asked
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField(_("written at"))
    made_by = models.ForeignKey(
        User, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    used_at = models.DateTimeField(_("in force from"), null=True)
    ended_at = models.DateTimeField(_("in force until"), null=True)
    ended_by = models.ForeignKey(
        User, verbose_name=_("ended by whom"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("words of the bank's own for a prompt")
        verbose_name_plural = _("words of the bank's own for prompts")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "lang"], condition=Q(state="used"), name="one_wording_a_prompt"
            ),
            models.UniqueConstraint(
                fields=["key", "lang"],
                condition=Q(state__in=["waiting", "approved"]),
                name="one_wording_asked_a_prompt",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("made_by")),
                name="wording_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "used"]) | Q(decided_by__isnull=False),
                name="wording_used_is_approved",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="as_it_was", fields=["key", "lang", "text", "before", "made_at", "made_by"]
            ),
            pgtrigger.FSM(
                name="path",
                field="state",
                transitions=[
                    ("waiting", "approved"),
                    ("waiting", "refused"),
                    ("waiting", "dropped"),
                    ("approved", "used"),
                    ("approved", "past"),
                    ("used", "past"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.get_lang_display()}"


class Recording(models.Model):
    """Audio of one file of the catalogue; heard once somebody else approved it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for approval")
        USED = "used", _("approved")  # heard wherever its words are
        REFUSED = "refused", _("not approved")
        DROPPED = "dropped", pgettext_lazy("a request", "withdrawn")
        PAST = "past", _("no longer heard")  # replaced, or taken back

    class Origin(models.TextChoices):
        UPLOADED = "uploaded", _("recorded")
        RENDERED = "rendered", _("rendered")

    file = models.CharField(_("file"), max_length=80)  # as the catalogue names it: zh/goodbye.wav
    text = models.TextField(_("words"))  # that it says; others make it void
    audio = models.BinaryField(_("recording"))  # A-law, 8 kHz, mono, with its RIFF header
    seconds = models.DecimalField(_("seconds"), max_digits=5, decimal_places=2)
    sha256 = models.CharField(max_length=64, editable=False)
    origin = models.CharField(
        _("origin"), max_length=8, choices=Origin.choices, default=Origin.UPLOADED
    )
    # Of a rendered one: the digest of voice, sentence and readings, and the readings themselves.
    made_from = models.CharField(max_length=64, blank=True, editable=False)
    readings = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField(_("uploaded at"))
    made_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(_("heard until"), null=True)
    ended_by = models.ForeignKey(
        User, verbose_name=_("ended by whom"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("studio recording")
        verbose_name_plural = _("studio recordings")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["made_from"], name="recording_made_from")]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "text"], condition=Q(state="used"), name="one_recording_a_piece"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("made_by")),
                name="recording_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(decided_by__isnull=False),
                name="recording_used_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(origin="uploaded", made_from="")
                | (Q(origin="rendered") & ~Q(made_from="")),
                name="recording_rendered_from_something",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="as_it_was",
                fields=["file", "text", "audio", "sha256", "origin", "made_from", "readings"],
            ),
            pgtrigger.FSM(
                name="path",
                field="state",
                transitions=[
                    ("waiting", "used"),
                    ("waiting", "refused"),
                    ("waiting", "dropped"),
                    ("used", "past"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.file
