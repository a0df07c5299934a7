"""What the voice was asked to read aloud, piece by piece; and how it is told to read words."""

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from people.models import User
from telephony.models.studio import LANGUAGES, Recording
from telephony.prompts import dictionary
from telephony.spoken.grammar import VOICED

READ = [(lang, name) for lang, name in LANGUAGES if lang in VOICED]  # by a voice


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Reading(models.Model):
    """How a word is read: it holds over what ships and over what the voice would say itself."""

    lang = models.CharField(_("language"), max_length=3, choices=READ, default="zh")
    word = models.CharField(pgettext_lazy("a dictionary", "word"), max_length=30)
    said = models.CharField(
        _("reading"),
        max_length=120,
        help_text=_(
            "Mandarin: pinyin with the tone as a number, a syllable for each character"
            " (yin2 hang2; 5 is the neutral tone). English: another spelling that is read right."
        ),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("reading of a word")
        verbose_name_plural = _("readings of words")
        ordering = ["lang", "word"]
        constraints = [models.UniqueConstraint(fields=["lang", "word"], name="one_reading_a_word")]

    def __str__(self) -> str:
        return f"{self.word} {self.said}"

    def clean(self) -> None:
        self.word = self.word.strip()
        self.said = dictionary.tidy(self.lang, self.said)
        if fault := dictionary.fault(self.lang, self.word, self.said):
            raise ValidationError({fault.about: str(fault)})


class Rendering(models.Model):
    """One order to the voice. Its pieces say how far it is."""

    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        User,
        verbose_name=pgettext_lazy("a request", "asked by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=200)
    is_trial = models.BooleanField(default=False)  # a word is tried: heard here, by no caller

    class Meta:
        verbose_name = _("order to the voice")
        verbose_name_plural = _("orders to the voice")
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk}"


class RenderedPiece(models.Model):
    """One piece of an order. Who renders it holds it by `claim`, and no longer than `until`."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("the voice", "waits")
        RENDERING = "running", _("is being rendered")
        DONE = "done", _("rendered")
        THERE = "there", _("was there already")
        FAILED = "failed", pgettext_lazy("the voice", "failed")

    class Fault(models.TextChoices):
        """A sentence each; the row's `detail` fills it."""

        UNREADABLE = "unreadable", _("The voice cannot read “%(detail)s”.")
        TOO_LONG = "too long", _("It is too long for one breath.")
        NO_VOICE = "no voice", _("There is no voice here: %(detail)s")
        REFUSED = "refused", _("Nobody was asked to approve it: %(detail)s")
        BROKEN = "broken", _("The voice failed: %(detail)s")

    rendering = models.ForeignKey(Rendering, on_delete=models.PROTECT, related_name="pieces")
    place = models.PositiveIntegerField()
    lang = models.CharField(max_length=3)
    key = models.CharField(max_length=60)  # of its prompt; empty: a piece of a value
    sentence = models.TextField(blank=True)  # the prompt's text, in which it is spoken
    file = models.CharField(_("file"), max_length=80)
    text = models.TextField(_("words"))
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    claim = models.UUIDField(null=True)
    until = models.DateTimeField(null=True)
    fault = models.CharField(max_length=10, choices=Fault.choices, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    recording = models.ForeignKey(
        Recording, null=True, on_delete=models.PROTECT, related_name="rendered_for"
    )
    audio = models.BinaryField(null=True)  # of a trial, which makes no recording

    class Meta:
        verbose_name = _("piece of an order to the voice")
        verbose_name_plural = _("pieces of orders to the voice")
        ordering = ["rendering", "place"]
        constraints = [
            models.UniqueConstraint(fields=["rendering", "place"], name="one_piece_a_place"),
            models.CheckConstraint(
                condition=Q(state="running", claim__isnull=False, until__isnull=False)
                | (~Q(state="running") & Q(claim=None, until=None)),
                name="piece_held_while_rendered",
            ),
            models.CheckConstraint(
                condition=(Q(state="failed") & ~Q(fault=""))
                | (~Q(state="failed") & Q(fault="", detail="")),
                name="piece_failed_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["rendering", "place"],
                condition=Q(state__in=["waiting", "running"]),
                name="pieces_to_render",
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="path",
                field="state",
                transitions=[
                    ("waiting", "running"),
                    ("running", "done"),
                    ("running", "there"),
                    ("running", "failed"),
                    ("failed", "waiting"),
                ],
            )
        ]

    def __str__(self) -> str:
        return self.file

    @property
    def why(self) -> str:
        """In the reader's words why it failed."""
        return str(self.get_fault_display()) % {"detail": self.detail} if self.fault else ""
