"""Fixed wording for what an agent says (话术): by situation, filled in from the call."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kb.models.versions import Step, Subject, Version, guards, laws, one_published
from live.facts import Fact
from telephony.models import Call


class Situation(models.TextChoices):
    GREETING = "greeting", _("Greeting")
    VERIFICATION = "verification", _("Verifying who she is")
    LISTENING = "listening", _("Listening and making sure")
    HOLDING = "holding", _("Waiting and hold")
    TRANSFERRING = "transferring", _("Handing on")
    REFUSING = "refusing", _("Refusing")
    APOLOGISING = "apologising", _("Apologising")
    CALMING = "calming", _("Calming")
    COMPLAINT = "complaint", pgettext_lazy("a situation", "Complaint")
    SAFETY = "safety", _("Warning of fraud")
    CONSENT = "consent", _("Consent and sales")
    SILENCE = "silence", _("Silence and nuisance")
    OUTAGE = "outage", _("Something is down")
    CALLBACK = "callback", _("Calling a customer")
    CLOSING = "closing", _("Closing")


class Moment(models.TextChoices):
    """When the desk shows a script by itself. Without one it is looked for, or fits a service."""

    ANSWER = "answer", _("on answering")
    KNOWN = "known", _("on answering who is verified")
    VERIFY = "verify", _("before she is verified")
    TALK = "talk", _("while talking")
    HOLD = "hold", _("while she is on hold")
    IVR = "ivr", _("while she is with the IVR")
    TRANSFER = "transfer", _("before a transfer")
    COMPLAINT = "complaint", _("after a complaint was filed")
    RECEIPT = "receipt", _("after something was done")


@pghistory.track()
class Script(Subject):
    """Something that agents say alike. How is in the versions."""

    situation = models.CharField(_("situation"), max_length=12, choices=Situation.choices)

    class Meta:
        verbose_name = _("script")
        verbose_name_plural = _("scripts")
        ordering = ["id"]  # as they came: of two at one moment the first is said first


@pghistory.track()
class ScriptVersion(Version):
    """One wording of a script, said while it is published. Variables: `kb/variables.py`."""

    of = "script"

    script = models.ForeignKey(
        Script, verbose_name=_("script"), on_delete=models.PROTECT, related_name="versions"
    )
    title = models.CharField(_("when to say it"), max_length=60)
    moment = models.CharField(_("moment"), max_length=10, choices=Moment.choices, blank=True)
    words = models.TextField(_("wording"), max_length=400)
    english = models.TextField(_("wording in English"), max_length=800, blank=True)
    note = models.TextField(_("how to say it"), max_length=400, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=20), verbose_name=_("keywords"), default=list, blank=True
    )
    services = ArrayField(  # flows of docs/services.md, by which it is suggested
        models.CharField(max_length=40), verbose_name=_("services"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("version of a script")
        verbose_name_plural = _("versions of scripts")
        ordering = ["script", "-number"]
        constraints = [*laws("script"), one_published("script")]
        triggers = guards(
            ("title", "moment", "words", "english", "note", "keywords", "services", "source")
        )

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class ScriptStep(Step):
    version = models.ForeignKey(
        ScriptVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="history"
    )

    class Meta(Step.Meta):
        verbose_name = _("step of a script")
        verbose_name_plural = _("steps of scripts")


class ScriptReading(Fact):
    """A script opened at a desk, in a call or between two."""

    version = models.ForeignKey(
        ScriptVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="readings"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.PROTECT
    )
    call = models.ForeignKey(
        Call,
        verbose_name=_("call"),
        null=True,
        on_delete=models.PROTECT,
        related_name="script_readings",
    )
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        verbose_name = _("reading of a script")
        verbose_name_plural = _("readings of scripts")
        ordering = ["-at"]
        indexes = [models.Index(fields=["version", "at"], name="script_reading_of")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.by_id}"
