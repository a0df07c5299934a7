"""Who banks here, by which card or passbook, and whom they pay."""

from datetime import date, datetime

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Guard
from banking.numbers import age_on, masked_card, masked_email, masked_mobile
from live.facts import Fact


class Vip(models.TextChoices):
    ORDINARY = "ordinary", _("ordinary")
    GOLD = "gold", _("gold")
    PLATINUM = "platinum", _("platinum")
    PRIVATE = "private", _("private banking")


class Language(models.TextChoices):
    MANDARIN = "zh", _("Mandarin")
    CANTONESE = "yue", _("Cantonese")
    ENGLISH = "en", _("English")


@pghistory.track()
class Customer(models.Model):
    """A person with accounts here. 证件号 is sealed: shown by its last four."""

    number = models.CharField(_("customer number"), max_length=10, unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=40)
    vip = models.CharField(_("VIP level"), max_length=10, choices=Vip.choices, default=Vip.ORDINARY)
    mobile = models.CharField(_("mobile"), max_length=20, blank=True, db_index=True)
    email = models.EmailField(_("e-mail"), blank=True)
    born_on = models.DateField(_("date of birth"))
    language = models.CharField(
        _("language"), max_length=3, choices=Language.choices, default=Language.MANDARIN
    )
    id_box = models.BinaryField(editable=False)
    id_lookup = models.BinaryField(max_length=32, unique=True, editable=False)
    id_last4 = models.CharField(_("ID number, last four"), max_length=4)
    id_key_version = models.PositiveSmallIntegerField(editable=False)
    is_test = models.BooleanField(
        _("test customer"),
        default=False,
        help_text=_("May be served by the test phone; kept out of every figure."),
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["number"]
        permissions = [("reveal_customer", "Can reveal a customer's masked data")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    def age(self, day: date) -> int:
        return age_on(day, self.born_on)

    @property
    def masked_id(self) -> str:
        return f"**** **** **** {self.id_last4}"

    @property
    def masked_mobile(self) -> str:
        return masked_mobile(self.mobile)

    @property
    def masked_email(self) -> str:
        return masked_email(self.email)


class Lost(models.Model):
    """Something that can be lost. What its reports come to (`banking/losses.py`): reported orally
    it is lost until that lapses, confirmed in writing until that is lifted."""

    lost_until = models.DateTimeField(_("reported lost until"), null=True, editable=False)
    lost_in_writing = models.BooleanField(
        _("reported lost in writing"), default=False, db_default=False, editable=False
    )

    class Meta:
        abstract = True

    def is_lost(self, at: datetime) -> bool:
        return self.lost_in_writing or (self.lost_until is not None and at < self.lost_until)


@pghistory.track()
class Card(Lost):
    """A debit card: the number sealed, its PINs as keyed MACs (banking/pins.py).

    Without a query PIN it is not activated for the telephone: `activation_mac` is that of the
    one-time code issued at the counter. Each MAC goes with the version of the key that made it.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("card or account", "active")
        CLOSED = "closed", _("closed")

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="cards"
    )
    pan_box = models.BinaryField(editable=False)
    pan_lookup = models.BinaryField(max_length=32, unique=True, editable=False)
    first4 = models.CharField(max_length=4)
    last4 = models.CharField(_("last four"), max_length=4)
    pan_key_version = models.PositiveSmallIntegerField(editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE
    )
    query_mac = models.BinaryField(max_length=32, null=True, editable=False)
    query_version = models.PositiveSmallIntegerField(default=1, editable=False)
    transaction_mac = models.BinaryField(max_length=32, null=True, editable=False)
    transaction_version = models.PositiveSmallIntegerField(default=1, editable=False)
    activation_mac = models.BinaryField(max_length=32, null=True, editable=False)
    activation_version = models.PositiveSmallIntegerField(default=1, editable=False)
    activation_until = models.DateTimeField(null=True, editable=False)
    issued_on = models.DateField(_("issued on"))

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        ordering = ["id"]
        permissions = [
            ("issue_code", "Can issue an activation code"),
            ("ask_unlock", "Can ask to unlock a PIN"),
            ("decide_unlock", "Can decide to unlock a PIN"),
        ]

    def __str__(self) -> str:
        return masked_card(self.first4, self.last4)


@pghistory.track()
class Passbook(Lost):
    """A passbook (存折) of one account."""

    account = models.OneToOneField(
        "banking.Account", verbose_name=_("account"), on_delete=models.PROTECT
    )
    number = models.CharField(_("passbook number"), max_length=12, unique=True)
    issued_on = models.DateField(_("issued on"))

    class Meta:
        verbose_name = _("passbook")
        verbose_name_plural = _("passbooks")
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class Payee(models.Model):
    """A payee within the bank, registered at a branch with a name that was checked there."""

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="payees"
    )
    account = models.ForeignKey(
        "banking.Account", verbose_name=_("payee's account"), on_delete=models.PROTECT
    )
    name = models.CharField(_("payee's name"), max_length=40)
    registered_on = models.DateField(_("registered on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        verbose_name = _("registered payee")
        verbose_name_plural = _("registered payees")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "account"],
                condition=Q(ended_on=None),
                name="payee_registered_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.account.number[-4:]}"


class Purpose(models.TextChoices):
    QUERY = "query", _("query PIN")
    TRANSACTION = "transaction", _("transaction PIN")
    ACTIVATION = "activation", _("activation code")


class PinEvent(Fact):
    """Each time a PIN or a code was tried, set or unlocked. The locks are counts over these."""

    class What(models.TextChoices):
        SET = "set", _("set")
        PASSED = "passed", _("passed")
        FAILED = "failed", _("failed")
        UNLOCKED = "unlocked", _("unlocked")

    card = models.ForeignKey(Card, verbose_name=_("card"), on_delete=models.PROTECT)
    purpose = models.CharField(_("PIN"), max_length=11, choices=Purpose.choices)
    what = models.CharField(_("event"), max_length=8, choices=What.choices)
    at = models.DateTimeField(_("time"))
    on = models.DateField()  # the bank's day
    call_ref = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), null=True, on_delete=models.PROTECT
    )

    class Meta(Fact.Meta):
        verbose_name = _("PIN event")
        verbose_name_plural = _("PIN events")
        ordering = ["-id"]
        indexes = [models.Index(fields=["card", "purpose", "id"])]


@pghistory.track()
class LossReport(models.Model):
    """挂失 by telephone: what was lost is stopped at once, and free again when this lapses.

    Confirmed at the counter before that (书面挂失) it lapses no more; then, as before, it is over
    when two have lifted it.
    """

    number = models.CharField(_("receipt number"), max_length=12, unique=True, editable=False)
    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT)
    card = models.ForeignKey(
        Card, verbose_name=_("card"), null=True, blank=True, on_delete=models.PROTECT
    )
    passbook = models.ForeignKey(
        Passbook, verbose_name=_("passbook"), null=True, blank=True, on_delete=models.PROTECT
    )
    reported_at = models.DateTimeField(_("reported at"))
    lapses_at = models.DateTimeField(_("lapses at"))  # unless it is confirmed before
    confirmed_at = models.DateTimeField(_("confirmed in writing at"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    form_number = models.CharField(_("form number"), max_length=20, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifting = models.OneToOneField(
        "people.Approval", verbose_name=_("lifted under"), null=True, on_delete=models.PROTECT
    )
    channel = models.CharField(_("channel"), max_length=10)
    call_ref = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("loss report")
        verbose_name_plural = _("loss reports")
        ordering = ["-id"]
        permissions = [
            ("confirm_lossreport", "Can confirm a loss report in writing"),
            ("ask_lift", "Can ask to lift a loss report"),
            ("decide_lift", "Can decide to lift a loss report"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, form_number="")
                | (
                    Q(confirmed_at__isnull=False, confirmed_at__lt=models.F("lapses_at"))
                    & Q(confirmed_by__isnull=False)
                    & ~Q(form_number="")
                ),
                name="loss_confirmed_in_time",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifting=None)
                | Q(lifted_at__isnull=False, lifting__isnull=False),
                name="loss_lifted_by_two",
            ),
            models.CheckConstraint(
                condition=Q(card=None, passbook__isnull=False)
                | Q(card__isnull=False, passbook=None),
                name="loss_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(lapses_at__gt=models.F("reported_at")), name="loss_lapses_later"
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="as_reported",
                fields=[
                    *("number", "customer", "card", "passbook", "reported_at", "lapses_at"),
                    *("channel", "call_ref"),
                ],
            ),
            Forbid(
                name="lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.lifted_at IS NOT NULL"),
            ),
            Guard(
                name="number",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    NEW.number := to_char(NEW.reported_at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')
                        || lpad(nextval('public.banking_receipt')::text, 6, '0');
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def lost(self) -> Card | Passbook:
        thing = self.card or self.passbook
        assert thing is not None  # loss_of_one_thing
        return thing

    def is_in_force(self, at: datetime) -> bool:
        """`banking.losses.in_force` says the same of many."""
        return self.lifted_at is None and (self.confirmed_at is not None or at < self.lapses_at)
