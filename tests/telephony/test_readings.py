"""The bank's dictionary over what ships, and what is heard by an older reading."""

import pytest
from django.core.exceptions import ValidationError

from telephony import readings, rendering, studio, wording
from telephony.models import Reading, Recording
from tests.cast import NOON
from tests.prompting import approve_all, render
from tests.telephony.test_studio import tone

pytestmark = pytest.mark.django_db(transaction=True)


def reads(word: str, said: str) -> Reading:
    row = Reading(word=word, said=said)
    row.full_clean()
    row.save()
    return row


def files(word: str = "") -> set[str]:
    return {found.piece.name for found in readings.outdated(word)}


def test_the_banks_rows_win_and_the_rest_ships(db):
    assert readings.in_force("zh")["银行"] == "yin2 hang2"
    reads("银行", "yin2 xing2")
    reads("鹏城", "peng2 cheng2")
    now = readings.in_force("zh")
    assert (now["银行"], now["鹏城"], now["跨行"]) == ("yin2 xing2", "peng2 cheng2", "kua4 hang2")
    assert "鹏城" not in readings.in_force("en")


def test_a_row_that_cannot_be_read_is_refused_at_its_field(db):
    with pytest.raises(ValidationError) as refused:
        reads("银行", "yin2 hang")
    assert list(refused.value.message_dict) == ["said"]
    reads("绿", " Lü4 ")
    assert Reading.objects.get().said == "lv4"


def test_a_new_reading_names_what_is_heard_by_the_old_one(own, lina, zhang, hum):
    assert readings.outdated() == []
    reads("重听", "chong2 ting4")
    stale = readings.outdated("重听")
    assert "menu.hint" in {found.key for found in stale}
    assert all("重听" in found.piece.text for found in stale)
    assert {found.read["重听"] for found in stale} == {"chong2 ting1"}
    assert {found.now["重听"] for found in stale} == {"chong2 ting4"}


def test_the_reading_that_ships_makes_nothing_outdated(own):
    reads("重听", "chong2 ting1")
    assert readings.outdated() == []


def test_rendered_again_it_is_up_to_date_until_the_reading_changes(own, lina, zhang, hum):
    row = reads("再见", "zai4 jian4")
    before = files("再见")
    assert "zh/goodbye.wav" in before
    rendering.ask(rendering.again(readings.outdated("再见")), reason="改读音", by=lina, at=NOON)
    render()
    assert files("再见") == before  # callers hear the old one until another approves
    approve_all(zhang)
    assert files("再见") == set()
    assert Recording.objects.filter(origin="rendered", state="used").count() == len(before)
    row.said = "zai4 jian5"
    row.save()
    assert files("再见") == before
    row.delete()  # what ships holds again: nothing ships for this word
    assert files("再见") == before


def test_what_a_person_recorded_is_never_outdated(own, lina, zhang):
    reads("再见", "zai4 jian4")
    assert "zh/goodbye.wav" in files()
    studio.upload("zh/goodbye.wav", tone(), reason="新录", by=lina, at=NOON)
    approve_all(zhang)
    assert "zh/goodbye.wav" not in files()


def test_a_word_within_a_longer_one_is_not_meant(own):
    reads("听", "ting4")
    assert not any(
        "重听" in f.piece.text and f.piece.text.count("听") == 1 for f in readings.outdated("听")
    )


def test_every_file_is_a_piece_once(own):
    for lang in wording.prompts().languages:
        names = [piece.name for _key, piece in readings.pieces(lang)]
        assert len(names) == len(set(names))
        needed = {r.name for r in wording.prompts().all_recordings(lang) if r.lang == lang}
        assert set(names) == needed
