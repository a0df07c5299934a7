"""How the renderer reads aloud. Needs the extra `voice`; what ships was rendered with it."""

import numpy as np
import pytest

pytest.importorskip("misaki", reason="the extra `voice` is not installed")

from telephony.prompts import carriers
from telephony.prompts.phonemes import phonemes, pinyin
from telephony.spoken import fragments, load


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("银行", "yin2 hang2"),
        ("行内转账", "hang2 nei4 zhuan3 zhang4"),
        ("跨行转账", "kua4 hang2 zhuan3 zhang4"),
        ("重听", "chong2 ting1"),
        ("请重新选择", "qing3 chong2 xin1 xuan3 ze2"),
        ("利率", "li4 lv4"),
        ("您还可以输入", "nin2 hai2 ke2 yi3 shu1 ru4"),
        ("以元为单位", "yi3 yuan2 wei2 dan1 wei4"),
        ("为您办理", "wei4 nin2 ban4 li3"),
        ("尽快", "jin3 kuai4"),
        ("密码不正确", "mi4 ma3 bu2 zheng4 que4"),
        ("两次输入不一致", "liang3 ci4 shu1 ru4 bu4 yi2 zhi4"),
        ("一百", "yi4 bai3"),
        ("一千", "yi4 qian1"),
        ("一万", "yi2 wan4"),
        ("一亿", "yi2 yi4"),
        ("一元", "yi4 yuan2"),
        ("一次", "yi2 ci4"),
        ("二十一元", "er4 shi2 yi1 yuan2"),
        ("零一分", "ling2 yi1 fen1"),
        ("一月", "yi1 yue4"),
        ("一号", "yi1 hao4"),
        ("十一点", "shi2 yi1 dian3"),
        ("五百", "wu2 bai3"),
        ("两点", "liang2 dian3"),
        ("九角", "jiu2 jiao3"),
    ],
)
def test_mandarin_is_read_as_a_bank_reads_it(text, said):
    assert " ".join(syllable for _, word in pinyin(text) for syllable in word) == said


def test_a_key_is_a_number_and_a_long_string_is_digits():
    assert phonemes("zh", "请按 1。") == phonemes("zh", "请按一。")
    assert phonemes("zh", "961202") == phonemes("zh", "九六幺二零二")
    assert phonemes("en", "press 9.") == phonemes("en", "press nine.")


def test_what_is_no_mandarin_is_refused():
    with pytest.raises(ValueError, match="pronunciation"):
        phonemes("zh", "请按X")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_recording_can_be_read_in_its_sentence(lang):
    for fragment, words in fragments(lang).items():
        if fragment != "pause":
            before, after = carriers.around_fragment(lang, fragment)
            assert phonemes(lang, words).strip()
            assert phonemes(lang, before + words + after).strip()
    for prompt in load().prompts(lang):
        assert len(carriers.whole_prompt(prompt)) == len(prompt.parts)


class Organ:
    """A voice whose sound is known: a tone a piece, of a tenth of a second for each symbol."""

    def __init__(self):
        self.spoken = []

    def speak(self, pieces, *, voice, speed=1.0):
        from telephony.prompts.kokoro import Speech

        self.spoken.append(pieces)
        tones, spans, place = [], [], 0
        for number, piece in enumerate(pieces):
            place_in = np.arange(2400 * len(piece.split()))
            tones.append(np.sin(place_in * 0.1 * (number + 1)).astype(np.float32))
            spans.append((place, place + len(place_in)))
            place += len(place_in)
        return Speech(np.concatenate(tones), tuple(spans))


@pytest.fixture
def studio(tmp_path):
    from telephony.prompts.render import render

    def rendered(zh, en, *, changed=False):
        for lang, words in (("zh", zh), ("yue", zh), ("en", en)):
            (tmp_path / lang).mkdir(exist_ok=True)
            (tmp_path / lang / "basics.toml").write_text(words, encoding="utf-8")
        done = []
        count = render(
            load(tmp_path, tmp_path),
            ["zh", "en"],
            voice=Organ(),
            audio=tmp_path,
            changed=changed,
            progress=lambda number, of, name: done.append((number, of, name)),
        )
        assert count == len(done) == len({name for _, _, name in done})
        assert [number for number, _, _ in done] == list(range(1, count + 1))
        return load(tmp_path, tmp_path), [name for _, _, name in done]

    return rendered


def test_a_rendered_catalogue_lacks_nothing_and_only_changes_are_made_again(studio):
    first, made = studio('a = "您好{n:number}次"\nb = "再见。"', 'a = "Hi {n:number}"\nb = "Bye."')
    assert first.offered == ("zh", "en")
    assert len(made) > 500
    again, made = studio(
        'a = "您好{n:number}次"\nb = "谢谢。"', 'a = "Hi {n:number}"\nb = "Bye."', changed=True
    )
    assert made == ["zh/b.wav"]
    assert again.offered == ("zh", "en")


def test_audio_that_nobody_says_any_more_is_removed(studio, tmp_path):
    studio('a = "您好。"\nb = "再见。"', 'a = "Hi."\nb = "Bye."')
    assert (tmp_path / "en" / "b.wav").exists()
    studio('a = "您好。"', 'a = "Hi."', changed=True)
    assert not (tmp_path / "en" / "b.wav").exists()
