"""The shipped catalogue, and what the loader refuses."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from telephony.shipped import TREE
from telephony.spoken import (
    BadCatalogue,
    MissingAudio,
    UnknownLanguage,
    UnknownPrompt,
    Unspeakable,
    Utterance,
    WrongValues,
    load,
)

EXAMPLES = {
    "amount": Decimal("1050.30"),
    "number": 3,
    "times": 2,
    "days": 5,
    "date": date(2026, 3, 4),
    "day": date(2026, 3, 4),
    "time": time(9, 15),
    "datetime": datetime(2026, 3, 4, 1, 15, tzinfo=UTC),
    "percent": Decimal("1.10"),
    "term": "3m",
    "digits": "6789",
    "tail": "6789",
    "phone": "13812340001",
    "receipt": "2611240000170",
}


def write(folder, lang, source, subject="basics"):
    (folder / lang).mkdir(exist_ok=True)
    (folder / lang / f"{subject}.toml").write_text(source, encoding="utf-8")


@pytest.fixture
def catalogue(tmp_path):
    """A catalogue of the texts given, and audio of one second for each file it needs."""

    def build(zh, en=None, *, without=(), manifest=None):
        for lang, source in (("zh", zh), ("en", en if en is not None else zh), ("yue", zh)):
            write(tmp_path, lang, source)
        audio = tmp_path / "audio"
        bare = load(tmp_path, audio)
        entries = {}
        for lang in bare.languages:
            for needed in bare.recordings(lang):
                file = audio / needed.name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(b"RIFF")
                entries[needed.name] = {"text": needed.text, "sha256": "", "duration_s": 1.0}
        written = json.dumps(entries if manifest is None else manifest(entries))
        (audio / "manifest.json").write_text(written, encoding="utf-8")
        for name in without:
            (audio / name).unlink()
        return load(tmp_path, audio)

    return build


def test_words_and_files_go_together(catalogue):
    prompts = catalogue('"balance.one" = "尾号{tail:tail}，余额{balance:amount}。"')
    said = prompts.say("zh", "balance.one", tail="6781", balance=Decimal("1050.30"))
    assert said.text == "尾号六七八幺，余额一千零五十元三角。"
    assert said.files == (
        "zh/balance.one-1.wav",
        "zh/say/d.6.wav",
        "zh/say/d.7.wav",
        "zh/say/d.8.wav",
        "zh/say/d.1.wav",
        "zh/balance.one-2.wav",
        "zh/say/n.1000.wav",
        "zh/say/zero.wav",
        "zh/say/n.50.wav",
        "zh/say/u.yuan.wav",
        "zh/say/jiao.3.wav",
        "zh/say/pause.wav",
    )
    assert said.duration_s == 12


def test_a_prompt_without_slots_is_one_file(catalogue):
    prompts = catalogue('goodbye = "再见。"')
    assert prompts.say("zh", "goodbye") == Utterance("再见。", ("zh/goodbye.wav",), 1.0)


def test_a_slot_may_be_called_key(catalogue):
    prompts = catalogue('"choose.all" = "全部，请按{key:number}。"')
    assert prompts.say("zh", "choose.all", key=5).text == "全部，请按五。"
    assert prompts.slots("zh", "choose.all") == {"key": "number"}


def test_utterances_add_up(catalogue):
    prompts = catalogue('a = "一。"\nb = "二。"')
    both = prompts.say("zh", "a") + prompts.say("zh", "b")
    assert both == Utterance("一。 二。", ("zh/a.wav", "zh/b.wav"), 2.0)


def test_an_option_of_the_language_menu_is_heard_in_its_own_language(catalogue):
    prompts = catalogue(
        '"menu.language.3" = { from = "en" }', '"menu.language.3" = "For English, press 3."'
    )
    said = prompts.say("zh", "menu.language.3")
    assert said.files == ("en/menu.language.3.wav",)
    assert said == prompts.say("en", "menu.language.3")


@pytest.mark.parametrize(
    ("key", "values", "error"),
    [
        ("nowhere", {}, UnknownPrompt),
        ("one", {}, WrongValues),
        ("one", {"tail": "6789", "amount": Decimal(1), "more": 1}, WrongValues),
        ("one", {"tail": 6789, "amount": Decimal(1)}, WrongValues),
        ("one", {"tail": "6789", "amount": 1.0}, WrongValues),
        ("one", {"tail": "678", "amount": Decimal(1)}, Unspeakable),
        ("one", {"tail": "6789", "amount": Decimal("0.001")}, Unspeakable),
    ],
)
def test_a_prompt_takes_its_own_values_only(catalogue, key, values, error):
    prompts = catalogue('one = "{tail:tail}，{amount:amount}"')
    with pytest.raises(error):
        prompts.say("zh", key, **values)


def test_a_language_nobody_wrote_is_refused(catalogue):
    prompts = catalogue('goodbye = "再见。"')
    with pytest.raises(UnknownLanguage):
        prompts.say("hak", "goodbye")
    assert not prompts.offers("hak")


def test_a_language_that_lacks_one_file_is_not_offered(catalogue):
    prompts = catalogue('goodbye = "再见。"', without={"zh/say/n.7.wav"})
    assert prompts.missing("zh") == {"zh/say/n.7.wav"}
    assert prompts.offered == ("en", "yue")
    with pytest.raises(MissingAudio) as silent:
        catalogue('goodbye = "再见。"', without={"zh/goodbye.wav"}).say("zh", "goodbye")
    assert silent.value.names == {"zh/goodbye.wav"}


def test_what_a_language_borrows_is_the_others_to_have(catalogue):
    prompts = catalogue(
        '"a.b" = { from = "en" }', '"a.b" = "For English, press 3."', without={"en/a.b.wav"}
    )
    assert prompts.offered == ("zh", "yue")  # where an option in English is not said
    assert not prompts.speaks("zh", "a.b")


def test_audio_that_says_something_else_is_missing(catalogue):
    def stale(entries):
        return entries | {"zh/goodbye.wav": entries["zh/goodbye.wav"] | {"text": "您好。"}}

    prompts = catalogue('goodbye = "再见。"', manifest=stale)
    assert prompts.missing("zh") == {"zh/goodbye.wav"}


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ('a = "一"', 'b = "one"'),
        ('a = "一{n:number}"', 'a = "one"'),
        ('a = "一{n:number}"', 'a = "one {n:digits}"'),
        ('a = "一{n:money}"', None),
        ('a = "一{n}"', None),
        ('a = "一{n:number"', None),
        ('a = "{n:number}{m:number}"', 'a = "{n:number} {m:number}"'),
        ('a = ""', None),
        ("a = 1", None),
        ('a = { from = "yue" }', 'a = "one"'),
        ('a = { from = "zh" }', 'a = "one"'),
        ('a = { from = "en" }', 'a = { from = "zh" }'),
        ('[menu]\nroot = "一"', None),
        ('"Menu.Root" = "一"', None),
        ('a = "一', None),
    ],
)
def test_a_catalogue_that_cannot_be_meant_is_refused(tmp_path, zh, en):
    write(tmp_path, "zh", zh)
    write(tmp_path, "en", en if en is not None else zh)
    write(tmp_path, "yue", zh)
    with pytest.raises(BadCatalogue):
        load(tmp_path, tmp_path)


def test_a_missing_catalogue_is_named(tmp_path):
    with pytest.raises(BadCatalogue, match="zh: there is no"):
        load(tmp_path, tmp_path)


def test_a_key_belongs_to_one_file(tmp_path):
    write(tmp_path, "zh", 'a = "一"')
    write(tmp_path, "en", 'a = "one"')
    write(tmp_path, "yue", 'a = "一"')
    write(tmp_path, "zh", 'a = "二"', subject="more")
    with pytest.raises(BadCatalogue, match="'a' is in another file"):
        load(tmp_path, tmp_path)


@pytest.mark.parametrize("manifest", ["[", "[]", '{"a": 1}', '{"a": {"text": "b"}}'])
def test_a_broken_manifest_is_refused(tmp_path, manifest):
    for lang in ("zh", "en", "yue"):
        write(tmp_path, lang, 'a = "一"')
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(BadCatalogue, match="manifest"):
        load(tmp_path, tmp_path)


def test_every_shipped_prompt_has_every_language():
    shipped = load()
    assert shipped.keys("zh") == shipped.keys("en") == shipped.keys("yue")
    assert len(shipped.keys("zh")) > 100


def test_a_menu_entry_names_the_key_that_it_ends_with():
    shipped = load()
    entries = {
        needed.name.removesuffix(".wav"): needed.text.rstrip("。.")
        for lang in shipped.languages
        for needed in shipped.recordings(lang)
        if "/menu." in needed.name
    }
    numbered = {name: words for name, words in entries.items() if name[-1].isdigit()}
    in_trees = sum(len(entries) for _title, _identified, entries in TREE.values())
    assert len(numbered) == 3 * in_trees + 3  # and the languages, each said in its own
    assert {name: words[-1] for name, words in numbered.items()} == {
        name: name[-1] for name in numbered
    }
