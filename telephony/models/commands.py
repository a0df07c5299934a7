"""What pages ask of the switch: rows that the worker leases, does and answers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from live.fences import FencedTable
from people.models import User
from telephony.models.calls import Call


class Command(models.Model):
    """One wish about one call. Done in order a call; NOTIFY only wakes the worker."""

    class Verb(models.TextChoices):
        HANG_UP = "hang_up", _("hang up")
        HOLD = "hold", _("hold")
        RETRIEVE = "retrieve", _("retrieve")
        TRANSFER = "transfer", _("transfer to a queue")
        TO_IVR = "to_ivr", _("send to the IVR")

    class Answer(models.TextChoices):
        DONE = "", _("carried out")
        TOO_LATE = "too_late", _("asked too long ago")
        CALL_OVER = "call_over", _("the call was over")
        NO_AGENT = "no_agent", _("no agent had the caller")
        NOT_NOW = "not_now", _("not possible at that moment")
        NO_QUEUE = "no_queue", _("the queue was closed")

    call = models.ForeignKey(Call, verbose_name=_("call"), on_delete=models.PROTECT)
    verb = models.CharField(_("command"), max_length=12, choices=Verb.choices)
    argument = models.CharField(_("argument"), max_length=40, blank=True)  # a queue, an errand
    asked_by = models.ForeignKey(User, verbose_name=_("asked by"), on_delete=models.PROTECT)
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("expires"))  # a stale wish is not carried out
    leased_epoch = models.BigIntegerField(_("leased in epoch"), null=True)
    done_at = models.DateTimeField(_("answered at"), null=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, blank=True)

    class Meta:
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        ordering = ["id"]
        indexes = [models.Index(fields=["call"], condition=Q(done_at=None), name="command_open")]
        triggers = [FencedTable()]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.call_id}"
