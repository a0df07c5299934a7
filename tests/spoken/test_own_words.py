"""The bank's own words in place of those that ship: when the loader lets them be heard."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.spoken import load
from telephony.spoken.catalogue import OWN, parse, written

ZH = '"a.b" = "您好{n:number}次"\nbye = "再见。"\n"menu.language.3" = { from = "en" }'
EN = '"a.b" = "Hi {n:number} times"\nbye = "Bye."\n"menu.language.3" = "English, press 3."'


@pytest.fixture
def bank(tmp_path):
    """A bank's own folder beside what ships: `bank(changed, takes)` loads both."""
    text, audio, own = (tmp_path / name for name in ("text", "audio", "own"))
    for lang, source in (("zh", ZH), ("en", EN), ("yue", ZH)):
        (text / lang).mkdir(parents=True)
        (text / lang / "basics.toml").write_text(source, encoding="utf-8")
    entries = {}
    for lang in ("zh", "en"):
        for needed in load(text, audio).recordings(lang):
            (audio / needed.name).parent.mkdir(parents=True, exist_ok=True)
            (audio / needed.name).write_bytes(b"RIFF")
            entries[needed.name] = {"text": needed.text, "sha256": "", "duration_s": 1.0}
    (audio / "manifest.json").write_text(json.dumps(entries), encoding="utf-8")
    own.mkdir()

    def read(changed, takes=(), *, words=None, lost=()):
        said = []
        for number, (name, words_of) in enumerate(takes):
            file = f"{number}.wav"
            if name not in lost:
                (own / file).write_bytes(b"RIFF")
            said.append({"name": name, "text": words_of, "file": file, "duration_s": 2.0})
        laid = {"words": words or {}, "changed": changed, "takes": said}
        (own / OWN).write_text(json.dumps(laid), encoding="utf-8")
        return load(text, audio, own=own)

    return read


def test_words_that_are_recorded_are_heard_and_the_others_stay(bank):
    book = bank({"zh": {"bye": "祝您愉快。"}}, [("zh/bye.wav", "祝您愉快。")])
    said = book.say("zh", "bye")
    assert (said.text, said.duration_s) == ("祝您愉快。", 2.0)
    assert said.files[0].endswith("/own/0.wav")
    assert book.reworded("zh") == {"bye"}
    assert book.say("en", "bye").text == "Bye."
    assert book.offered == ("zh", "en")


@pytest.mark.parametrize(
    ("changed", "takes", "lost"),
    [
        ({"bye": "祝您愉快。"}, [], ()),
        ({"bye": "祝您愉快。"}, [("zh/bye.wav", "再会。")], ()),
        ({"bye": "祝您愉快。"}, [("zh/bye.wav", "祝您愉快。")], {"zh/bye.wav"}),
        ({"a.b": "欢迎{n:number}次"}, [("zh/a.b-1.wav", "您好")], ()),
        ({"a.b": "欢迎{n:digits}次"}, [("zh/a.b-1.wav", "欢迎")], ()),
        ({"a.b": "欢迎"}, [("zh/a.b.wav", "欢迎")], ()),
        ({"a.b": "欢迎{n:number"}, [("zh/a.b.wav", "欢迎")], ()),
        ({"gone": "没有"}, [("zh/gone.wav", "没有")], ()),
        ({"menu.language.3": "英语，请按 3。"}, [("zh/menu.language.3.wav", "英语，请按 3。")], ()),
    ],
    ids=[
        *("no audio", "audio of other words", "the file is gone", "a piece lacks audio"),
        *("another kind of value", "no value", "unreadable", "no such prompt", "heard elsewhere"),
    ],
)
def test_what_cannot_be_said_leaves_what_ships(bank, changed, takes, lost):
    book = bank({"zh": changed}, takes, lost=lost)
    assert book.reworded("zh") == frozenset()
    assert book.say("zh", "bye").text == "再见。"
    assert book.say("zh", "a.b", n=2).text == "您好二次"
    assert book.offered == ("zh", "en")


def test_pieces_that_are_the_same_need_no_new_audio(bank):
    book = bank({"zh": {"a.b": "欢迎您{n:number}次"}}, [("zh/a.b-1.wav", "欢迎您")])
    said = book.say("zh", "a.b", n=2)
    assert said.text == "欢迎您二次"
    assert said.files[-1] == "zh/a.b-2.wav"  # ships


def test_words_that_another_language_borrows_change_there_too(bank):
    words = "For English, press 3."
    book = bank({"en": {"menu.language.3": words}}, [("en/menu.language.3.wav", words)])
    assert book.say("zh", "menu.language.3").text == words
    assert book.offered == ("zh", "en")


def test_a_prompt_that_the_bank_added_is_reworded_like_any_other(bank):
    added = {"zh": {"menu.own.more": "更多，请按 5。"}}
    first = ("zh/menu.own.more.wav", "更多，请按 5。")
    other = ("zh/menu.own.more.wav", "更多服务，请按 5。")
    changed = {"zh": {"menu.own.more": other[1]}}
    assert bank(changed, [first], words=added).say("zh", "menu.own.more").text == first[1]
    assert bank(changed, [first, other], words=added).say("zh", "menu.own.more").text == other[1]


def test_a_folder_of_an_older_release_is_read_and_waits_to_be_laid_out_anew(bank, tmp_path):
    bank({})
    old = {"words": {}, "audio": {"zh/bye.wav": {"text": "再见。", "file": "x", "duration_s": 1}}}
    (tmp_path / "own" / OWN).write_text(json.dumps(old), encoding="utf-8")
    book = load(tmp_path / "text", tmp_path / "audio", own=tmp_path / "own")
    assert book.say("zh", "bye").files == ("zh/bye.wav",)


def test_a_prompt_is_written_as_it_was_read():
    for text in ("再见。", "您好{n:number}次", "{day:day}，存入{amount:amount}，余额{b:amount}。"):
        assert written(parse("zh", "k", text)) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    texts=st.dictionaries(
        st.sampled_from(["a.b", "bye", "menu.language.3", "gone"]),
        st.text(alphabet="您好{}:number，。1", max_size=30),
    ),
    recorded=st.sets(st.sampled_from(["zh/a.b-1.wav", "zh/a.b-2.wav", "zh/bye.wav", "zh/x.wav"])),
)
def test_whatever_a_bank_writes_the_language_stays_offered(bank, texts, recorded):
    takes = [(name, words) for name in sorted(recorded) for words in texts.values()]
    book = bank({"zh": texts}, takes)
    assert book.offered == ("zh", "en")
    assert book.say("zh", "bye")
    assert book.say("zh", "a.b", n=2)
