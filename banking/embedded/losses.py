from datetime import datetime

from banking import losses
from banking.core import Channel, InstrumentView, LossReceipt
from banking.core.losses import Instrument
from banking.models import Card, LossReport, LossTerm, Passbook, orders
from banking.numbers import tail
from banking.secret import Secret


class EmbeddedLosses:
    def report_loss(
        self,
        number: Secret,
        id_number: Secret,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> LossReceipt:
        return _receipt(
            losses.report(
                number, id_number, channel=orders.Channel(channel), call_ref=call_ref, at=at
            )
        )

    def instruments(self, customer_id: int, *, at: datetime) -> tuple[InstrumentView, ...]:
        cards, books = losses.instruments(customer_id)
        return (
            *(_instrument("card", card, card.last4, at) for card in cards),
            *(_instrument("passbook", book, tail(book.number), at) for book in books),
        )

    def report_own_loss(
        self,
        customer_id: int,
        kind: Instrument,
        instrument_id: int,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> LossReceipt:
        return _receipt(
            losses.report_own(
                LossTerm.Instrument(kind),
                instrument_id,
                customer_id=customer_id,
                channel=orders.Channel(channel),
                call_ref=call_ref,
                at=at,
            )
        )


def _instrument(
    kind: Instrument, row: Card | Passbook, known_as: str, at: datetime
) -> InstrumentView:
    lost = row.is_lost(at)
    until = row.lost_until if lost and not row.lost_in_writing else None
    return InstrumentView(kind, row.pk, str(row), known_as, lost, until)


def _receipt(report: LossReport) -> LossReceipt:
    if report.card:
        return LossReceipt(report.number, "card", report.card.last4, report.lapses_at)
    assert report.passbook is not None
    return LossReceipt(report.number, "passbook", report.passbook.number[-4:], report.lapses_at)
