"""A complaint and its way: each step a row with who and when, each promise a column."""

from datetime import date, timedelta
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Guard, Path
from banking.models import Customer
from calendars.clock import bank_day
from complaints.models.terms import Category
from live.facts import Fact
from live.fences import FencedTable
from people.models import Branch
from telephony.models import Call, CallRecording


class Complaint(models.Model):
    """What somebody complains of, until it is archived. Who complains need be no customer."""

    class State(models.TextChoices):
        REGISTERED = "registered", pgettext_lazy("a complaint", "registered")
        GRADED = "graded", pgettext_lazy("a complaint", "graded")
        ASSIGNED = "assigned", pgettext_lazy("a complaint", "with a branch")
        REPLIED = "replied", pgettext_lazy("a complaint", "answer to be reviewed")
        REVIEWED = "reviewed", pgettext_lazy("a complaint", "to be told")
        TOLD = "told", pgettext_lazy("a complaint", "told")
        REVISITED = "revisited", pgettext_lazy("a complaint", "revisited")
        ARCHIVED = "archived", pgettext_lazy("a complaint", "archived")

    class Source(models.TextChoices):
        MESSAGE = "message", _("message by telephone")
        AGENT = "agent", _("told an agent")

    class Grade(models.TextChoices):
        ORDINARY = "ordinary", pgettext_lazy("a complaint", "ordinary")
        COMPLEX = "complex", pgettext_lazy("a complaint", "complex")

    number = models.CharField(_("case number"), max_length=12, unique=True, editable=False)
    key = models.UUIDField(unique=True, default=uuid4, editable=False)  # of who registered it
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    call = models.ForeignKey(Call, verbose_name=_("call"), on_delete=models.PROTECT)
    recording = models.OneToOneField(
        CallRecording, verbose_name=_("recording"), null=True, on_delete=models.PROTECT
    )
    words = models.TextField(_("what was said"), max_length=2000, blank=True)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, on_delete=models.PROTECT
    )
    phone = models.CharField(_("complainant's number"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=3)
    received_at = models.DateTimeField(_("received at"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("registered by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.REGISTERED
    )
    clock_from = models.DateTimeField(_("clock runs from"))  # of a duplicate: since the first
    acknowledge_due_at = models.DateTimeField(_("to be acknowledged by"))
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    due_at = models.DateTimeField(_("to be decided and told by"))
    duplicate_of = models.ForeignKey(
        "self", verbose_name=_("first case of the matter"), null=True, on_delete=models.PROTECT
    )
    grade = models.CharField(_("grade"), max_length=8, choices=Grade.choices, blank=True)
    channel = models.ForeignKey(
        Category, verbose_name=_("channel"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    business = models.ForeignKey(
        Category, verbose_name=_("business"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.ForeignKey(
        Category, verbose_name=_("reason"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    branch = models.ForeignKey(
        Branch, verbose_name=_("branch"), null=True, on_delete=models.PROTECT
    )
    reply_due_at = models.DateTimeField(_("branch to reply by"), null=True)
    reply = models.TextField(_("answer"), max_length=2000, blank=True)
    replied_at = models.DateTimeField(pgettext_lazy("a complaint", "answered at"), null=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("a complaint", "answered by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    told_at = models.DateTimeField(_("told at"), null=True)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["due_at", "id"]
        permissions = [
            ("reply_complaint", "Can answer complaints for her branch"),
            ("review_complaint", "Can review answers to complaints"),
        ]
        indexes = [
            models.Index(fields=["customer", "-received_at"]),
            models.Index(fields=["due_at"], condition=~Q(state="archived"), name="complaint_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="registered")
                | (~Q(grade="") & Q(channel__isnull=False, business__isnull=False))
                & Q(reason__isnull=False),
                name="complaint_graded_on_every_axis",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["reviewed", "told", "revisited", "archived"])
                | Q(replied_by__isnull=False, reviewed_by__isnull=False),
                name="complaint_answer_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("replied_by")),
                name="complaint_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(source="message", recording__isnull=False)
                | Q(source="agent", registered_by__isnull=False) & ~Q(words=""),
                name="complaint_says_something",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("id")),
                name="complaint_of_another",
            ),
        ]
        triggers = [
            FencedTable(),
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="as_received",
                fields=[
                    *("key", "source", "call", "recording", "words", "customer", "phone"),
                    *("language", "received_at", "registered_by", "acknowledge_due_at"),
                ],
            ),
            Path(
                name="path",
                field="state",
                transitions=[
                    ("registered", "graded"),
                    ("graded", "assigned"),
                    ("assigned", "replied"),
                    ("replied", "assigned"),
                    ("replied", "reviewed"),
                    ("reviewed", "told"),
                    ("told", "revisited"),
                    ("told", "archived"),
                    ("revisited", "archived"),
                ],
            ),
            Guard(
                name="number",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    NEW.number := to_char(NEW.received_at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')
                        || lpad(nextval('public.banking_receipt')::text, 6, '0');
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def due_on(self) -> date:
        """The last day on which she may be told in time; clocks end with the bank's day."""
        return bank_day(self.due_at - timedelta(microseconds=1))

    @property
    def acknowledge_due_on(self) -> date:
        return bank_day(self.acknowledge_due_at - timedelta(microseconds=1))

    @property
    def reply_due_on(self) -> date | None:
        due = self.reply_due_at
        return bank_day(due - timedelta(microseconds=1)) if due else None


class CaseStep(Fact):
    """What was done about a complaint, when and by whom; nobody: by the caller or the clock."""

    class What(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        ACKNOWLEDGED = "acknowledged", _("Case number told")
        GRADED = "graded", _("Graded")
        ASSIGNED = "assigned", _("Handed to a branch")
        REPLIED = "replied", _("Answer written")
        SENT_BACK = "sent_back", _("Answer sent back")
        REVIEWED = "reviewed", _("Answer approved")
        TOLD = "told", _("Complainant told")
        ARCHIVED = "archived", _("Archived")

    complaint = models.ForeignKey(
        Complaint, verbose_name=_("complaint"), on_delete=models.PROTECT, related_name="steps"
    )
    what = models.CharField(_("step"), max_length=12, choices=What.choices)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), null=True, on_delete=models.PROTECT
    )
    note = models.TextField(_("note"), blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("step of a complaint")
        verbose_name_plural = _("steps of complaints")
        ordering = ["complaint", "at", "id"]
        triggers = [*Fact.Meta.triggers, FencedTable()]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.get_what_display()}"
