from datetime import datetime

from banking import losses
from banking.core import Channel, LossReceipt
from banking.models import orders
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
        report = losses.report(
            number, id_number, channel=orders.Channel(channel), call_ref=call_ref, at=at
        )
        if report.card:
            return LossReceipt(report.number, "card", report.card.last4, report.lapses_at)
        assert report.passbook is not None
        return LossReceipt(report.number, "passbook", report.passbook.number[-4:], report.lapses_at)
