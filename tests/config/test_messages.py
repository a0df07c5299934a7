import gettext
import os

import pytest

from config.messages import Conflict, compile_if_stale, main

PART = 'msgid "Enter the amount."\nmsgstr "{}"\n'


@pytest.fixture
def locale(tmp_path):
    (tmp_path / "parts").mkdir()
    return tmp_path


def speak(locale) -> gettext.GNUTranslations:
    with (locale / "zh_Hans" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_what_the_areas_write_is_folded_in_and_stays(locale):
    part = locale / "parts" / "telephony.po"
    part.write_text(PART.format("请输入金额。"))
    main(locale)
    part.unlink()
    (locale / "parts" / "people.po").write_text('msgid "Name"\nmsgstr "姓名"\n')
    main(locale)
    assert speak(locale).gettext("Enter the amount.") == "请输入金额。"
    assert speak(locale).gettext("Name") == "姓名"


def test_two_areas_that_disagree_are_told(locale):
    (locale / "parts" / "a.po").write_text(PART.format("请输入金额。"))
    (locale / "parts" / "b.po").write_text(PART.format("请输入数额。"))
    with pytest.raises(Conflict, match=r"请输入金额.* in a\.po, but .*请输入数额.* in b\.po"):
        main(locale)


def test_a_sentence_without_chinese_stays_english(locale):
    (locale / "parts" / "a.po").write_text(PART.format(""))
    main(locale)
    assert speak(locale).gettext("Enter the amount.") == "Enter the amount."


def test_a_part_that_was_rewritten_replaces_what_was_folded_in(locale):
    part = locale / "parts" / "a.po"
    part.write_text(PART.format("请输入金额。"))
    main(locale)
    part.write_text(PART.format("请输入转账金额。"))
    main(locale)
    assert speak(locale).gettext("Enter the amount.") == "请输入转账金额。"


def test_tests_compile_what_is_newer_and_leave_the_sources_alone(locale):
    part = locale / "parts" / "a.po"
    part.write_text(PART.format("请输入金额。"))
    compile_if_stale(locale)
    assert speak(locale).gettext("Enter the amount.") == "请输入金额。"
    home = locale / "zh_Hans" / "LC_MESSAGES"
    assert [file.name for file in home.iterdir()] == ["django.mo"]
    written = (home / "django.mo").stat().st_mtime_ns
    compile_if_stale(locale)
    assert (home / "django.mo").stat().st_mtime_ns == written
    part.write_text(PART.format("请输入转账金额。"))
    os.utime(part, ns=(written + 1_000_000_000,) * 2)
    compile_if_stale(locale)
    assert speak(locale).gettext("Enter the amount.") == "请输入转账金额。"
