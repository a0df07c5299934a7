"""The whole bank at once: callers, clerks, billers, clearing, fraud rules, nights and crashes.

Random steps through all services on real PostgreSQL, some of them killed in mid-transaction.
After each the laws of `laws.py` hold, nobody has passed a limit of her day, and what was once
answered is answered alike.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar, LiteralString, TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from banking import (
    bill_approvals,
    bill_files,
    bills,
    clearing_files,
    holds,
    instructions,
    ledger,
    limits,
    losses,
    operations,
    orders,
    phone_debits,
    pins,
    timetables,
    two_eyes,
)
from banking.clearing_batches import deem_paid, files_out, take_in
from banking.clearing_files import Header, Result
from banking.deposits import notices
from banking.end_of_day import closing
from banking.errors import BankingError, OwnWork, PinLocked, PinWrong
from banking.fraud import two_eyes as fraud_two_eyes
from banking.fraud.rules import Action, Age, Burst, NewPayee
from banking.ledger import Leg
from banking.loans import quotes, schedule
from banking.models import (
    Account,
    BillerContract,
    BillerEntry,
    BillPayment,
    Deposit,
    FraudRule,
    Instruction,
    Journal,
    Loan,
    LossReport,
    SettlementOrder,
    TransferLimit,
)
from banking.models.customers import Purpose
from banking.models.ledger import Internal
from banking.models.orders import Channel, State
from banking.requests import (
    BillPayment as PayBill,
)
from banking.requests import (
    InBankTransfer,
    InterbankTransfer,
    OpenDeposit,
    OwnTransfer,
    PayInstalment,
    Redemption,
    Remittance,
    Repayment,
    Request,
)
from banking.secret import Secret
from banking.settlement_desk import checking, making, queue, suspending, suspense
from calendars.clock import bank_day
from people import approvals, staff
from people.errors import Refusal
from people.models import User
from people.roles import Role
from tests import billers, cast, clerks, database
from tests.banking.guarded import in_force
from tests.banking.together import together
from tests.billers import CABLE, GAS, POWER, WATER
from tests.cast import LONG_AGO, NOON, OUR_BANK
from tests.machines import laws
from tests.machines.crashes import killed_at
from tests.savers import published_rates, puts

T = TypeVar("T")

SINGLE, DAILY = Decimal(1_000), Decimal(2_500)  # of the telephone: often in the way
yuan = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(1_100), places=2)
speeds = st.sampled_from(["now", "ordinary", "next_day"])
people = st.integers(0, 2)
actions = st.sampled_from([Action.HOLD, Action.WARN, Action.AGENT, Action.HOLD, Action.REFUSE])
picks = st.integers(0, 9)  # one of what there is, whatever there is
CONTRACTS = (("WATER", WATER), ("POWER", POWER), ("GAS", GAS), ("CABLE", CABLE))
SMALLEST = {"time": 500, "instalment": 100, "drawing": 6_000, "notice": 60_000}
DESK = [Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER]
MAKES = ("send", "clear and send", "send", "give back", "suspend", "put back")
DEPOSITS = (("time", "3m"), ("instalment", "1y"), ("drawing", "1y"), ("notice", "7d"))

# Where a transaction may be stopped: it has written some of it, and waits to write the rest.
CRASHES: tuple[tuple[str, LiteralString], ...] = (
    ("key", "LOCK TABLE banking_journal IN SHARE MODE"),
    ("key", "LOCK TABLE banking_posting IN SHARE MODE"),
    ("key", "LOCK TABLE banking_settlementorder IN SHARE MODE"),
    ("due", "LOCK TABLE banking_posting IN SHARE MODE"),
    ("night", "LOCK TABLE banking_nighttask IN SHARE MODE"),
    ("night", "LOCK TABLE banking_depositentry IN SHARE MODE"),
    ("night", "LOCK TABLE banking_scheduleline IN SHARE MODE"),
    ("enquire", "LOCK TABLE banking_billpayment IN SHARE MODE"),
    ("out", "LOCK TABLE banking_clearingitem IN SHARE MODE"),
)


class Bank(RuleBasedStateMachine):
    """What is kept beside the bank: the hour, what was answered, what each day had spent."""

    BANKS = (cast.IN_THE_CITY, cast.IN_BEIJING, cast.UNLISTED)
    keys = Bundle("keys")
    done: ClassVar[Counter[str]] = Counter()  # over all examples: what was reached at all

    @initialize()
    def opens(self) -> None:
        database.empty()
        published_rates()
        TransferLimit.objects.create(
            channel=Channel.PHONE, valid_from=LONG_AGO, single=SINGLE, daily=DAILY
        )
        billers.all_kinds()
        self.now, self.answers = NOON, dict[UUID, str]()
        self.spent = dict[tuple[int, object], Decimal]()
        self.names, self.asked = count(1), 0
        wang, chen, liu = cast.wang(opening=400_000), cast.chen(opening=3_000), cast.old_liu()
        self.people = [wang, chen, liu]
        for person in self.people:
            number = f"75579{person.account.pk:07d}"
            person.extra.append(
                cast.customers.open_account(person.customer, number=number, on=LONG_AGO)
            )
        self.payees = [
            tuple(cast.payee_elsewhere(person, bank_code=code) for code in self.BANKS)
            for person in self.people
        ]
        clerks.desk_rule(rekey_above=300, second_above=700)
        for product, term in DEPOSITS:
            puts(wang, SMALLEST[product], product, term)
        self.loan = cast.loan(chen)  # three instalments of it are late
        roles = list(Role)
        self.he, self.fang = (
            staff.hire(number=number, name=name, branch=None, roles=roles)
            for number, name in (("2001", "何静"), ("2002", "方敏"))
        )
        self.clerks = [
            staff.hire(
                number=number,
                name=name,
                branch=None,
                roles=[Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER],
            )
            for number, name in (("3001", "徐芳"), ("3002", "胡军"), ("3003", "罗敏"))
        ]

    # -- what customers ask ----------------------------------------------------------------

    @rule(
        target=keys,
        who=people,
        to=people,
        amount=yuan,
        speed=st.sampled_from(["now", "ordinary", "next_day"]),
    )
    def transfer(self, who: int, to: int, amount: Decimal, speed: Any) -> MultipleResults[UUID]:
        payer, payee = self.people[who].account.pk, self.people[to].account.pk
        return self.ask(InBankTransfer(payer_id=payer, payee_id=payee, amount=amount, speed=speed))

    @rule(target=keys, who=people, amount=yuan, back=st.booleans())
    def own(self, who: int, amount: Decimal, back: bool) -> MultipleResults[UUID]:
        ends = [self.people[who].account.pk, self.people[who].extra[0].pk]
        payer, payee = reversed(ends) if back else ends
        return self.ask(OwnTransfer(payer_id=payer, payee_id=payee, amount=amount))

    @rule(
        target=keys,
        who=people,
        amount=yuan,
        where=st.integers(0, 2),
        speed=st.sampled_from(["now", "next_day"]),
    )
    def elsewhere(self, who: int, amount: Decimal, where: int, speed: Any) -> MultipleResults[UUID]:
        """Near by, in another city, or at a bank that a clerk must look up."""
        payer, payee = self.people[who].account.pk, self.payees[who][where].pk
        if where:
            return self.ask(Remittance(payer_id=payer, payee_id=payee, amount=amount, speed=speed))
        return self.ask(InterbankTransfer(payer_id=payer, payee_id=payee, amount=amount))

    @rule(target=keys, who=people, which=st.sampled_from(CONTRACTS), part=st.sampled_from([1, 2]))
    def bill(self, who: int, which: tuple[str, str], part: int) -> MultipleResults[UUID]:
        """All that is owed, or a part of it, whether the biller takes parts or not."""
        code, contract = which
        owed = sum(b.owed for b in BillerContract.objects.get(number=contract).bills.all())
        amount = (Decimal(owed) / part).quantize(Decimal("0.01"))
        payer = self.people[who].account.pk
        return self.ask(PayBill(payer_id=payer, biller=code, contract=contract, amount=amount))

    @rule(target=keys, who=people, which=st.sampled_from(DEPOSITS), renews=st.booleans())
    def save(self, who: int, which: tuple[Any, str], renews: bool) -> MultipleResults[UUID]:
        product, term = which
        amount = SMALLEST[product]
        return self.ask(
            OpenDeposit(
                payer_id=self.people[who].account.pk,
                amount=Decimal(amount),
                product=product,
                term=term,
                renews=renews,
            )
        )

    @rule(target=keys, pick=picks, part=st.booleans())
    def redeem(self, pick: int, part: bool) -> MultipleResults[UUID]:
        if (deposit := self.deposit(pick)) is None:
            return multiple()
        has = deposit.account.balance
        amount = max(has // 2, Decimal(1)) if part else has
        payer, payee = deposit.account_id, deposit.pays_to_id
        return self.ask(Redemption(payer_id=payer, payee_id=payee, amount=amount))

    @rule(target=keys, pick=picks, next_month=st.booleans())
    def instalment(self, pick: int, next_month: bool) -> MultipleResults[UUID]:
        """A month has one; who waits for the next may pay it."""
        if next_month:
            self.time_passes(minutes=44_640, tended=True)
        if (plan := self.deposit(pick, product="instalment")) is None:
            return multiple()
        payer, payee = plan.pays_to_id, plan.account_id
        return self.ask(PayInstalment(payer_id=payer, payee_id=payee, amount=plan.monthly))

    @rule(target=keys, what=st.sampled_from(["due", "part", "settle"]), amount=yuan)
    def repay(self, what: Any, amount: Decimal) -> MultipleResults[UUID]:
        loan, day = Loan.objects.get(pk=self.loan.pk), bank_day(self.now)
        if what == "part":
            amount = Decimal(20_000)
        if what == "settle":
            lines = schedule.lines_of(loan, day=day)
            amount = quotes.of(loan, lines, "settle", amount, day=day).amount or amount
        payer = self.people[1].account.pk
        return self.ask(Repayment(payer_id=payer, payee_id=loan.pk, amount=amount, what=what))

    @rule(pick=picks, what=st.sampled_from(["announce", "change", "cancel"]))
    def notice(self, pick: int, what: str) -> None:
        if (deposit := self.deposit(pick, product="notice")) is None:
            return
        hers = {"customer_id": deposit.account.customer_id, "at": self.now}
        if what == "cancel":
            self.may_refuse(lambda: notices.cancel(deposit.pk, **hers))
        else:
            ask = notices.announce if what == "announce" else notices.change
            self.may_refuse(lambda: ask(deposit.pk, Decimal(50_000), call_ref="", **hers))

    # -- what becomes of it ----------------------------------------------------------------

    @rule(keys=st.lists(keys, min_size=1, max_size=3))
    def execute(self, keys: list[UUID]) -> None:
        """All at once; the same key may be among them twice."""
        calls = [lambda key=key: self.attempt(key) for key in keys]
        for key, answer in zip(keys, together(*calls), strict=True):
            self.heard(key, answer)

    @rule(key=keys)
    def void(self, key: UUID) -> None:
        self.may_refuse(lambda: instructions.void(key=key, at=self.now))

    @rule(key=keys)
    def doubt(self, key: UUID) -> None:
        """The line to the core broke: 待查, until somebody enquires."""
        instructions.doubt(key=key, at=self.now)
        instructions.enquire(key=key, at=self.now)

    @rule()
    def execute_due(self) -> None:
        orders.execute_due(at=self.now)

    @rule(key=keys, release=st.booleans(), agrees=st.booleans())
    def decide(self, key: UUID, release: bool, agrees: bool) -> None:
        """Of an order under review: one asks, the other decides."""
        order = Instruction.objects.get(key=key)
        asked = self.may_refuse(
            lambda: fraud_two_eyes.ask_held(
                order, release=release, by=self.he, reason="已核实", at=self.now
            )
        )
        if asked is None:
            return
        with pytest.raises(approvals.OwnRequest):
            approvals.approve(asked.pk, by=self.he, at=self.now)
        if agrees:
            approvals.approve(asked.pk, by=self.fang, at=self.now)
        else:
            approvals.refuse(asked.pk, by=self.fang, at=self.now, note="再核实")

    @rule(action=actions, which=st.integers(0, 2))
    def fraud_rule(self, action: Action, which: int) -> None:
        """Another rule in force; with one in force already, that one ends."""
        for old in FraudRule.objects.filter(state="active", valid_until=None):
            asked = fraud_two_eyes.ask_end(old, by=self.he, reason="误报太多", at=self.now)
            approvals.approve(asked.pk, by=self.fang, at=self.now)
            return
        threshold = (Age(age=0), NewPayee(days=30), Burst(minutes=600, orders=2))[which]
        in_force(threshold, action, at=self.now, valid_from=self.now)

    @rule(who=people)
    def lose(self, who: int) -> None:
        person = self.people[who]
        report = lambda: losses.report(  # noqa: E731
            person.pan, person.id_number, channel=Channel.PHONE, call_ref="", at=self.now
        )
        self.may_refuse(report)

    @rule(which=picks, in_writing=st.booleans())
    def found_or_signed(self, which: int, in_writing: bool) -> None:
        """One of the losses in force is confirmed at the counter, or lifted by two."""
        standing = list(LossReport.objects.filter(losses.in_force(self.now)).order_by("pk"))
        if not standing:
            return
        report = standing[which % len(standing)]
        if in_writing:
            self.may_refuse(
                lambda: losses.confirm(report.pk, form_number="GS1", by=self.he, at=self.now)
            )
            return
        asked = two_eyes.ask_lift(report, by=self.he, reason="找到了", at=self.now)
        approvals.approve(asked.pk, by=self.fang, at=self.now)

    @rule(who=people)
    def phone(self, who: int) -> None:
        """Stopped in an emergency; allowed again by two."""
        person = self.people[who]
        if phone_debits.standing(person.id) is None:
            phone_debits.stop(person.id, channel=Channel.PHONE, call_ref="", at=self.now)
            return
        asked = two_eyes.ask_phone_on(person.customer, by=self.he, reason="本人", at=self.now)
        approvals.approve(asked.pk, by=self.fang, at=self.now)

    @rule(who=people, higher=st.booleans(), daily=st.decimals(1, 3_000, places=2))
    def limit(self, who: int, higher: bool, daily: Decimal) -> None:
        """Lowered by herself, raised by two at the counter."""
        person = self.people[who]
        asked: dict[str, Any] = {"single": min(daily, SINGLE), "daily": daily}
        if not higher:
            self.may_refuse(lambda: limits.lower(person.id, Channel.PHONE, at=self.now, **asked))
            return
        wish = self.may_refuse(
            lambda: two_eyes.ask_raise(
                person.customer, Channel.PHONE, by=self.he, reason="本人", at=self.now, **asked
            )
        )
        if wish:
            approvals.approve(wish.pk, by=self.fang, at=self.now)

    @rule(who=people, right=st.booleans())
    def password(self, who: int, right: bool) -> None:
        """A wrong one is never right; a right one is, unless it is locked."""
        person = self.people[who]
        pin = Secret(person.transaction_pin if right else "000000")
        try:
            pins.verify(person.card.pk, pin, Purpose.TRANSACTION, call_ref="", at=self.now)
        except PinLocked:
            return
        except PinWrong:
            assert not right
        else:
            assert right

    @rule(who=people, amount=yuan, lifts=st.booleans())
    def court(self, who: int, amount: Decimal, lifts: bool) -> None:
        """冻结 by a court's letter; the money is held beside whatever orders hold."""
        account = self.people[who].account.pk
        hold = self.may_refuse(
            lambda: holds.place(
                key=uuid4(), account_id=account, amount=amount, reason="法院", at=self.now
            )
        )
        if hold and lifts:
            holds.release(key=hold.key, at=self.now)

    # -- the settlement desk ---------------------------------------------------------------

    @rule(
        target=keys,
        who=people,
        amount=yuan,
        maker=people,
        what=st.sampled_from(MAKES),
        reads=st.booleans(),
        checks=st.lists(st.booleans(), max_size=2),
    )
    def desk(
        self, who: int, amount: Decimal, maker: int, what: str, reads: bool, checks: list[bool]
    ) -> MultipleResults[UUID]:
        """An order that a clerk must look up; she does, or not, and the others check."""
        asked = self.elsewhere(who, amount, where=2, speed="now")
        self.make(self.clerks[maker], what, reads=reads)
        for place, agrees in enumerate(checks, start=1):
            self.check(self.clerks[maker - place], agrees=agrees)
        return asked

    def make(self, maker: User, what: str, *, reads: bool) -> None:
        """The most urgent; one who doesn't read the payer's order keys it wrong."""
        order = queue.claim_next(maker, makes=True, checks=False, at=self.now)
        if order is None:
            return
        hers = {"at": self.now}
        verbs: dict[str, Callable[[], object]] = {
            "send": lambda: self.sends(order, maker, reads=reads),
            "clear": lambda: making.clear(order.pk, maker, words="两笔货款", **hers),
            "give back": lambda: making.propose_return(
                order.pk, maker, reason=SettlementOrder.Reason.NOWHERE, **hers
            ),
            "suspend": lambda: suspending.suspend(order.pk, maker, words="待查", **hers),
            "put back": lambda: queue.put_back(order.pk, maker, **hers),
        }
        for verb in what.split(" and "):
            self.may_refuse(verbs[verb])

    def sends(self, order: SettlementOrder, maker: User, *, reads: bool) -> None:
        amount = order.amount if reads else order.amount + 1
        number = Secret(making.look(order.pk, maker, address=None, at=self.now).number)
        making.make(
            order.pk,
            maker,
            bank_code=cast.IN_BEIJING,
            system=timetables.ways_to(cast.IN_BEIJING, order.amount, at=self.now)[0].system,
            postscript="",
            keyed=making.Keyed(number, amount),
            at=self.now,
        )
        self.done["made"] += 1

    def check(self, checker: User, *, agrees: bool) -> None:
        """The most urgent that she neither made nor checked already."""
        order = queue.claim_next(checker, makes=False, checks=True, at=self.now)
        if order is None:
            return
        assert checker.pk not in {order.maker_id, order.checker_id}
        if agrees:
            self.may_refuse(lambda: checking.accept(order.pk, checker, at=self.now))
            self.done[f"checked: {SettlementOrder.objects.get(pk=order.pk).state}"] += 1
        else:
            checking.send_back(order.pk, checker, words="行号不对", at=self.now)

    @rule(clerk=people)
    def own_work(self, clerk: int) -> None:
        """Who made it, or checked it first, is refused when she would check it."""
        one = self.clerks[clerk]
        waiting = SettlementOrder.objects.filter(state=SettlementOrder.State.TO_CHECK)
        for order in waiting.filter(Q(maker=one) | Q(checker=one)):
            with pytest.raises(OwnWork):
                queue.claim(order.pk, one, at=self.now)

    @rule()
    def resume(self) -> None:
        if order := suspending.suspended().first():
            words = {"words": "已查清", "at": self.now}
            self.may_refuse(lambda: suspending.resume(order.pk, self.clerks[0], **words))

    @rule(agrees=st.booleans())
    def out_of_suspense(self, agrees: bool) -> None:
        """Its owner has come, with a new account."""
        item = next(iter(suspense.items()), None)
        if item is None or item.order_id is None:
            return
        owner = SettlementOrder.objects.get(pk=item.order_id).instruction.customer
        number = f"75578{next(self.names):07d}"
        cast.customers.open_account(owner, number=number, on=bank_day(self.now))
        asked = suspense.ask_payout(
            item.journal_id, number, by=self.he, reason="本人新开账户", at=self.now
        )
        if agrees:
            approvals.approve(asked.pk, by=self.fang, at=self.now)
            self.done["paid out of suspense"] += 1
        else:
            approvals.refuse(asked.pk, by=self.fang, at=self.now, note="再核实")

    # -- others: billers, clearing, the night ----------------------------------------------

    @rule(paid=st.booleans())
    def biller_said(self, paid: bool) -> None:
        """待查: two people write down what the biller told them by telephone, and it is so."""
        payment = BillPayment.objects.filter(state=BillPayment.State.ASKED).first()
        if payment is None:
            return
        entry = BillerEntry.objects.filter(key=payment.pk).first()
        if (entry is not None and entry.accepted) != paid:
            return  # a biller does not lie
        asked = self.may_refuse(
            lambda: approvals.ask(
                bill_approvals.NAME,
                payment,
                by=self.he,
                reason="电话查询",
                at=self.now,
                details={"outcome": "paid" if paid else "rejected", "word": "电话答复"},
            )
        )
        if asked:
            approvals.approve(asked.pk, by=self.fang, at=self.now)
            self.done["a biller's word"] += 1

    @rule(which=st.sampled_from(CONTRACTS), answer=st.sampled_from(BillerContract.Answer))
    def biller_is(self, which: tuple[str, str], answer: BillerContract.Answer) -> None:
        BillerContract.objects.filter(number=which[1]).update(answer=answer)

    @rule()
    def enquire(self) -> None:
        bills.resolve_open(at=self.now)

    @rule(rejects=st.booleans())
    def biller_files(self, rejects: bool) -> None:
        """Yesterday's payments out; the answer comes twice."""
        for biller, day in bill_files.due(at=self.now):
            file = bill_files.write(biller, day, at=self.now)
            assert file is not None
            sent = list(BillPayment.objects.filter(file=file).order_by("journal_id"))
            back, kept = (sent[:1], sent[1:]) if rejects else ([], sent)
            sums = [sum((p.amount for p in part), Decimal(0)) for part in (kept, back)]
            lines = [f"H|{biller.code}|{day:%Y%m%d}"]
            lines += [f"R|{payment.pk}|{payment.amount:.2f}|户号错误" for payment in back]
            lines += [f"T|{len(kept)}|{sums[0]:.2f}|{len(back)}|{sums[1]:.2f}"]
            for _twice in range(2):
                reply = bill_files.take_in("\n".join(lines), at=self.now)
                bill_files.carry_through(reply, at=self.now)

    @rule()
    def clearing_out(self) -> None:
        files_out(at=self.now)

    @rule(returned=st.lists(st.booleans(), min_size=1, max_size=5))
    def clearing_in(self, returned: list[bool]) -> None:
        """Results for what was sent, or was paid already; the file comes twice."""
        found = SettlementOrder.objects.filter(state__in=["sent", "succeeded"])
        back = found.select_related("instruction").order_by("id")
        items = [
            Result(
                line,
                order.instruction.receipt,
                order.amount,
                *(("RETURNED", "RJ02") if gone else ("PAID", "")),
            )
            for line, (order, gone) in enumerate(zip(back, returned, strict=False), start=1)
        ]
        if items:
            name = f"results-{next(self.names)}.csv"
            header = Header("RESULTS", name, OUR_BANK, "large_value", "20261124", self.now)
            content = clearing_files.write(header, items)
            for _twice in range(2):
                take_in(name, content, at=self.now)

    @rule()
    def silence_is_payment(self) -> None:
        deem_paid(at=self.now)

    @rule(amount=yuan)
    def leaves(self, amount: Decimal) -> None:
        """Somebody sends money elsewhere, draws the rest, and her account is closed."""
        guest = cast.person("孙立", opening=amount + 5, at=self.now)
        payee = cast.payee_elsewhere(guest, bank_code=cast.IN_BEIJING)
        request = Remittance(payer_id=guest.account.pk, payee_id=payee.pk, amount=amount)
        for key in self.ask(request).values:
            self.heard(key, self.attempt(key))
        (funds,) = in_transaction(lambda: ledger.lock(guest.account.pk))
        if funds.held:
            return
        if funds.balance:
            legs = [Leg(funds.id, -funds.balance)]
            cash = Leg(ledger.internal(Internal.CASH), funds.balance)
            in_transaction(lambda: ledger.post(Journal.Kind.WITHDRAWAL, [*legs, cash], at=self.now))
        Account.objects.filter(pk=funds.id).update(status=Account.Status.CLOSED)

    @rule(minutes=st.sampled_from([5, 150, 900, 1_440, 10_080, 44_640]), tended=st.booleans())
    def time_passes(self, minutes: int, tended: bool) -> None:
        """A bank that is tended closes its days; one that is not has more to do later."""
        self.now += timedelta(minutes=minutes)
        if tended:
            self.night()

    @rule()
    def night(self) -> None:
        """Every day that is over is closed; closed again, nothing is paid again."""
        closing.close_due(at=self.now)
        before = Journal.objects.count()
        closing.close(bank_day(self.now) - timedelta(days=1), at=self.now)
        assert Journal.objects.count() == before

    @rule(
        target=keys,
        crash=st.sampled_from(CRASHES),
        who=people,
        amount=yuan,
    )
    def crash(
        self, crash: tuple[str, LiteralString], who: int, amount: Decimal
    ) -> MultipleResults[UUID]:
        """The connection is killed in mid-transaction; whatever it was, it can be done again."""
        what, where = crash
        made = self.elsewhere_now(who, amount) if what == "key" else multiple()
        steps: dict[str, Callable[[], object]] = {
            "key": lambda: [self.attempt(key) for key in made.values],
            "due": lambda: orders.execute_due(at=self.now),
            "night": lambda: closing.close_due(at=self.now),
            "enquire": lambda: bills.resolve_open(at=self.now),
            "out": lambda: files_out(at=self.now),
        }
        self.done["killed"] += killed_at(where, steps[what])
        for key in made.values:
            self.heard(key, self.attempt(key))
        return made

    # -- how it is done --------------------------------------------------------------------

    def elsewhere_now(self, who: int, amount: Decimal) -> MultipleResults[UUID]:
        payer, payee = self.people[who].account.pk, self.payees[who][1].pk
        request = Remittance(payer_id=payer, payee_id=payee, amount=amount)
        return self.ask(request, stays=False)

    def ask(self, request: Request, *, stays: bool = True) -> MultipleResults[UUID]:
        """Read back and confirmed, if the bank would take it; carried out if she stays to hear."""
        key = uuid4()
        order = self.may_refuse(
            lambda: orders.draft(key=key, request=request, channel=Channel.PHONE, at=self.now)
        )
        if order is None:
            return multiple()
        instructions.confirm(key=key, at=self.now)
        self.asked += 1
        if stays and self.asked % 3:  # of others the line breaks, and their orders are left lying
            self.heard(key, self.attempt(key))
        return multiple(key)

    def attempt(self, key: UUID) -> str:
        """The receipt, or the name of what it was refused with."""
        try:
            return orders.execute(key=key, at=self.now).receipt
        except BankingError as refusal:
            return type(refusal).__name__

    def heard(self, key: UUID, answer: object) -> None:
        """A receipt stays the receipt; a recorded refusal stays the refusal."""
        if isinstance(answer, Exception):
            raise answer
        order = Instruction.objects.get(key=key)
        self.done[f"{order.kind} {order.state}"] += 1
        if order.state in {State.EXECUTED, State.REFUSED}:
            settled = order.receipt if order.state == State.EXECUTED else order.refusal
            assert self.answers.setdefault(key, settled) == settled
            assert self.attempt(key) == settled

    def may_refuse(self, service: Callable[[], Any]) -> Any:
        """What the service returned; None if it refused, as it may."""
        try:
            return service()
        except Refusal as refusal:
            self.done[type(refusal).__name__] += 1
            return None

    def deposit(self, pick: int, **of: str) -> Deposit | None:
        found = Deposit.objects.filter(closed_on=None, **of).select_related("account")
        open_ones = list(found.order_by("id"))
        return open_ones[pick % len(open_ones)] if open_ones else None

    # -- what must hold --------------------------------------------------------------------

    @invariant()
    def the_laws_hold(self) -> None:
        assert laws.broken() == {}

    @invariant()
    def nobody_passes_a_limit(self) -> None:
        """Wherever more has left on a day than a step ago, it is within that day's limit."""
        with connection.cursor() as cursor:
            cursor.execute(laws.SPENT)
            rows = cursor.fetchall()
        for customer, day, total, daily in rows:
            if total > self.spent.get((customer, day), Decimal(0)):
                assert total <= daily, f"{total} of {daily} on {day}"
            self.spent[customer, day] = total

    @invariant()
    def what_was_answered_stands(self) -> None:
        for order in Instruction.objects.filter(key__in=self.answers):
            settled = order.receipt if order.state == State.EXECUTED else order.refusal
            assert self.answers[order.key] == settled


def in_transaction(work: Callable[[], T]) -> T:
    with transaction.atomic(durable=True):
        return work()


def play(machine: type[Bank], examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_the_bank_holds_its_laws():
    play(Bank, examples=12)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: f"{crash[0]}, {crash[1].split()[2]}")
def test_it_is_killed_where_the_machine_would_kill_it(crash):
    """Else a machine that never kills would pass as well."""
    bank = Bank()
    bank.opens()
    Bank.done.clear()
    bank.biller_is(CONTRACTS[0], BillerContract.Answer.SILENT)
    bank.bill(0, CONTRACTS[0], 1)  # left for an enquiry
    bank.transfer(0, 1, Decimal(10), "next_day")
    bank.own(0, Decimal(10), False)  # each third is left lying
    bank.elsewhere(0, Decimal(10), 1, "now")  # to go out
    bank.time_passes(44_640, tended=False)
    bank.crash(crash, 0, Decimal(10))
    assert Bank.done["killed"] == 1
    assert laws.broken() == {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_bank_holds_its_laws_for_long():
    """Long enough that every kind of order was executed, held, and refused by somebody."""
    Bank.done.clear()
    play(Bank, examples=150)
    assert {f"{kind} executed" for kind in operations.kinds()} <= set(Bank.done)
    assert any(reached.endswith(" held") for reached in Bank.done)
    assert Bank.done["made"]
    assert any(reached.startswith("checked: ") for reached in Bank.done)
