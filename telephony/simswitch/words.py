"""Reading a command's text as FreeSWITCH does (switch_separate_string, switch_true, atoi)."""

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "s": " ", "'": "'", '"': '"', "\\": "\\"}
_TRUE = frozenset(["yes", "on", "true", "t", "enabled", "active", "allow"])


def words(text: str, most: int) -> list[str]:
    """Split at blanks; single quotes hold a word together, and ``''`` is an empty one.

    The last of `most` words keeps its blanks.
    """
    found: list[str] = []
    at, end = 0, len(text)
    while at < end and len(found) < most - 1:
        start = at
        at = _word_end(text, _skip(text, at))
        found.append(_clean(text[start:at]))
        at = _skip(text, at + 1) if at < end else end
    if at < end:
        found.append(_clean(text[at:]))
    return found


def number(text: str) -> int:
    """What C makes of it: a sign and the digits in front, else 0."""
    digits = text.strip()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    end = next((at for at, sign_ in enumerate(digits) if sign_ not in "0123456789"), len(digits))
    return sign * int(digits[: min(end, 12)] or 0)


def true(value: str | None) -> bool:
    """What FreeSWITCH takes for a yes: a word for it, or a number that isn't nought."""
    if not value:
        return False
    return value.lower() in _TRUE or (value.isdecimal() and int(value) != 0)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def _word_end(text: str, at: int) -> int:
    quoted = False
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == "'":
            quoted = not quoted
        elif text[at] == " " and not quoted:
            return at
        at += 1
    return len(text)


def _clean(word: str) -> str:
    """Without quotes, escapes resolved, blanks at the ends gone unless they were quoted."""
    out: list[str] = []
    kept, quoted, at = 0, False, _skip(word, 0)
    while at < len(word):
        if word[at] == "\\" and word[at + 1 : at + 2] in _ESCAPES and at + 1 < len(word):
            at += 1
            out.append(_ESCAPES[word[at]])
            kept = len(out)
        elif word[at] == "'" and (quoted or "'" in word[at + 1 :]):
            quoted = not quoted
            if quoted:
                kept = len(out)
        else:
            out.append(word[at])
            if word[at] != " " or quoted:
                kept = len(out)
        at += 1
    return "".join(out[:kept])
