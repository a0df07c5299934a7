"""How a bank's callers speak: words to cut out whole, and words for the same thing. No I/O."""

import re
from collections.abc import Iterable, Sequence

from kb.search import cuts


class Language:
    """Made of groups of words; a group of one teaches the cutter alone."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        import rjieba  # a dictionary comes with it: for who searches, not for each process

        self._jieba = rjieba.Jieba()
        self._groups: dict[str, list[str]] = {}
        for number, group in enumerate(groups):
            for word in map(str.lower, group):
                if len(word) > 1:
                    self._jieba.add_word(word, None, None)
                if len(group) > 1:
                    self._groups.setdefault(word, []).append(f"g{number}")
        longest_first = sorted(self._groups, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def words(self, text: str) -> list[str]:
        """As dictionaries cut it, long words in their parts too; small letters, no punctuation."""
        return [cut for cut in self._jieba.cut_for_search(text.lower()) if cuts.WORD.fullmatch(cut)]

    def meant(self, text: str) -> list[str]:
        """The groups of what is said, the longest word at each place, however it is cut."""
        return [group for word in self._known.findall(text.lower()) for group in self._groups[word]]
