"""What the pages of customers and money share: filters set beforehand, and opening on record."""

from abc import ABCMeta, abstractmethod
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import DateField, Model, QuerySet
from django.forms import MediaDefiningClass
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from banking.models import Account, Customer
from banking.numbers import masked_name
from banking.templatetags.money import blind, yuan
from calendars import clock
from people import access
from people.office import STYLES, ListAdmin, PresetFilter, moment, user_of

__all__ = [
    "STYLES",
    "ListAdmin",
    "OnRecord",
    "PageAdmin",
    "PresetFilter",
    "When",
    "figure",
    "known_as",
    "moment",
    "page_of",
    "user_of",
    "who",
]


def figure(amount: Decimal | None, *, is_blind: bool = False) -> SafeString:
    """A cell of yuan, its end in line with the cells above and below."""
    return format_html('<span class="r">{}</span>', blind(yuan(amount), is_blind))


def who(customer: Customer | None) -> str:
    """ "*小梅 1000000001": enough to know her again, not to know her."""
    return f"{masked_name(customer.name)} {customer.number}" if customer else "—"


def known_as(account: Account) -> str:
    """As its owner and the read-back call it: by its card, else by its number; masked."""
    return str(account.card or account)


def page_of(subject: Model) -> str:
    model = subject._meta
    return reverse(f"admin:{model.app_label}_{model.model_name}_change", args=[subject.pk])


class When(PresetFilter):
    """By the bank's day; `field` is a date or a moment of the model."""

    title = _("day")
    parameter_name = "when"
    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("week", _("Last 7 days")),
            ("all", _("All days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        if chosen == "all":
            return queryset
        midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        since = midnight - timedelta(days={"today": 0, "yesterday": 1, "week": 6}[chosen])
        until = midnight if chosen == "yesterday" else midnight + timedelta(days=1)
        of_days = type(queryset.model._meta.get_field(self.field)) is DateField
        first, last = (since.date(), until.date()) if of_days else (since, until)
        return queryset.filter(**{f"{self.field}__gte": first, f"{self.field}__lt": last})


class AbstractAdmin(ABCMeta, MediaDefiningClass):
    """The metaclass of admin pages that leave something to their subclasses to say."""


class PageAdmin(ListAdmin, metaclass=AbstractAdmin):
    """One readable page instead of a form. Whoever opens a customer's is written down."""

    @abstractmethod
    def facts(self, request: HttpRequest, subject: Any) -> dict[str, Any]:
        """What the page's template shows."""

    def title(self, subject: Any) -> str:
        return str(subject)

    @abstractmethod
    def customers_of(self, subject: Any) -> Iterable[Customer]:
        """Whose data it is."""

    @abstractmethod
    def reason(self, subject: Any) -> str:
        """What the access log says of an opening: which page it was."""

    def write_down(self, request: HttpRequest, subject: Any) -> None:
        for customer in self.customers_of(subject):
            access.record(
                user_of(request),
                "view",
                customer,
                reason=self.reason(subject),
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if object_id is None or not self.has_view_permission(request):
            raise PermissionDenied
        subject = self.get_object(request, unquote(object_id))
        if subject is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        self.write_down(request, subject)
        title, facts = self.title(subject), self.facts(request, subject)
        return self.record_page(request, self.change_form_template, title, subject, facts)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request) and (
            subject := self.get_object(request, unquote(object_id))
        ):
            self.write_down(request, subject)
            title = _("History of %(name)s") % {"name": self.title(subject)}
            extra_context = {"title": title, **(extra_context or {})}
        return super().history_view(request, object_id, extra_context)


class OnRecord(ListAdmin, metaclass=AbstractAdmin):
    """Read in the theme's own form; opening one is written down all the same."""

    @abstractmethod
    def customer_of(self, row: Any) -> Customer | None:
        """Whose data it is; None where nobody knows."""

    @abstractmethod
    def reason(self, row: Any) -> str:
        """What the access log says of an opening: which row it was."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row and self.has_view_permission(request, row) and (whose := self.customer_of(row)):
            access.record(
                user_of(request),
                "view",
                whose,
                reason=self.reason(row),
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )
        return row
