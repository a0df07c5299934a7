"""The settlement desk's page: what a maker and a checker see, press, and are refused."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from banking.models import DeskRule, SettlementOrder
from banking.settlement_desk import queue, suspense
from calendars import clock
from people.models import AccessLog, Approval
from tests import cast
from tests.banking.test_settlement_desk import close, given_back
from tests.cast import IN_BEIJING, NOON
from tests.clerks import check, checker, make, maker, order_for_hands

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

DESK = "/settlement/"
State = SettlementOrder.State


def as_(user, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.user = user
    return client


def text(response, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:400]
    bare = re.sub(r"<(head|script|dialog).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


def press(client: Client, order: SettlementOrder, verb: str, **values: object):
    return client.post(reverse("settlement:do", args=[order.pk, verb]), values, follow=True)


def of_beijing(**changes: object) -> dict[str, object]:
    return {"q": "北京", "bank_code": IN_BEIJING, "system": "large_value", **changes}


# -- what stands there -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_empty_desk_says_what_will_come(wang, language):
    shown = text(as_(maker(), language).get(DESK))
    assert ("No order is in your hand." in shown) is (language == "en")
    assert ("您手中没有落单" in shown) is (language != "en")


def test_without_a_rule_the_desk_says_what_is_missing(wang):
    DeskRule.objects.all().delete()
    for url in (DESK, reverse("settlement:queue"), reverse("settlement:handover")):
        assert "No rule of the settlement desk is in force yet." in text(as_(maker()).get(url), 409)


def test_the_queue_names_what_is_special(wang):
    rich = cast.person("林立新", vip="private", opening=100_000)
    order_for_hands(wang, 25_000)
    order_for_hands(rich, 700)
    order_for_hands(rich, 700)
    made = order_for_hands(wang, 45_000)
    make(made, maker())
    shown = text(as_(maker()).get(reverse("settlement:queue")))
    assert "25,000.00" not in shown and "45,000.00" not in shown  # keyed again, blind
    assert "700.00" in shown
    for badge in ("re-key", "VIP", "duplicate?", "two checks", "to be checked"):
        assert badge in shown, badge


def test_the_next_order_comes_with_its_facts_and_is_on_record(wang):
    order, xu = order_for_hands(wang), maker()
    page = as_(xu).post(reverse("settlement:next"), follow=True)
    shown = text(page)
    assert str(order) in shown and "1,500.00" in shown and "Made, and the next" in shown
    assert "104100000004 is not in the directory" in shown
    assert "*云鹏 · **** 6789" in shown
    assert "6225880100046789" not in page.content.decode()
    assert AccessLog.objects.get().reason == f"settlement order {order}"
    assert "Nothing waits for you." in text(
        as_(maker("马超")).post(reverse("settlement:next"), follow=True)
    )


def test_a_bank_is_looked_up_by_name_city_or_code(wang):
    order, client = order_for_hands(wang), as_(maker())

    def found(**asked: object) -> str:
        return text(client.get(reverse("settlement:banks"), {"order": order.pk, **asked}))

    assert IN_BEIJING in found(q="工商 北京") and "large-value" in found(q="工商 北京")
    assert cast.IN_THE_CITY in found(q="3085")
    assert "same-city exchange" in found(q="3085")
    assert "same-city exchange" not in found(q="1021")
    for nothing in ("工商 深圳", "000", "", cast.OUR_BANK):
        assert "No such bank" in found(q=nothing)
    assert client.get(reverse("settlement:banks"), {"order": "x"}).status_code == 404


# -- what is pressed -------------------------------------------------------------------------------


def test_made_by_one_and_checked_by_another(wang):
    first, second, xu, hu = order_for_hands(wang, 10), order_for_hands(wang, 20), maker(), checker()
    at_xu, at_hu = as_(xu), as_(hu)
    at_xu.post(reverse("settlement:next"))
    shown = text(press(at_xu, first, "make", **of_beijing(postscript="货款")))
    assert "Made: it waits to be checked." in shown
    assert queue.hers(xu, at=NOON) == second  # the next is in her hand
    assert "Done by me today 1" in shown
    at_hu.post(reverse("settlement:next"))
    shown = text(at_hu.get(DESK))
    assert "货款" in shown and "Right, and the next" in shown and "中国工商银行" in shown
    assert "Checked." in text(press(at_hu, first, "accept"))
    first.refresh_from_db()
    assert (first.state, first.maker, first.checker) == (State.DEBITED, xu, hu)


def test_what_is_refused_leaves_what_was_keyed(wang):
    order, client = order_for_hands(wang, 25_000), as_(maker())
    press(client, order, "claim")
    wrong = of_beijing(postscript="房租", number="6225880100046788", amount="25,000.00")
    answer = press(client, order, "make", **wrong)
    shown = text(answer, 409)
    assert "Key both again" in shown and "1 time keyed otherwise" in shown
    page = answer.content.decode()
    assert 'value="房租"' in page and 'value="北京"' in page
    assert "6225880100046788" not in page
    right = wrong | {"number": "6225 8801 0004 6789"}
    assert "Made: it waits" in text(press(client, order, "make", **right))


def test_the_payers_order_is_shown_to_who_keys_it_and_to_nobody_else(wang):
    order, xu = order_for_hands(wang, 25_000), maker()
    client = as_(xu)
    url = reverse("settlement:original", args=[order.pk])
    assert client.post(url).status_code == 409
    press(client, order, "claim")
    answer = client.post(url)
    assert "6225880100046789" in text(answer) and "25,000.00" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert AccessLog.objects.filter(what="reveal", user=xu).count() == 1
    assert as_(checker()).post(url).status_code == 403


def test_each_keeps_to_her_role(wang):
    order, xu, hu = order_for_hands(wang), maker(), checker()
    assert press(as_(hu), order, "claim").status_code == 403  # it waits for a maker
    assert "Take this one" not in text(as_(hu).get(DESK, {"order": order.pk}))
    assert "Take this one" in text(as_(xu).get(DESK, {"order": order.pk}))
    for verb, values in (
        ("make", of_beijing()),
        ("return", {"reason": "DS02"}),
        ("clear", {"words": "x"}),
    ):
        assert press(as_(hu), order, verb, **values).status_code == 403
    for verb in ("accept", "send-back"):
        assert press(as_(xu), order, verb, words="x").status_code == 403
    assert press(as_(xu), order, "fly").status_code == 404


@pytest.mark.parametrize(
    ("verb", "values"),
    [
        ("make", {"bank_code": IN_BEIJING}),
        ("make", {"bank_code": IN_BEIJING, "system": "pigeon"}),
        ("return", {"reason": "RJ01"}),
        ("suspend", {"words": ""}),
    ],
)
def test_a_form_that_is_not_whole_changes_nothing(wang, verb, values):
    order, client = order_for_hands(wang), as_(maker())
    press(client, order, "claim")
    assert "Nothing was changed" in text(press(client, order, verb, **values), 422)
    order.refresh_from_db()
    assert order.state == State.IN_HAND


def test_suspended_taken_up_given_back_and_sent_back(wang):
    order, xu, hu = order_for_hands(wang), maker(), checker()
    at_xu, at_hu = as_(xu), as_(hu)
    press(at_xu, order, "claim")
    assert "Suspended" in text(press(at_xu, order, "suspend", words="查户名"))
    shown = text(at_xu.get(DESK, {"order": order.pk}))
    assert "查户名" in shown and "Take up again" in shown
    press(at_xu, order, "resume", words="户名无误")
    press(at_xu, order, "claim")
    press(at_xu, order, "return", reason="DS02")
    press(at_hu, order, "claim")
    assert "Give the money back to the payer" in text(at_hu.get(DESK))
    press(at_hu, order, "send-back", words="客户要继续")
    assert "客户要继续" in text(at_xu.get(DESK))
    press(at_xu, order, "put-back")
    order.refresh_from_db()
    assert order.state == State.TO_CLAIM


def test_a_repetition_is_cleared_on_the_page(wang):
    order_for_hands(wang)
    order, client = order_for_hands(wang), as_(maker())
    press(client, order, "claim")
    assert "Same payer, payee, amount and day as" in text(client.get(DESK))
    assert "seems to repeat another" in text(press(client, order, "make", **of_beijing()), 409)
    press(client, order, "clear", words="两笔货款")
    assert "Made: it waits" in text(press(client, order, "make", **of_beijing()))


# -- the shift -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_hand_over_list_and_the_way_out_of_suspense(wang, language):
    back = order_for_hands(wang, 1500)
    order_for_hands(wang, 20)
    done = order_for_hands(wang, 30)
    make(done, maker())
    check(done, checker())
    close(wang)
    given_back(back)
    client = as_(maker(), language)
    shown = text(client.get(reverse("settlement:handover")))
    assert str(back) in shown and "1,500.00" in shown
    assert str(done) not in shown
    item = suspense.items()[0]
    url = reverse("settlement:payout", args=[item.journal_id])
    answer = client.post(url, {"account": "75570000", "reason": "转出"}, follow=True)
    assert ("closed" in text(answer)) is (language == "en")
    from banking import customers

    other = customers.open_account(wang.customer, number="7557000000000288", on=cast.LONG_AGO)
    client.post(url, {"account": other.number, "reason": "另开账户"})
    asked = Approval.objects.get()
    page = as_(checker(), language).get(reverse("admin:people_approval_change", args=[asked.pk]))
    assert item.number in text(page)


def test_a_lapsed_lease_shows_as_free(wang, monkeypatch):
    order, xu = order_for_hands(wang), maker()
    queue.claim(order.pk, xu, at=NOON)
    client = as_(maker("马超"))
    assert "徐芳" in text(client.get(reverse("settlement:queue")))
    monkeypatch.setattr(clock, "_real", lambda: NOON + timedelta(minutes=5))
    assert "徐芳" not in text(client.get(reverse("settlement:queue")))
    press(client, order, "claim")
    assert queue.hers(client.user, at=NOON + timedelta(minutes=5)) == order
