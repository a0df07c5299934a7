"""Calls as a worker would have recorded them, written by the services alone."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from banking import core
from calendars import clock
from telephony import records
from telephony.deeds import Deed
from telephony.models import Call, Step
from telephony.records import Arrival, Position
from tests import cast
from tests.cast import Person


class Recorded:
    """One call, told step by step; time passes with each."""

    def __init__(self, *, caller="13800136027", dialled="961202", is_test=False, ago=timedelta()):
        self.at = clock.now() - ago
        self.seq = 0
        self.node, self.flow = "root", ""
        self.row = records.open_call(
            Arrival(uuid4(), "node1", dialled, caller, self.at, is_test), at=self.at
        )

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def moves(self, node: str, flow: str = "") -> None:
        self.node, self.flow = node, flow
        records.write([], {self.row.pk: Position("zh", True, node, True)})

    def heard(self, *parts: tuple[str, str, float], barged: bool = False) -> None:
        """Prompts of one breath: key, text, seconds heard. The last is interrupted if `barged`."""
        for key, text, seconds in parts:
            cut = barged and (key, text, seconds) == parts[-1]
            self._step("heard", prompt=key, text=text, heard_s=Decimal(str(seconds)), barged=cut)
        self.passes(sum(seconds for _key, _text, seconds in parts))

    def keyed(self, keys: str) -> None:
        self.passes(1.5)
        self._step("keyed", keys=keys)

    def did(self, deed: Deed, instruction: UUID | None = None, about: str = "") -> None:
        self._step("did", deed=deed, instruction=instruction, text=about)

    def identifies(self, who: Person) -> None:
        records.identified(
            self.row.pk,
            customer_id=who.customer.pk,
            card_id=who.card.pk,
            card_tail=who.card.last4,
            until=self.at + timedelta(minutes=30),
            language="zh",
        )
        self.did(Deed.IDENTIFIED)

    def transfers(self, payer: Person, payee: Person, amount: Decimal) -> core.OrderView:
        """The whole way of an instruction, as the flow goes it."""
        bank, key = core.default(), uuid4()
        bank.draft(
            key,
            cast.transfer(payer, payee, amount),
            call_ref=str(self.row.uuid),
            at=self.at,
        )
        bank.confirm(key, at=self.at)
        self.did(Deed.CONFIRMED, key)
        receipt = bank.execute(key, at=self.at)
        self.did(Deed.TRANSFERRED, key)
        bank.told(key, at=self.at)
        self.did(Deed.TOLD, key)
        return receipt

    def ends(self, *, by: str = Call.EndedBy.CALLER, cause: str = "NORMAL_CLEARING") -> Call:
        self.passes(1)
        records.close_call(self.row.uuid, cause=cause, by=by, at=self.at)
        self.row.refresh_from_db()
        return self.row

    def _step(self, kind: str, **what) -> None:
        self.seq += 1
        step = Step(
            call_id=self.row.pk,
            seq=self.seq,
            at=self.at,
            kind=kind,
            menu_node=self.node,
            flow=self.flow,
            **what,
        )
        records.write([step], {})


def transfer_call(payer: Person, payee: Person, **how) -> tuple[Call, core.OrderView]:
    """She identifies herself, sends 1,500 yuan and hears the receipt."""
    call = Recorded(**how)
    call.heard(
        ("welcome.961202", "您好，欢迎致电鹏城商业银行。", 2.8),
        ("menu.language.1", "普通话服务，请按 1。", 0.4),
        ("menu.language.3", "For English, press 3.", 0),
        barged=True,
    )
    call.keyed("1")
    call.heard(("menu.root.1", "个人业务，请按 1。", 1.4), barged=True)
    call.keyed("1")
    call.moves("personal")
    call.heard(("identify.card", "请输入您的卡号，按井号键结束。", 3.1))
    call.keyed("************" + payer.card.last4 + "#")
    call.heard(("identify.pin", "请输入六位查询密码，按井号键结束。", 3.4))
    call.keyed("******#")
    call.identifies(payer)
    call.moves("transfer", "in-bank-transfer")
    call.heard(("transfer.amount", "请输入转账金额，以元为单位。", 4.2))
    call.keyed("1500#")
    call.heard(("transfer.readback", "向尾号 0028 的账户转账一千五百元，手续费零元。", 6.0))
    call.keyed("1")
    receipt = call.transfers(payer, payee, Decimal(1500))
    call.heard(("transfer.done", "转账成功。", 1.2))
    return call.ends(), receipt
