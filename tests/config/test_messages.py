import gettext
import os

import pytest

from config.messages import Conflict, compile_if_stale

PART = 'msgid "Enter the amount."\nmsgstr "{}"\n'


@pytest.fixture
def locale(tmp_path):
    (tmp_path / "parts").mkdir()
    return tmp_path


def speak(locale) -> gettext.GNUTranslations:
    with (locale / "zh_Hans" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_what_the_areas_write_is_one_catalogue(locale):
    (locale / "parts" / "telephony.po").write_text(PART.format("请输入金额。"))
    (locale / "parts" / "people.po").write_text('msgid "Name"\nmsgstr "姓名"\n')
    compile_if_stale(locale)
    assert speak(locale).gettext("Enter the amount.") == "请输入金额。"
    assert speak(locale).gettext("Name") == "姓名"


def test_two_areas_that_disagree_are_told(locale):
    (locale / "parts" / "a.po").write_text(PART.format("请输入金额。"))
    (locale / "parts" / "b.po").write_text(PART.format("请输入数额。"))
    with pytest.raises(Conflict, match=r"请输入金额.* in a\.po, but .*请输入数额.* in b\.po"):
        compile_if_stale(locale)


def test_a_sentence_without_chinese_stays_english(locale):
    (locale / "parts" / "a.po").write_text(PART.format(""))
    compile_if_stale(locale)
    assert speak(locale).gettext("Enter the amount.") == "Enter the amount."


def test_only_what_is_stale_is_compiled(locale):
    part = locale / "parts" / "a.po"
    part.write_text(PART.format("请输入金额。"))
    compile_if_stale(locale)
    mo = locale / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    written = mo.stat()
    compile_if_stale(locale)
    assert mo.stat().st_ino == written.st_ino
    part.write_text(PART.format("请输入转账金额。"))
    os.utime(part, ns=(written.st_mtime_ns + 1_000_000,) * 2)
    compile_if_stale(locale)
    assert speak(locale).gettext("Enter the amount.") == "请输入转账金额。"
    assert [file.name for file in mo.parent.iterdir()] == ["django.mo"]
