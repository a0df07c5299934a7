"""A draft on the telephone by a token, and what every caller hears before the greeting."""

from datetime import timedelta

import pytest

from calendars import clock, hours
from people import staff
from people.roles import Role
from telephony import announcements, drafting, menus, trials
from telephony.models import Announcement, Call, Number, TrialToken
from telephony.worker.driver import Driver
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


def lina():
    return staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])


def a_draft():
    """What callers hear, with the first two entries of the main menu gone; and its token."""
    owner, at = lina(), clock.now()
    by = {"by": owner, "at": at}
    draft = menus.copy(menus.published(Number.objects.first().menu).pk, **by)
    drafting.remove(draft.pk, node="root", digit="2", **by)
    drafting.move(draft.pk, node="root", digit="5", to_node="root", to_digit="2", **by)
    return draft, trials.issue(draft.pk, **by)


def announce(**changes):
    at = clock.now()
    wanted = {"number": None, "until": at + timedelta(hours=1), "by": lina(), "at": at, **changes}
    return announcements.switch_on("announcement.slow", **wanted)


async def test_a_token_leads_to_the_draft_once_and_as_a_test_customer(dial, bank):
    draft, token = await bank.query(a_draft)
    real = await bank.query(cast.person, "真客户", is_test=False)
    phone = await dial(f"961202*{token.code}")
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    await phone.keys("1")
    await phone.hears("identify.card")
    await phone.keys(real.pan.reveal() + "#")
    await phone.hears("identify.not_test")
    await phone.hangs_up()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    await bank.query(token.refresh_from_db)
    assert (call.menu_id, call.is_test, token.call_id) == (draft.pk, True, call.pk)

    again = await dial(f"961202*{token.code}")
    await again.hears("nobody.drives", within_s=30)


async def test_an_edit_is_heard_in_the_next_trial(dial, bank, monkeypatch):
    """No draft is kept in a worker's memory."""
    draft, token = await bank.query(a_draft)
    phone = await dial(f"961202*{token.code}")
    await phone.hears("menu.language.1")
    await phone.hangs_up()
    await bank.settled()
    assert bank.worker.driver
    assert isinstance(bank.worker.driver, Driver)
    assert draft.pk not in bank.worker.driver._trees


def test_a_token_that_is_old_or_used_or_guessed_leads_nowhere(bank_menu):
    _draft, token = a_draft()
    trials.check(token.code, at=clock.now())
    late = clock.now() + trials.GOOD_FOR
    for code, at in ((token.code, late), ("00000000", clock.now()), ("", clock.now())):
        with pytest.raises(trials.TokenInvalid):
            trials.check(code, at=at)


def test_what_is_published_has_no_token(bank_menu):
    with pytest.raises(menus.MenuFixed):
        trials.issue(bank_menu.pk, by=lina(), at=clock.now())
    assert not TrialToken.objects.exists()


@pytest.fixture
def bank_menu(db):
    from routing import shipped as routing_shipped
    from telephony import shipped

    routing_shipped.install(at=clock.now())
    return shipped.install(at=clock.now())


# -- announcements -----------------------------------------------------------------------------


async def test_an_announcement_is_heard_before_the_greeting_until_it_ends(dial, bank):
    on = await bank.query(announce)
    phone = await dial()
    await phone.hears_next("announcement.slow")
    await phone.hears_next("welcome.961202")
    await phone.hangs_up()
    await bank.query(announcements.switch_off, on.pk, by=on.on_by, at=clock.now())
    again = await dial()
    await again.hears_next("welcome.961202")


async def test_an_announcement_is_of_its_number_alone(dial, bank):
    def of_the_other():
        announce(number=Number.objects.get(number="25198888"))

    await bank.query(of_the_other)
    phone = await dial("961202")
    await phone.hears_next("welcome.961202")
    await phone.hangs_up()
    other = await dial("25198888")
    await other.hears_next("announcement.slow")
    await other.hears_next("welcome.25198888")


def test_one_announcement_takes_the_place_of_the_other(bank_menu):
    first = announce()
    at = clock.now()
    announcements.switch_on(
        "announcement.fraud", number=None, until=at + timedelta(hours=1), by=first.on_by, at=at
    )
    assert [row.prompt for row in announcements.on(clock.now())] == ["announcement.fraud"]
    with pytest.raises(announcements.NotOn):
        announcements.switch_off(first.pk, by=first.on_by, at=at)


def test_what_has_no_words_or_no_time_is_not_announced(bank_menu):
    owner, at = lina(), clock.now()
    with pytest.raises(announcements.NoSuchAnnouncement):
        announcements.switch_on("menu.hint", number=None, until=at, by=owner, at=at)
    with pytest.raises(announcements.EndsBefore):
        announcements.switch_on("announcement.slow", number=None, until=at, by=owner, at=at)
    assert not Announcement.objects.exists()


async def test_outside_the_hours_of_a_number_its_services_go_on_and_nobody_is_rung(dial, bank):
    def closed() -> None:
        hours.set_weekly("never", "从不", {})
        Number.objects.filter(number="961202").update(hours="never")

    await bank.query(closed)
    phone = await dial()
    await phone.hears_next("welcome.closed")
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    await phone.keys("0")
    await phone.hears("agent.closed")
