"""The settlement desk: claimed by one, made by one, checked by another, whatever comes between."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from banking import clearing_batches, clearing_folder, ledger, tasks
from banking.errors import (
    BankCodeInvalid,
    KeyedOtherwise,
    NoReasonGiven,
    NothingSuspended,
    NotInHand,
    OwnWork,
    RepeatsAnother,
    RouteClosed,
    TakenAlready,
)
from banking.models import Account, DeskStep, Journal, OutboxMessage, SettlementOrder
from banking.models.customers import Vip
from banking.models.ledger import Internal
from banking.secret import Secret
from banking.settlement_desk import checking, duplicates, making, queue, shift, suspending, suspense
from banking.settlement_desk.making import Keyed
from calendars import clock
from people import approvals, staff
from people.models import AccessLog
from people.roles import Role
from tests import cast, clearing_house, clerks
from tests.banking.test_interbank import balance, done, remittance
from tests.banking.together import Meeting, together
from tests.cast import IN_BEIJING, NOON, UNLISTED, Person
from tests.clerks import check, checker, make, maker, order_for_hands

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
State, What = SettlementOrder.State, DeskStep.What


@pytest.fixture(autouse=True)
def _rule(transactional_db) -> None:
    clerks.desk_rule()


@pytest.fixture
def wang() -> Person:
    return cast.wang(opening=300_000)


@pytest.fixture
def order(wang) -> SettlementOrder:
    """1,500 yuan; the bank's code is not in the directory."""
    return order_for_hands(wang)


def steps(order: SettlementOrder) -> list[str]:
    return list(order.steps.values_list("what", flat=True))


def next_for(clerk, *, at=NOON, makes=True, checks=False) -> SettlementOrder | None:
    return queue.claim_next(clerk, makes=makes, checks=checks, at=at)


def both_ask() -> list[object]:
    """Two clerks press the key at the same moment."""
    xu, ma = maker(), maker("马超")
    return together(lambda: next_for(xu), lambda: next_for(ma))


# -- claimed ---------------------------------------------------------------------------------------


def test_the_next_one_is_in_her_hand_for_five_minutes(order):
    xu = maker()
    got = next_for(xu)
    assert (got, got.state, got.claimed_by) == (order, State.IN_HAND, xu)
    assert got.lease_until == NOON + 5 * MINUTE
    assert queue.hers(xu, at=NOON) == order
    assert next_for(maker("马超")) is None
    assert steps(order) == ["claimed"]


def test_two_clerks_at_once_get_two_orders(wang, order):
    other = order_for_hands(wang, 1600)
    found = both_ask()
    assert {one.pk for one in found} == {order.pk, other.pk}


def test_two_clerks_on_one_order(order):
    outcomes = both_ask()
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "SettlementOrder"]
    assert steps(order) == ["claimed"]


def test_control_without_the_lock_both_get_it(order, monkeypatch):
    meeting, original = Meeting(patience_s=30), queue._claim

    def both_read(*args, **kwargs):
        meeting.wait()
        return original(*args, **kwargs)

    monkeypatch.setattr(queue, "_claim", both_read)
    monkeypatch.setattr(
        "django.db.models.query.QuerySet.select_for_update", lambda rows, **how: rows
    )
    outcomes = both_ask()
    assert meeting.met
    assert [type(one).__name__ for one in outcomes] == ["SettlementOrder"] * 2


def test_the_order_of_work(wang):
    private = cast.person("林立新", vip=Vip.PRIVATE, opening=100_000)
    late = NOON + timedelta(hours=8)  # another session
    large, vip, plain = (
        order_for_hands(wang, 25_000),
        order_for_hands(private, 700),
        order_for_hands(wang, 800),
    )
    later = order_for_hands(private, 900, at=late)
    SettlementOrder.objects.filter(pk=later.pk).update(cut_off_at=late + timedelta(hours=9))
    xu = maker()
    got = [next_for(xu, at=NOON).pk for _ in range(4)]
    assert got == [large.pk, vip.pk, plain.pk, later.pk]


def test_a_lease_that_lapses_gives_the_order_to_another(order):
    xu, ma = maker(), maker("马超")
    next_for(xu)
    in_time, over = NOON + 5 * MINUTE - timedelta(seconds=1), NOON + 5 * MINUTE
    assert next_for(ma, at=in_time) is None
    assert queue.sweep(at=in_time) == 0
    assert next_for(ma, at=over) == order
    assert steps(order) == ["claimed", "lapsed", "claimed"]
    lapsed = order.steps.get(what=What.LAPSED)
    assert (lapsed.by, lapsed.began_at) == (xu, NOON)
    with pytest.raises(NotInHand):
        making.propose_return(order.pk, xu, reason=SettlementOrder.Reason.WITHDRAWN, at=over)


def test_what_was_swept_waits_again(order):
    next_for(maker())
    assert queue.sweep(at=NOON + 6 * MINUTE) == 1
    order.refresh_from_db()
    assert (order.state, order.claimed_by, order.lease_until) == (State.TO_CLAIM, None, None)
    assert queue.sweep(at=NOON + 6 * MINUTE) == 0


def test_the_clock_sweeps_the_desk(order, monkeypatch):
    next_for(maker())
    monkeypatch.setattr(clock, "_real", lambda: NOON + 6 * MINUTE)
    assert tasks.tend_settlement_desk() == "1 leases lapsed, 0 nonces forgotten"


def test_put_back_and_taken_by_hand(order):
    xu, ma = maker(), maker("马超")
    queue.claim(order.pk, xu, at=NOON)
    assert queue.claim(order.pk, xu, at=NOON + MINUTE).lease_until == NOON + 5 * MINUTE  # once
    with pytest.raises(TakenAlready):
        queue.claim(order.pk, ma, at=NOON)
    with pytest.raises(NotInHand):
        queue.put_back(order.pk, ma, at=NOON)
    queue.put_back(order.pk, xu, at=NOON + MINUTE)
    assert queue.claim(order.pk, ma, at=NOON + MINUTE).claimed_by == ma


# -- made and checked ------------------------------------------------------------------------------


def test_from_the_queue_to_the_clearing_file(wang, order):
    xu, hu = maker(), checker()
    made = make(order, xu, at=NOON + MINUTE, postscript="货款")
    assert (made.state, made.bank_code, made.maker) == (State.TO_CHECK, IN_BEIJING, xu)
    assert made.claimed_by is None
    assert next_for(hu, checks=True, makes=False, at=NOON + 2 * MINUTE) == order
    accepted = checking.accept(order.pk, hu, at=NOON + 3 * MINUTE)
    assert (accepted.state, accepted.checker, accepted.needs_second) == (State.DEBITED, hu, False)
    (file,) = clearing_batches.files_out(at=NOON + 3 * MINUTE)
    _header, (item,) = clearing_house.payments(clearing_folder.content(file))
    assert (item.bank_code, item.remark, item.amount) == (IN_BEIJING, "货款", 1500)
    assert steps(order) == ["claimed", "made", "claimed", "checked"]
    assert balance(wang) == 300_000 - 1505


def test_what_the_maker_must_have_right(order):
    xu = maker()
    for wrong in (UNLISTED, cast.OUR_BANK, "308584000012", ""):
        with pytest.raises(BankCodeInvalid):
            make(order, xu, bank_code=wrong)
    for closed in ("city_exchange", "carrier_pigeon"):  # Beijing is not in our exchange
        with pytest.raises(RouteClosed):
            make(order, xu, system=closed)
    order.refresh_from_db()
    assert (order.state, order.maker) == (State.IN_HAND, None)


def test_nobody_makes_what_is_not_in_her_hand(order):
    with pytest.raises(NotInHand):
        making.make(
            order.pk, maker(), bank_code=IN_BEIJING, system="large_value", postscript="", at=NOON
        )


def test_who_made_it_is_neither_offered_nor_lets_it_pass(order):
    both = staff.hire(
        number="B1",
        name="一人",
        branch=None,
        roles=[Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER],
    )
    make(order, both)
    assert next_for(both, checks=True) is None
    with pytest.raises(OwnWork):
        queue.claim(order.pk, both, at=NOON)
    SettlementOrder.objects.filter(pk=order.pk).update(
        claimed_by=both, claimed_at=NOON, lease_until=NOON + MINUTE
    )
    with pytest.raises(OwnWork):
        checking.accept(order.pk, both, at=NOON)


def test_postgresql_refuses_a_maker_who_checks(order, monkeypatch):
    xu = maker()
    make(order, xu)
    with pytest.raises(IntegrityError, match="checker_is_another"), transaction.atomic():
        SettlementOrder.objects.filter(pk=order.pk).update(checker=xu)


def test_control_without_the_constraint_she_could(order, owner):
    xu = maker()
    make(order, xu)
    without_constraint(
        owner,
        "checker_is_another",
        lambda: SettlementOrder.objects.filter(pk=order.pk).update(checker=xu),
    )
    order.refresh_from_db()
    assert order.checker == order.maker
    SettlementOrder.objects.filter(pk=order.pk).update(checker=None)


def without_constraint(owner, name: str, act) -> None:
    """Do it while the table lacks a constraint, and put that back as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        )
        (definition,) = cursor.fetchone()
    owner.execute(f"ALTER TABLE banking_settlementorder DROP CONSTRAINT {name}")
    try:
        act()
    finally:
        owner.execute(
            f"ALTER TABLE banking_settlementorder ADD CONSTRAINT {name} {definition} NOT VALID"
        )


def test_what_needs_hands_does_not_leave_without_them(order):
    make(order, maker())
    with pytest.raises(IntegrityError, match="checked_before_it_leaves"), transaction.atomic():
        SettlementOrder.objects.filter(pk=order.pk).update(state=State.DEBITED)


def test_above_the_threshold_two_check(wang):
    order, xu, hu, gao = order_for_hands(wang, "40000.01"), maker(), checker(), checker("高洁")
    make(order, xu)
    first = check(order, hu)
    assert (first.state, first.checker, first.second_checker) == (State.TO_CHECK, hu, None)
    with pytest.raises(OwnWork):
        queue.claim(order.pk, hu, at=NOON)
    with pytest.raises(IntegrityError, match="checked_before_it_leaves"), transaction.atomic():
        SettlementOrder.objects.filter(pk=order.pk).update(state=State.DEBITED)
    for same in (xu, hu):
        with pytest.raises(IntegrityError, match="second_checker"), transaction.atomic():
            SettlementOrder.objects.filter(pk=order.pk).update(second_checker=same)
    second = check(order, gao)
    assert (second.state, second.second_checker) == (State.DEBITED, gao)
    assert steps(order)[-3:] == ["claimed", "saw", "seconded"]


def test_at_the_threshold_one_is_enough(wang):
    order = order_for_hands(wang, 40_000)
    make(order, maker())
    assert check(order, checker()).state == State.DEBITED


def test_sent_back_to_its_maker_and_checked_anew(wang):
    order, xu, hu, gao = order_for_hands(wang, 45_000), maker(), checker(), checker("高洁")
    make(order, xu)
    check(order, hu)
    queue.claim(order.pk, gao, at=NOON)
    with pytest.raises(NoReasonGiven):
        checking.send_back(order.pk, gao, words=" ", at=NOON)
    back = checking.send_back(order.pk, gao, words="行号应为分行", at=NOON + MINUTE)
    assert (back.state, back.claimed_by, back.checker) == (State.IN_HAND, xu, None)
    assert queue.hers(xu, at=NOON + MINUTE) == order
    make(order, xu, at=NOON + MINUTE)
    check(order, gao, at=NOON + MINUTE)  # the one who sent it back may check it first
    assert check(order, hu, at=NOON + MINUTE).state == State.DEBITED


def test_two_checkers_accept_it_once(order):
    make(order, maker())
    hu, gao = checker(), checker("高洁")
    queue.claim(order.pk, hu, at=NOON)
    outcomes = together(
        *[lambda who=who: checking.accept(order.pk, who, at=NOON) for who in (hu, gao, hu)]
    )
    names = sorted(type(one).__name__ for one in outcomes)
    assert names == ["NotInHand", "NotInHand", "SettlementOrder"]


def test_approved_after_its_cut_off_it_goes_with_the_next_session(wang):
    payee = cast.payee_elsewhere(wang, number="62220200")  # in the city, at a bank that we know
    order = done(remittance_in_the_city(wang, payee))
    order = SettlementOrder.objects.get(instruction=order)
    assert order.session == "20261124-2"
    make(order, maker(), bank_code=cast.IN_THE_CITY, system="city_exchange")
    late = NOON.replace(hour=15)
    accepted = check(order, checker(), at=late)
    assert accepted.session == "20261125-1"
    assert clearing_batches.files_out(at=late) == []


def remittance_in_the_city(wang, payee):
    from tests.banking.test_interbank import interbank

    return interbank(wang, payee, 35_000)


def test_the_way_that_the_maker_chose_is_kept(order):
    evening = NOON.replace(hour=17, minute=14)
    make(order, maker(), system="large_value", at=evening)
    accepted = check(order, checker(), at=NOON.replace(hour=17, minute=16))
    assert (accepted.system, accepted.session) == ("large_value", "20261125")


# -- keyed again -----------------------------------------------------------------------------------


def test_above_the_threshold_she_keys_account_and_amount_again(wang):
    order, xu = order_for_hands(wang, "20000.01"), maker()
    number = Secret("6225880100046789")
    for wrong in (
        None,
        Keyed(Secret("6225880100046788"), order.amount),
        Keyed(number, Decimal("20000.10")),
        Keyed(number, None),
    ):
        with pytest.raises(KeyedOtherwise) as refused:
            make(order, xu, keyed=wrong)
        assert "6789" not in str(refused.value)
        assert "20,000" not in str(refused.value)
    order.refresh_from_db()
    assert (order.state, order.mismatches) == (State.IN_HAND, 4)
    assert steps(order) == ["claimed", *["miskeyed"] * 4]
    assert make(order, xu, keyed=Keyed(number, order.amount)).state == State.TO_CHECK


def test_at_the_threshold_nothing_is_keyed_again(wang):
    order = order_for_hands(wang, 20_000)
    assert make(order, maker(), keyed=None).state == State.TO_CHECK


def test_the_original_is_shown_to_who_has_it_and_on_record(wang, order):
    xu = maker()
    with pytest.raises(NotInHand):
        making.look(order.pk, xu, address=None, at=NOON)
    queue.claim(order.pk, xu, at=NOON)
    seen = making.look(order.pk, xu, address="10.0.0.7", at=NOON)
    assert (seen.number, seen.name, seen.amount) == ("6225880100046789", "赵云鹏", 1500)
    log = AccessLog.objects.get()
    assert (log.user, log.what, log.subject) == (xu, "reveal", f"banking.customer:{wang.id}")
    assert steps(order) == ["claimed", "looked"]


def test_what_went_wrong_today_is_in_the_register(wang):
    order, xu, hu = order_for_hands(wang, 25_000), maker(), checker()
    with pytest.raises(KeyedOtherwise):
        make(order, xu, keyed=None)
    make(order, xu)
    queue.claim(order.pk, hu, at=NOON)
    checking.send_back(order.pk, hu, words="附言有误", at=NOON)
    listed = shift.handover(at=NOON + MINUTE).errors
    assert [(one.what, one.by, one.words) for one in listed] == [
        ("miskeyed", xu, ""),
        ("sent_back", hu, "附言有误"),
    ]
    assert not shift.handover(at=NOON + timedelta(days=1)).errors.exists()


# -- duplicates ------------------------------------------------------------------------------------


def test_a_repetition_is_named_and_must_be_cleared(wang, order):
    again, xu = order_for_hands(wang), maker()
    assert duplicates.of([order, again]) == {order.pk: [again], again.pk: [order]}
    with pytest.raises(RepeatsAnother):
        make(again, xu)
    with pytest.raises(NoReasonGiven):
        making.clear(again.pk, xu, words="", at=NOON)
    making.clear(again.pk, xu, words="客户确认两笔货款", at=NOON)
    assert make(again, xu).cleared_by == xu


@pytest.mark.parametrize("what", ["amount", "payee", "payer", "day", "returned"])
def test_what_is_no_repetition(wang, order, what):
    other = {
        "amount": lambda: order_for_hands(wang, "1500.01"),
        "payee": lambda: order_for_hands(
            wang, payee=cast.payee_elsewhere(wang, bank_code=UNLISTED, number="62220299")
        ),
        "payer": lambda: order_for_hands(cast.chen(opening=9000)),
        "day": lambda: order_for_hands(wang, at=NOON + timedelta(days=1)),
        "returned": lambda: given_back(order_for_hands(wang)),
    }[what]()
    assert duplicates.of([order])[order.pk] == []
    if what != "returned":
        assert duplicates.of([other])[other.pk] == []


def test_a_repetition_is_found_across_a_new_key(wang, order, settings):
    settings.PAN_KEY = f"{settings.PAN_KEY},another"
    zhao = cast.payee_elsewhere(wang, bank_code=cast.IN_BEIJING)  # the same account, sealed anew
    again = SettlementOrder.objects.get(instruction=done(remittance(wang, zhao)))
    assert again.payee_key_version != order.payee_key_version
    assert duplicates.of([again])[again.pk] == [order]


# -- given back, suspended -------------------------------------------------------------------------


def given_back(order: SettlementOrder) -> SettlementOrder:
    xu = maker()
    queue.claim(order.pk, xu, at=NOON)
    making.propose_return(order.pk, xu, reason=SettlementOrder.Reason.WITHDRAWN, at=NOON)
    return check(order, checker())


def test_given_back_by_two_with_its_fee(wang, order):
    returned = given_back(order)
    assert (returned.state, returned.reason) == (State.RETURNED, "DS02")
    assert balance(wang) == 300_000
    assert ledger.internal_balance(Internal.CLEARING) == 0
    assert {journal.kind for journal in Journal.objects.filter(part_of__isnull=False)} == {
        "fee",
        "returned",
        "reversal",
    }
    assert steps(order)[-2:] == ["checked", "returned"]


def test_the_desk_gives_no_other_banks_reason(order):
    xu = maker()
    queue.claim(order.pk, xu, at=NOON)
    with pytest.raises(ValueError, match="RJ01"):
        making.propose_return(order.pk, xu, reason=SettlementOrder.Reason.NAME, at=NOON)


def test_suspended_and_taken_up_again(order):
    xu, hu = maker(), checker()
    make(order, xu)
    queue.claim(order.pk, hu, at=NOON)
    held = suspending.suspend(order.pk, hu, words="待客户确认户名", at=NOON + MINUTE)
    assert (held.state, held.suspended_for) == (State.SUSPENDED, "待客户确认户名")
    assert list(suspending.suspended()) == [order]
    with pytest.raises(TakenAlready):
        queue.claim(order.pk, xu, at=NOON + MINUTE)
    resumed = suspending.resume(order.pk, xu, words="户名无误", at=NOON + 2 * MINUTE)
    assert (resumed.state, resumed.suspended_at) == (State.TO_CLAIM, None)
    with pytest.raises(NothingSuspended):
        suspending.resume(order.pk, xu, words="再来", at=NOON)
    make(order, xu, at=NOON + 2 * MINUTE)
    assert check(order, hu, at=NOON + 2 * MINUTE).state == State.DEBITED


def close(person: Person) -> None:
    """Her account is emptied and closed."""
    cash, left = ledger.internal(Internal.CASH), balance(person)
    with transaction.atomic():
        legs = [ledger.Leg(person.account.pk, -left), ledger.Leg(cash, left)]
        ledger.post(Journal.Kind.WITHDRAWAL, legs, at=NOON)
    Account.objects.filter(pk=person.account.pk).update(status="closed")


def test_what_finds_its_account_closed_is_paid_out_by_two(wang, order):
    from banking import customers

    close(wang)
    assert given_back(order).state == State.SUSPENDED
    assert sorted(item.amount for item in suspense.items()) == [5, 1500]
    assert {item.order_id for item in suspense.items()} == {order.pk}
    with pytest.raises(NothingSuspended):
        suspending.resume(order.pk, maker(), words="钱已退", at=NOON)
    other = customers.open_account(wang.customer, number="7557000000000199", on=cast.LONG_AGO)
    xu, hu = maker(), checker()
    for item in suspense.items():
        asked = suspense.ask_payout(
            item.journal_id, other.number, by=xu, reason="客户另开账户", at=NOON
        )
        with pytest.raises(approvals.NotYours):
            approvals.approve(asked.pk, by=xu, at=NOON)
        approvals.approve(asked.pk, by=hu, at=NOON)
    other.refresh_from_db()
    order.refresh_from_db()
    assert (other.balance, order.state) == (1505, State.RETURNED)
    assert (suspense.items(), ledger.internal_balance(Internal.SUSPENSE)) == ([], 0)
    assert other.tail in OutboxMessage.objects.get(template="order.given_back").text


def test_nobody_elses_account_is_paid_from_suspense(wang, order):
    from banking.errors import AccountClosed

    close(wang)
    given_back(order)
    item, xu = suspense.items()[0], maker()
    for number in (cast.chen().account.number, wang.account.number, "0"):
        with pytest.raises(AccountClosed):
            suspense.ask_payout(item.journal_id, number, by=xu, reason="转出", at=NOON)
    with pytest.raises(NothingSuspended):
        suspense.ask_payout(0, wang.account.number, by=xu, reason="转出", at=NOON)


# -- how long, and what is handed over -------------------------------------------------------------


def test_how_many_today_and_how_long_each(wang):
    xu = maker()
    for amount, seconds in ((100, 20), (200, 40), (300, 90)):
        order = order_for_hands(wang, amount)
        queue.claim(order.pk, xu, at=NOON)
        make(order, xu, at=NOON + timedelta(seconds=seconds))
    pace = shift.pace(xu, at=NOON + timedelta(hours=1))
    assert (pace.count, pace.median_s) == (3, 40)
    assert shift.pace(xu, at=NOON + timedelta(days=1)).count == 0
    assert shift.pace(checker(), at=NOON).median_s is None


def test_the_list_that_the_next_shift_gets(wang):
    xu, hu = maker(), checker()
    waiting, held, checked, suspended, back = (
        order_for_hands(wang, n) for n in (10, 20, 30, 40, 50)
    )
    make(checked, xu)
    given_back(back)
    queue.claim(suspended.pk, xu, at=NOON)
    suspending.suspend(suspended.pk, xu, words="查户名", at=NOON)
    queue.claim(held.pk, xu, at=NOON)
    listed = shift.handover(at=NOON + 2 * MINUTE)
    assert list(listed.in_hand) == [held]
    assert list(listed.to_check) == [checked]
    assert list(listed.suspended) == [suspended]
    assert list(listed.returned) == [back]
    assert list(listed.waiting) == [waiting]
    assert hu.pk not in {order.maker_id for order in listed.to_check}
