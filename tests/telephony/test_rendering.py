"""Prompts rendered by the voice: piece by piece, restarted, failing, approved like an upload."""

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from people import approvals, staff
from people.errors import Refusal
from people.models import Approval
from telephony import laying, rendering, rewording, tasks, wording
from telephony.models import OwnPrompt, Reading, Recording, RenderedPiece, Rendering
from telephony.prompts import alaw, voice
from tests.cast import NOON
from tests.prompting import approve_all, render, says

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + rendering.LEASE
WORDS = "祝您生活愉快，再见。"
LEFT = "密码不对，您还有{left:times}机会。"


@pytest.fixture
def studio(own, hum):
    """A folder of the bank's own and a voice."""
    return hum


def order(by, *wanted, at=NOON) -> Rendering:
    return rendering.ask(list(wanted), reason="合成", by=by, at=at)


def goodbye() -> rendering.Wanted:
    (wanted,) = rendering.of_key("zh", "goodbye")
    return wanted


def own_words(**texts: str) -> None:
    for key, text in texts.items():
        OwnPrompt.objects.create(key=f"menu.own.{key}", lang="zh", text=text)
    laying.lay_out()


def states(asked: Rendering) -> list[str]:
    return [piece.state for piece in asked.pieces.all()]


def test_what_was_rendered_waits_for_approval_as_an_upload_does(studio, lina, zhang):
    asked = order(lina, goodbye())
    assert not rendering.progress(asked).is_over
    assert tasks.render() == 1
    take = Recording.objects.get()
    assert (take.state, take.origin, take.made_by) == ("waiting", "rendered", lina)
    assert Approval.objects.get().reason == "合成"
    before = wording.prompts().say("zh", "goodbye").files
    assert before == ("zh/goodbye.wav",)
    approve_all(zhang)
    assert wording.prompts().say("zh", "goodbye").files != before
    assert rendering.progress(asked).is_over


def test_what_lacks_audio_is_found_and_what_waits_is_not_asked_again(studio, lina, zhang):
    assert rendering.lacking() == []
    with pytest.raises(rendering.NothingToRender):
        order(lina, *rendering.lacking())
    own_words(more="更多服务，请按 5。", less="较少服务，请按 6。")
    rewording.ask("zh", "identify.pin_wrong", LEFT, reason="短", by=lina, at=NOON)
    wanted = [(w.piece.name, w.piece.text) for w in rendering.lacking()]
    assert wanted == [
        ("zh/menu.own.less.wav", "较少服务，请按 6。"),
        ("zh/menu.own.more.wav", "更多服务，请按 5。"),
        ("zh/identify.pin_wrong-1.wav", "密码不对，您还有"),
        ("zh/identify.pin_wrong-2.wav", "机会。"),
    ]
    order(lina, *rendering.lacking())
    with pytest.raises(rendering.NothingToRender):  # the voice has them in hand
        order(lina, *rendering.lacking())
    render()
    assert rendering.lacking() == []  # they wait for approval
    approve_all(zhang)
    assert says("menu.own.more") == "更多服务，请按 5。"
    assert says("identify.pin_wrong", left=2) == "密码不对，您还有两次机会。"


def test_a_piece_is_spoken_in_its_sentence(studio, lina, monkeypatch):
    heard = []
    monkeypatch.setattr(studio, "speak", lambda piece, readings: heard.append(piece) or b"\xd5" * 9)
    rewording.ask("zh", "identify.pin_wrong", LEFT, reason="短", by=lina, at=NOON)
    order(lina, *rendering.lacking())
    render()
    assert [piece.recording.name[-6:] for piece in heard] == ["-1.wav", "-2.wav"]
    assert {wording.text(piece.prompt) for piece in heard} == {"密码不对，您还有{left}机会。"}


def test_a_piece_that_fails_is_named_and_the_others_go_on(studio, lina):
    own_words(a="好，请按 5。", b="X，请按 6。", c="故障，请按 7。", d="好。")
    asked = order(lina, *rendering.lacking())
    assert render() == 4
    assert states(asked) == ["done", "failed", "failed", "done"]
    why = [str(piece.why) for piece in rendering.progress(asked).failed]
    assert "X" in why[0]
    assert "OSError: the machine is broken" in why[1]
    assert Recording.objects.count() == 2


def test_what_failed_is_tried_again_and_nothing_else(studio, lina):
    own_words(a="好，请按 5。", b="坏，请按 6。")
    studio.missing = ""
    asked = order(lina, *rendering.lacking())
    studio.missing = "no model"
    render()
    assert states(asked) == ["failed", "failed"]
    assert "no model" in rendering.progress(asked).failed[0].why
    studio.missing = ""
    assert rendering.try_again(asked.pk) == 2
    render()
    assert states(asked) == ["done", "done"]
    assert rendering.try_again(asked.pk) == 0


def test_without_a_voice_nothing_is_asked(studio, lina):
    studio.missing = "uv sync --extra voice"
    with pytest.raises(rendering.NobodySpeaks):
        order(lina, goodbye())
    assert not Rendering.objects.exists()


def test_who_may_not_record_has_nothing_rendered(studio, lina, zhang):
    with pytest.raises(approvals.NotYours):
        order(zhang, goodbye())
    with pytest.raises(approvals.NoWord):
        rendering.ask([goodbye()], reason=" ", by=lina, at=NOON)
    assert not Rendering.objects.exists()


def test_who_lost_her_role_meanwhile_is_not_spoken_for(studio, lina):
    asked = order(lina, goodbye())
    staff.set_roles(lina, [])
    render()
    (piece,) = rendering.progress(asked).failed
    assert piece.fault == RenderedPiece.Fault.REFUSED
    assert not Recording.objects.exists()


def test_one_piece_at_a_time_whoever_comes(studio, lina):
    order(lina, goodbye(), *rendering.of_key("zh", "menu.agent"))
    held = rendering.claim(at=NOON)
    assert held is not None
    assert rendering.claim(at=NOON + timedelta(seconds=1)) is None
    assert rendering.go_on(at=NOON) == 0


def at_once(*deeds) -> list:
    """What each came to, begun together in threads of their own."""
    came = []

    def run(deed) -> None:
        try:
            came.append(deed())
        except Refusal as refusal:
            came.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def side_by_side(monkeypatch, name: str, *, locked: bool) -> None:
    """Who calls `name` goes on when another has called it too, or is held up elsewhere."""
    met, real = Barrier(2, timeout=0.5), getattr(rendering, name)

    def meets(*args, **kwargs):
        found = real(*args, **kwargs)
        with suppress(BrokenBarrierError):
            met.wait()
        return found

    monkeypatch.setattr(rendering, name, meets)
    if not locked:
        monkeypatch.setattr(rendering, "_ALONE", "SELECT 1")


@pytest.mark.parametrize("locked", [True, False])
def test_two_tasks_never_hold_a_piece_each(studio, lina, monkeypatch, locked):
    """With the lock off both find nothing running, and both take the first piece."""
    order(lina, goodbye(), *rendering.of_key("zh", "menu.agent"))
    side_by_side(monkeypatch, "_to_do", locked=locked)
    came = at_once(lambda: rendering.claim(at=NOON), lambda: rendering.claim(at=NOON))
    assert [held is None for held in came].count(False) == (1 if locked else 2)


@pytest.mark.parametrize("locked", [True, False])
def test_two_who_ask_at_once_ask_for_a_piece_once(studio, lina, monkeypatch, locked):
    """With the lock off neither sees what the other asks for."""
    side_by_side(monkeypatch, "_order", locked=locked)
    wanted = goodbye()
    came = at_once(lambda: order(lina, wanted), lambda: order(lina, wanted))
    refused = [one for one in came if isinstance(one, rendering.NothingToRender)]
    assert (len(refused), RenderedPiece.objects.count()) == ((1, 1) if locked else (0, 2))


def test_a_long_order_shows_what_failed_and_where_it_is(studio, lina):
    own_words(a="X，请按 5。")
    wanted = [rendering.of_key("zh", f"menu.root.{n}")[0] for n in (1, 2, 3, 4, 5)]
    asked = order(lina, *rendering.lacking(), *wanted)
    render()
    shown = rendering.progress(asked).newest(2)
    assert [piece.file for piece in shown] == ["zh/menu.own.a.wav", "zh/menu.root.5.wav"]


def test_what_a_killed_task_left_is_taken_up_and_done_once(studio, lina):
    asked = order(lina, goodbye())
    killed = rendering.claim(at=NOON)
    assert killed is not None
    assert render(at=LATER) == 1
    assert states(asked) == ["done"]
    rendering._render(killed, at=LATER)  # it was not dead, only slow: too late
    assert Recording.objects.count() == 1
    assert Approval.objects.count() == 1


def test_without_the_claim_a_slow_task_would_do_it_twice(studio, lina, monkeypatch):
    """The control of the story above."""
    order(lina, goodbye())
    slow = rendering.claim(at=NOON)
    monkeypatch.setattr(rendering, "_still_ours", lambda held: True)
    monkeypatch.setattr(rendering, "_before", lambda held, made_from: None)
    render(at=LATER)
    rendering._render(slow, at=LATER)
    assert Recording.objects.count() == 2


def test_a_task_renders_a_few_and_leaves_the_rest_to_the_next(studio, lina):
    from django_q.models import OrmQ

    wanted = [rendering.of_key("zh", f"menu.root.{n}")[0] for n in (1, 2, 3, 4, 5)]
    order(lina, *wanted, goodbye())
    assert OrmQ.objects.count() == 1
    assert tasks.render() == rendering.AT_ONCE
    assert OrmQ.objects.count() == 2
    assert tasks.render() == 1
    assert tasks.render() == 0
    assert OrmQ.objects.count() == 2


def test_the_same_words_by_the_same_voice_are_not_spoken_twice(studio, lina, zhang):
    order(lina, goodbye())
    render()
    asked = order(lina, goodbye())
    render()
    assert states(asked) == ["there"]  # it waits already
    approvals.refuse(Approval.objects.get().pk, by=zhang, at=NOON, note="再听听")
    asked = order(lina, goodbye())
    render()
    assert states(asked) == ["done"]  # refused: it is asked anew, of the same sound
    assert len(studio.asked) == 1
    one, two = Recording.objects.all()
    assert bytes(one.audio) == bytes(two.audio)
    assert alaw.codes(bytes(one.audio))


def test_another_reading_is_another_sound(studio, lina):
    order(lina, goodbye())
    render()
    Reading.objects.create(word="再见", said="zai4 jian5")
    asked = order(lina, goodbye())
    render()
    assert states(asked) == ["done"]
    assert [readings.get("再见") for _name, _text, readings in studio.asked] == [None, "zai4 jian5"]
    assert Recording.objects.first().readings["再见"] == "zai4 jian5"


def test_a_piece_of_a_value_is_rendered_alone(studio, lina):
    (wanted,) = rendering.of_key("zh", "say/n.3")
    assert (wanted.key, wanted.sentence, wanted.piece.fragment) == ("", "", "n.3")
    order(lina, wanted)
    render()
    assert studio.asked[0][:2] == ("zh/say/n.3.wav", "三")


def test_a_word_is_tried_and_no_caller_hears_it(studio, lina, zhang):
    row = Reading.objects.create(word="重庆", said="chong2 qing4")
    with pytest.raises(approvals.NotYours):
        rendering.try_word(row, by=zhang, at=NOON)
    asked = rendering.try_word(row, by=lina, at=NOON)
    render()
    (piece,) = asked.pieces.all()
    assert (piece.state, piece.recording) == ("done", None)
    assert alaw.codes(bytes(piece.audio))
    assert studio.asked == [("zh/trial.wav", "重庆", rendering.readings.in_force("zh"))]
    assert not Recording.objects.exists()


def test_who_tries_a_word_does_not_wait_behind_a_long_order(studio, lina):
    order(lina, goodbye())
    rendering.try_word(Reading.objects.create(word="重", said="zhong4"), by=lina, at=NOON)
    assert rendering.claim(at=NOON).rendering.is_trial


def test_progress_says_how_far_it_is_and_what_is_rendered_now(studio, lina):
    asked = order(lina, goodbye(), *rendering.of_key("zh", "menu.agent"))
    seen = []
    speak = studio.speak

    def watched(piece, readings):
        now = rendering.progress(asked)
        seen.append((now.done, now.of, now.now.text, now.is_over))
        return speak(piece, readings)

    studio.speak = watched
    render()
    assert seen == [
        (0, 2, goodbye().piece.text, False),
        (1, 2, "人工服务，请按 0。", False),
    ]
    assert rendering.progress(asked).is_over


def test_postgresql_keeps_a_piece_held_only_while_it_is_rendered(studio, lina):
    order(lina, goodbye())
    with pytest.raises(IntegrityError), transaction.atomic():
        RenderedPiece.objects.update(state="running")
    with pytest.raises(DatabaseError, match="transition"), transaction.atomic():
        RenderedPiece.objects.update(state="done")  # nobody rendered it


def test_the_voice_that_ships_says_what_it_lacks(settings, tmp_path):
    """Without the extra, or without its voices, a page can say what to install."""
    settings.VOICE = "telephony.prompts.speaker.Speaker"
    settings.VOICE_MODEL_DIR = ""
    voice._made.cache_clear()
    lacks = voice.of_this_bank().lacks()
    assert "--extra voice" in lacks or "VOICE_MODEL_DIR" in lacks or "3.1" in lacks
    voice._made.cache_clear()


def test_the_voice_that_ships_speaks(settings, tmp_path):
    """Only where the extra and its voices are (VOICE_MODEL_DIR)."""
    from telephony.prompts.speaker import Speaker

    settings.VAR = tmp_path
    speaker = Speaker()
    if lacks := speaker.lacks():
        pytest.skip(f"no voice on this machine: {lacks}")
    (wanted,) = rendering.of_key("zh", "goodbye")
    piece = voice.Piece(wanted.piece, rewording.prompt_of("zh", "goodbye"))
    codes = speaker.speak(piece, rendering.readings.in_force("zh"))
    assert 0.5 < len(codes) / alaw.RATE < 5
    assert codes != speaker.speak(piece, {"再见": "zai3 jian1"})
    with pytest.raises(voice.Unreadable):
        bad = rewording.catalogue.parse("zh", "k", "请按X")
        speaker.speak(voice.Piece(bad.parts[0], bad), {})
