"""A regulation's text: the lines that an editor writes, and the chapters that they are. No I/O.

A text is articles in chapters, a heading a line::

    第一章 总则
    第一条 Its first paragraph.
    A further paragraph of it.
    （一）an item of it

Of a short one the chapters may be left out. What stands in a line is shown as it is written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

_DIGITS = "零一二三四五六七八九"
_NUMERAL = "[一二三四五六七八九十百]+"
_CHAPTER = re.compile(rf"第(?P<number>{_NUMERAL})章[\s　]*(?P<words>.*)")
_ARTICLE = re.compile(rf"第(?P<number>{_NUMERAL})条[\s　]+(?P<words>.+)")
_ITEM = re.compile(rf"（{_NUMERAL}）.+")


@dataclass(frozen=True, slots=True)
class Paragraph:
    words: str
    is_item: bool = False  # （一） …


@dataclass(frozen=True, slots=True)
class Article:
    """条: its number within the whole text, from 1."""

    number: int
    heading: str  # 第一条
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """章; without a heading, the only one of a text that has none."""

    number: int
    heading: str  # 第一章
    title: str
    articles: tuple[Article, ...] = ()


def read(text: str) -> tuple[Chapter, ...]:
    """One that was checked when it was written."""
    return _chapters(text, [])


def check(text: str) -> list[str]:
    """All that is wrong with it, each a sentence."""
    wrong: list[str] = []
    chapters = _chapters(text, wrong)
    return [*wrong, *_shape(chapters)]


def numeral(number: int) -> str:
    """1 … 199 as headings count: 一, 十二, 一百零三."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (_DIGITS[ones] if ones else "")


def _chapters(text: str, wrong: list[str]) -> tuple[Chapter, ...]:
    chapters: list[Chapter] = []
    count = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not (line := line.strip()):
            continue
        if found := _CHAPTER.fullmatch(line):
            heading = f"第{found['number']}章"
            chapters.append(Chapter(len(chapters) + 1, heading, found["words"].strip()))
        elif found := _ARTICLE.fullmatch(line):
            count += 1
            begins = Article(count, f"第{found['number']}条", (Paragraph(found["words"]),))
            above = chapters.pop() if chapters else Chapter(1, "", "")
            chapters.append(replace(above, articles=(*above.articles, begins)))
        elif chapters and chapters[-1].articles:
            *others, last = chapters[-1].articles
            further = Paragraph(line, is_item=bool(_ITEM.fullmatch(line)))
            last = replace(last, paragraphs=(*last.paragraphs, further))
            chapters[-1] = replace(chapters[-1], articles=(*others, last))
        else:
            wrong.append(
                _("Line %(n)s stands in no article: %(line)s") % {"n": number, "line": line}
            )
    return tuple(chapters)


def _shape(chapters: tuple[Chapter, ...]) -> Iterator[str]:
    """Numbered one after the other, and no chapter without an article."""
    if not any(chapter.articles for chapter in chapters):
        yield _("A regulation has at least one article: 第一条 and its words.")
    for chapter in chapters:
        if chapter.heading and chapter.heading != (due := f"第{numeral(chapter.number)}章"):
            yield _("“%(heading)s” should be “%(due)s”.") % {
                "heading": chapter.heading,
                "due": due,
            }
        if not chapter.heading and len(chapters) > 1:
            yield _("The articles before the first chapter stand in none.")
        if chapter.heading and not chapter.title:
            yield _("“%(heading)s” has no title.") % {"heading": chapter.heading}
        if not chapter.articles:
            yield _("“%(heading)s” has no article.") % {"heading": chapter.heading}
        for article in chapter.articles:
            if article.heading != (due := f"第{numeral(article.number)}条"):
                yield _("“%(heading)s” should be “%(due)s”.") % {
                    "heading": article.heading,
                    "due": due,
                }
