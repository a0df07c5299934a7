"""The pronunciation dictionary: what is a reading, and which one holds where."""

import pytest

from telephony.prompts import dictionary


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("银行", "yin2 hang2"),
        ("率", "lv4"),
        ("女儿", "nv3 er2"),
        ("略", "lve4"),
        ("的", "de5"),
        ("窘", "jiong3"),
        ("儿", "er2"),
    ],
)
def test_pinyin_with_its_tones_is_a_reading(word, said):
    assert dictionary.fault("zh", word, said) is None


@pytest.mark.parametrize(
    ("word", "said", "field"),
    [
        ("银行", "yin2", "said"),
        ("银行", "yin2 hang2 ka3", "said"),
        ("银行", "yin hang", "said"),
        ("银行", "yin2 hang6", "said"),
        ("银行", "yin2 hangg2", "said"),
        ("银行", "yín háng", "said"),
        ("银行", "bq2 hang2", "said"),
        ("银行", "yin2hang2", "said"),
        ("银行", "", "said"),
        ("bank", "yin2 hang2", "word"),
        ("银 行", "yin2 hang2", "word"),
        ("", "", "word"),
    ],
)
def test_what_the_voice_could_not_read_is_refused_by_its_field(word, said, field):
    found = dictionary.fault("zh", word, said)
    assert found is not None
    assert found.about == field
    assert str(found)


def test_a_reading_is_kept_tidy():
    assert dictionary.tidy("zh", "  Lü4   LV4 ") == "lv4 lv4"
    assert dictionary.tidy("en", " Pay-ee ") == "Pay-ee"


@pytest.mark.parametrize(
    ("word", "said", "fits"),
    [("payee", "pay-ee", True), ("payee", "pe2", False), ("收款", "pay", False), ("a", "", False)],
)
def test_an_english_reading_is_another_spelling(word, said, fits):
    assert (dictionary.fault("en", word, said) is None) is fits


def test_at_each_place_the_longest_word_holds():
    readings = {"行": "xing2", "银行": "yin2 hang2", "重": "zhong4"}
    assert dictionary.applying("zh", "银行", readings) == {"银行": "yin2 hang2"}
    assert dictionary.applying("zh", "银行可行", readings) == {
        "银行": "yin2 hang2",
        "行": "xing2",
    }
    assert dictionary.applying("zh", "余额", readings) == {}
    assert dictionary.applying("zh", "余额", {}) == {}


def test_an_english_word_holds_as_a_word():
    readings = {"pay": "pei"}
    assert dictionary.applying("en", "to pay now", readings) == readings
    assert dictionary.applying("en", "payee", readings) == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_ships_can_be_read(lang):
    shipped = dictionary.shipped(lang)
    assert shipped
    for word, said in shipped.items():
        assert dictionary.fault(lang, word, dictionary.tidy(lang, said)) is None, word


def test_the_voice_knows_every_syllable():
    """Where the extra `voice` is: our list of syllables is what its phonemes are made of."""
    zh = pytest.importorskip("misaki.zh", reason="the extra `voice` is not installed")
    from pypinyin import pinyin_dict
    from pypinyin.contrib.tone_convert import to_normal

    spoken = set()
    for readings in pinyin_dict.pinyin_dict.values():
        spoken |= {to_normal(said).replace("ü", "v") for said in readings.split(",")}
    assert spoken >= dictionary.SYLLABLES
    for syllable in dictionary.SYLLABLES:
        for tone in "12345":
            assert zh.ZHG2P.py2ipa(f"{syllable}{tone}"), syllable
