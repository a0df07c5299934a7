"""What the bank writes to its customers: queued here, sent by the gateway."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from banking.guards import Forbid, Frozen
from banking.models.customers import Customer, Language
from banking.numbers import masked_email, masked_mobile


class OutboxMessage(models.Model):
    """One SMS or e-mail, its words as they were when it was written (`banking/outbox.py`)."""

    class Channel(models.TextChoices):
        SMS = "sms", _("SMS")
        EMAIL = "email", _("e-mail")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")

    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    address = models.CharField(_("address"), max_length=254)  # a mobile or an e-mail address
    template = models.CharField(_("template"), max_length=40)
    about = models.CharField(max_length=60, blank=True)  # of one thing it is written once
    language = models.CharField(_("language"), max_length=3, choices=Language.choices)
    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.QUEUED)
    queued_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("message to a customer")
        verbose_name_plural = _("messages to customers")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "id"], name="outbox_in_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "template", "about"],
                condition=~Q(about=""),
                name="written_once",
            ),
            models.CheckConstraint(condition=~Q(address=""), name="written_to_somebody"),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="as_written",
                fields=[
                    *("customer", "channel", "address", "template", "about", "language"),
                    *("title", "text", "queued_at"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def masked_address(self) -> str:
        mask = masked_email if self.channel == self.Channel.EMAIL else masked_mobile
        return mask(self.address)
