"""Other words for a prompt: asked, recorded, approved by another, in force, and back."""

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet

from people import approvals
from people.models import Approval
from telephony import laying, rewording, studio, wording
from telephony.models import OwnPrompt, Recording, Rewording
from tests.cast import NOON
from tests.prompting import approve_all, says
from tests.telephony.test_studio import tone

pytestmark = pytest.mark.django_db(transaction=True)

FILE, WORDS = "zh/goodbye.wav", "祝您生活愉快，再见。"
LEFT = "密码不对，您还有{left:times}机会。"


def ask(by, text=WORDS, key="goodbye", lang="zh", at=NOON) -> Rewording:
    return rewording.ask(lang, key, text, reason="更亲切", by=by, at=at)


def record(by, file=FILE, words=WORDS, seconds=1.0) -> Recording:
    return studio.upload(file, tone(seconds), words=words, reason="新录", by=by, at=NOON)


def approval(kind: str) -> int:
    return Approval.objects.get(kind=kind, state="open").pk


@pytest.mark.parametrize("first", ["recording", "rewording"])
def test_both_are_needed_approved_words_and_their_audio(own, lina, zhang, first):
    shipped = says()
    row = ask(lina)
    record(lina)
    second = {"recording": "rewording", "rewording": "recording"}[first]
    assert says() == shipped
    approvals.approve(approval(first), by=zhang, at=NOON)
    assert says() == shipped  # one of the two is not enough
    approvals.approve(approval(second), by=zhang, at=NOON)
    assert says() == WORDS
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.used_at) == ("used", zhang, NOON)
    assert wording.prompts().offered == ("zh", "en")


def test_every_piece_needs_its_audio(own, lina, zhang):
    ask(lina, LEFT, key="identify.pin_wrong")
    approve_all(zhang)
    first, second = rewording.pieces(Rewording.objects.get())
    record(lina, first.name, first.text)
    approve_all(zhang)
    assert "不正确" in says("identify.pin_wrong", left=2)
    record(lina, second.name, second.text)
    approve_all(zhang)
    assert says("identify.pin_wrong", left=2) == "密码不对，您还有两次机会。"


def test_nobody_approves_her_own_words(own, lina):
    row = ask(lina)
    record(lina)
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(approval("rewording"), by=lina, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rewording.objects.filter(pk=row.pk).update(state="approved", decided_by=lina)
    assert says() != WORDS


def test_what_was_written_does_not_change_any_more(own, lina):
    row = ask(lina)
    with pytest.raises(DatabaseError, match="[Cc]annot update"), transaction.atomic():
        Rewording.objects.filter(pk=row.pk).update(text="别的。")
    with pytest.raises(DatabaseError, match="transition"), transaction.atomic():
        Rewording.objects.filter(pk=row.pk).update(state="used")


@pytest.mark.parametrize(
    ("key", "text", "error"),
    [
        ("goodbye", "", rewording.NotWords),
        ("goodbye", "。", rewording.NotWords),
        ("goodbye", "好" * 301, rewording.NotWords),
        ("nowhere", "好。", rewording.NoSuchPrompt),
        ("goodbye", "再见{name:tail}", rewording.NoSlots),
        ("goodbye", "再见{", rewording.NoSlots),
        ("identify.pin_wrong", "密码不对。", rewording.WrongSlots),
        ("identify.pin_wrong", "还有{left:number}次。", rewording.WrongSlots),
        ("identify.pin_wrong", "还有{left:times}，共{all:times}。", rewording.WrongSlots),
        ("identify.pin_wrong", "还有{left:times。", rewording.WrongSlots),
        ("identify.pin_wrong", "还有{left:times} {left:times}。", rewording.NotReadable),
        ("menu.root.1", "个人业务，请按 2。", rewording.WrongKeys),
        ("menu.root.1", "个人业务。", rewording.WrongKeys),
        ("menu.language.3", "英语服务，请按 3。", rewording.HeardElsewhere),
    ],
)
def test_words_that_callers_could_not_use_are_refused_and_said_why(own, lina, key, text, error):
    with pytest.raises(error) as refused:
        ask(lina, text, key)
    assert str(refused.value)
    assert not Rewording.objects.exists()


def test_the_message_names_the_values_that_are_wanted(own, lina):
    with pytest.raises(rewording.WrongSlots) as refused:
        ask(lina, "密码不对。", "identify.pin_wrong")
    assert "{left:times}" in str(refused.value)


def test_the_same_words_are_no_change(own, lina):
    with pytest.raises(rewording.SameWords):
        ask(lina, says())


def test_one_change_at_a_time(own, lina, zhang):
    ask(lina)
    with pytest.raises(rewording.AskedAlready):
        ask(lina, "下次再见。")
    approvals.withdraw(approval("rewording"), by=lina, at=NOON)
    assert Rewording.objects.get().state == "dropped"
    ask(lina, "下次再见。")


def test_a_supervisor_decides_and_writes_nothing(own, zhang):
    with pytest.raises(approvals.NotYours):
        ask(zhang)
    assert not Rewording.objects.exists()


def test_refused_words_are_never_heard(own, lina, zhang):
    ask(lina)
    record(lina)
    approvals.refuse(approval("rewording"), by=zhang, at=NOON, note="太长")
    approve_all(zhang)
    assert Rewording.objects.get().state == "refused"
    assert says() != WORDS


def test_taken_back_in_one_step_what_ships_is_heard_as_before(own, lina, zhang):
    shipped = wording.prompts().say("zh", "goodbye")
    row = ask(lina)
    record(lina)
    approve_all(zhang)
    later = NOON + timedelta(hours=1)
    rewording.take_back(row.pk, by=lina, at=later)
    assert wording.prompts().say("zh", "goodbye") == shipped
    row.refresh_from_db()
    assert (row.state, row.ended_by, row.ended_at) == ("past", lina, later)
    with pytest.raises(rewording.NotInForce):
        rewording.take_back(row.pk, by=lina, at=later)


def test_the_recording_of_the_words_before_comes_back_with_them(own, lina, zhang):
    shipped = says()
    record(lina, words=shipped, seconds=1.5)
    approve_all(zhang)
    before = wording.prompts().say("zh", "goodbye").files
    row = ask(lina)
    record(lina)
    approve_all(zhang)
    assert wording.prompts().say("zh", "goodbye").files != before
    rewording.take_back(row.pk, by=zhang, at=NOON)
    assert wording.prompts().say("zh", "goodbye").files == before


def test_newer_words_replace_older_ones_when_they_can_be_heard(own, lina, zhang):
    ask(lina)
    record(lina)
    approve_all(zhang)
    newer = "谢谢来电，再见。"
    ask(lina, newer, at=NOON + timedelta(days=1))
    approve_all(zhang)
    assert says() == WORDS  # until the newer are recorded
    record(lina, words=newer)
    approve_all(zhang)
    assert says() == newer
    assert sorted(Rewording.objects.values_list("state", flat=True)) == ["past", "used"]


def test_words_lose_their_force_with_their_audio_and_the_language_stays(own, lina, zhang):
    shipped = says()
    ask(lina)
    take = record(lina)
    approve_all(zhang)
    studio.take_back(take.pk, by=lina, at=NOON)
    assert says() == shipped
    assert wording.prompts().offered == ("zh", "en")
    record(lina)
    approve_all(zhang)
    assert says() == WORDS


def test_a_call_keeps_the_words_that_it_began_with(own, lina, zhang):
    book = wording.prompts()  # as the worker hands it to a call
    before = book.say("zh", "goodbye")
    ask(lina)
    record(lina)
    approve_all(zhang)
    assert book.say("zh", "goodbye") == before
    assert wording.prompts().say("zh", "goodbye") != before


def test_the_banks_own_prompt_stays_heard_while_its_words_change(own, lina, zhang):
    key = "menu.own.more"
    OwnPrompt.objects.create(key=key, lang="zh", text="更多服务，请按 5。")
    laying.lay_out()
    record(lina, f"zh/{key}.wav", "更多服务，请按 5。")
    approve_all(zhang)
    ask(lina, "其他服务，请按 5。", key)
    approve_all(zhang)
    assert says(key) == "更多服务，请按 5。"
    record(lina, f"zh/{key}.wav", "其他服务，请按 5。")
    approve_all(zhang)
    assert says(key) == "其他服务，请按 5。"


@pytest.mark.parametrize("locked", [True, False])
def test_of_two_who_approve_the_last_pieces_at_once_one_sees_both(
    own, lina, zhang, monkeypatch, locked
):
    """With the row's lock off, each misses what the other has not committed: nobody sees all."""
    ask(lina, LEFT, key="identify.pin_wrong")
    approve_all(zhang)
    for piece in rewording.pieces(Rewording.objects.get()):
        record(lina, piece.name, piece.text)
    looked, lacking = Barrier(2, timeout=0.5), rewording.lacking

    def looks_beside_the_other(row):
        found = lacking(row)
        with suppress(BrokenBarrierError):  # the other waits at the row
            looked.wait()
        return found

    monkeypatch.setattr(rewording, "lacking", looks_beside_the_other)
    if not locked:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **how: self)

    def decide(pk: int) -> None:
        try:
            approvals.approve(pk, by=zhang, at=NOON)
        finally:
            connection.close()

    open_ = Approval.objects.filter(state="open").values_list("pk", flat=True)
    deciders = [Thread(target=decide, args=[pk]) for pk in list(open_)]
    for decider in deciders:
        decider.start()
    for decider in deciders:
        decider.join()
    assert Rewording.objects.get().state == ("used" if locked else "approved")
