"""Chinese is the first language: no sentence that a person reads is left in English."""

import re
import string

import pytest
from django.utils.translation import gettext, override, pgettext

from config.messages import merge, parts
from tests.sentences import ours, theirs

# Read alike in both languages.
SAME = {"{}", "—", "%(name)s %(password)s"}


def catalogue() -> dict[tuple[str, str], str]:
    """Every entry of ours: (context, msgid) → its Chinese."""
    found = {}
    for message in merge(parts()):
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            words = message.string if isinstance(message.string, tuple) else (message.string,)
            found[message.context or "", ids[0]] = words[0]
    return found


@pytest.mark.parametrize("sentences", [ours, theirs])
def test_every_sentence_has_its_chinese(sentences):
    with override("zh-hans"):
        english = [
            f"{sentence!r} ({file.name})"
            for (context, sentence), file in sentences().items()
            if sentence not in SAME
            and (pgettext(context, sentence) if context else gettext(sentence)) == sentence
        ]
    assert english == []


def test_no_entry_is_left_of_a_sentence_that_nobody_says():
    said = ours().keys() | theirs().keys()
    assert sorted(catalogue().keys() - said) == []


def _places(text: str) -> set[str]:
    """The named places of a message: `%(name)s`, and `{name}` that a page fills itself."""
    return {part.split(")")[0] for part in text.split("%(")[1:]} | set(re.findall(r"{(\w+)}", text))


def test_no_chinese_loses_a_value_that_the_sentence_holds():
    for (_context, sentence), chinese in catalogue().items():
        assert _places(sentence) == _places(chinese), sentence


def test_chinese_sentences_are_chinese():
    """A word of ASCII letters in Chinese text is an oversight, unless it is a name or a code."""
    markup = {"href", "class", "a", "text", "primary", "dark"}
    known = markup | {
        "PIN",
        "IVR",
        "FreeSWITCH",
        *("wav", "csv", "xlsx", "docx", "pdf", "png", "jpg", "txt"),  # how a file's name ends
        *("menu", "own", "announcement", "welcome"),  # what a prompt of the bank begins with
        *("service", "article", "queue", "complaint", "done"),  # how a procedure's guide ends
        "SIP",
        *("F", "U", "Esc"),  # names of keys
        "RFC",
        "make",
        "run",
        "SWITCH",
        "simulated",
    }
    for (_context, sentence), chinese in catalogue().items():
        bare = "".join(c for c in chinese if c not in string.digits)
        for place in _places(chinese):
            for written in (f"%({place})s", f"%({place})d", f"{{{place}}}"):
                bare = bare.replace(written, " ")
        bare = re.sub("[a-z-]+/[a-z-]+", " ", bare)  # a path
        words = "".join(c if c in string.ascii_letters else " " for c in bare).split()
        assert set(words) <= known, (sentence, chinese)
