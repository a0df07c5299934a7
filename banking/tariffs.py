"""Dated rows by the word of two (双人复核): limits, fees, rates, clocks and rules of the bank.

A clerk proposes the row, a colleague approves it, and with that it is written. What has begun is
never changed: a newer row follows it.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey, Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking.errors import TermBegun, TermTaken
from banking.models import (
    AccessRule,
    CallerTerm,
    DepositRate,
    DepositTerms,
    DeskRule,
    ExchangeRate,
    ExchangeSession,
    FeeTier,
    InterestTax,
    LargeValueHours,
    LendingTerm,
    LoanRate,
    LossTerm,
    SmallValueBatch,
    TransferLimit,
    TransferRule,
)
from calendars.clock import SHANGHAI, bank_day
from people import approvals
from people.approvals import Approvable, approval
from people.models import Approval, User
from people.words import listed

# Tables, and the fields in whose place a newer row follows an older one.
PLACES: Mapping[type[Model], tuple[str, ...]] = {
    AccessRule: ("name",),
    CallerTerm: ("what",),
    DepositRate: ("product", "term"),
    DepositTerms: ("product",),
    DeskRule: (),
    ExchangeRate: ("currency",),
    ExchangeSession: (),
    FeeTier: ("kind", "channel", "vip"),
    InterestTax: (),
    LargeValueHours: (),
    LendingTerm: ("product",),
    LoanRate: ("series",),
    LossTerm: ("instrument",),
    SmallValueBatch: (),
    TransferLimit: ("customer", "channel"),
    TransferRule: (),
}
TABLES = {model._meta.model_name: model for model in PLACES}
MOST_SHOWN = 6  # rows of an old schedule
Values = dict[str, Any]  # of a row, JSON


@approval("terms", ask="banking.ask_terms", decide="banking.decide_terms")
class SetTerm(Approvable):
    title: ClassVar[Any] = _("Change a fee, rate, limit or rule")

    def summary(self, approval: Approval) -> str:
        asked: dict[str, Any] = approval.details
        model = TABLES[asked["table"]]
        place = (*PLACES[model], _begins(model))
        earlier = [_said(model, row, without=place) for row in asked["earlier"]]
        words = gettext("%(table)s, %(place)s: %(new)s. Before: %(earlier)s.")
        return words % {
            "table": model._meta.verbose_name,
            "place": _said(model, asked["row"], only=place),
            "new": _said(model, asked["row"], without=place),
            "earlier": " / ".join(earlier) or gettext("nothing"),
        }

    def page(self, approval: Approval) -> None:
        return None  # what is asked for is in the summary, and no row yet

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        """Raises TermBegun, TermTaken: then nothing was decided."""
        model = TABLES[approval.details["table"]]
        row = _row(model, approval.details["row"])
        if isinstance(row, ExchangeRate):
            row.quoted_at = max(row.quoted_at, at)  # told from now on, at the earliest
        elif getattr(row, _begins(model)) <= bank_day(at):
            raise TermBegun
        try:
            row.full_clean()
        except ValidationError:
            raise TermTaken from None
        row.save(force_insert=True)


def ask(row: Model, *, by: User, reason: str, at: datetime) -> Approval:
    """Propose a row that is not written yet; one for a place and a day at a time.

    Raises what `approvals.ask` does.
    """
    model = type(row)
    values = _values(row)
    table = model._meta.model_name
    # Of its place and its day, and of each step of a schedule.
    where = [str(values[name]) for name in _unique(model)]
    place = model(pk=sha256("|".join(where).encode()).hexdigest()[:16])
    return approvals.ask(
        "terms",
        place,
        by=by,
        reason=reason,
        at=at,
        details={"table": table, "row": values, "earlier": _earlier(row)},
    )


def _earlier(row: Model) -> list[Values]:
    """What is in force in its place until it begins: all rows of the newest date before."""
    model = type(row)
    begins = _begins(model)
    same = {name: getattr(row, name) for name in PLACES[model]}
    found = model._default_manager.filter(**same, **{f"{begins}__lt": getattr(row, begins)})
    newest = found.order_by(f"-{begins}").first()
    if newest is None:
        return []
    rows = found.filter(**{begins: getattr(newest, begins)}).order_by("pk")
    return [_values(one) for one in rows[:MOST_SHOWN]]


def _begins(model: type[Model]) -> str:
    return "quoted_at" if model is ExchangeRate else "valid_from"


def _unique(model: type[Model]) -> tuple[str, ...]:
    """The fields of which the table has one row."""
    step = {FeeTier: ("above",), ExchangeSession: ("number",)}.get(model, ())
    return tuple(
        model._meta.get_field(name).attname  # type: ignore[union-attr]  # all are columns
        for name in (*PLACES[model], _begins(model), *step)
    )


def _columns(model: type[Model]) -> Iterable["Field[Any, Any]"]:
    return (field for field in model._meta.concrete_fields if not field.primary_key)


def _values(row: Model) -> Values:
    plain = {field.attname: getattr(row, field.attname) for field in _columns(type(row))}
    values: Values = json.loads(json.dumps(plain, cls=DjangoJSONEncoder))
    return values


def _row(model: type[Model], values: Values) -> Model:
    return model(
        **{field.attname: field.to_python(values[field.attname]) for field in _columns(model)}
    )


def _said(
    model: type[Model], values: Values, *, only: Iterable[str] = (), without: Iterable[str] = ()
) -> str:
    """A row in words of the reader's language; of some of its fields, or of all but some."""
    row = _row(model, values)
    shown = [
        f"{field.verbose_name} {_shown(row, field)}"
        for field in _columns(model)
        if (field.name in only if only else field.name not in without)
        and getattr(row, field.attname) not in (None, "")
    ]
    return listed(shown)


def _shown(row: Model, field: "Field[Any, Any]") -> str:
    value = getattr(row, field.attname)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(field, ForeignKey):
        return str(getattr(row, field.name))
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return str(dict(field.flatchoices).get(value, value))
