"""Java regular expressions in Python's language, matched within a bound of time (`matching`).

Most of both languages is the same; `regex_translation` rewrites what differs: `\\Q..\\E`,
`\\p{..}`, `\\h \\R \\z \\Z`, named groups, nested and intersected character classes. Here are the
replacement text's `$1` and `${name}`, and how `split` counts its parts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kestrel_cli.java import limits
from kestrel_cli.java.errors import JavaError
from kestrel_cli.java.regex_translation import Translator
from kestrel_cli.matching import bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kestrel_cli.matching import Bounded

_MAX_PATTERN: Final = 10_000


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Bounded:
    """The pattern that matches the same; JavaError when it is no Java pattern, and from its methods
    when a match takes too long.
    """
    if len(pattern) > _MAX_PATTERN:
        raise JavaError(f"a regular expression is longer than {_MAX_PATTERN} characters")
    try:
        return bounded(Translator(pattern).translate(), JavaError, written=pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise JavaError(f"invalid regular expression `{pattern}`: {error}") from None


def search(pattern: str, text: str) -> re.Match[str] | None:
    """The first match anywhere in the text."""
    return compiled(pattern).search(text)


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """Every match replaced; `$1` and `${name}` stand for groups, as in Java."""
    found = compiled(pattern)
    expand = _replacement(replacement, found)
    length = 0

    def limited(match: re.Match[str]) -> str:
        nonlocal length
        part = expand(match)
        length += len(part)
        limits.check_length(length, "the replaced text")
        return part

    return found.sub(limited, text)


def split(pattern: str, text: str, limit: int = 0) -> list[str]:
    """Java's `String.split`: no empty first part for an empty match, trailing empty parts dropped.

    A positive `limit` is the most parts there can be, a negative one keeps trailing empty parts.
    """
    parts: list[str] = []
    start = 0
    for match in _separators(compiled(pattern), text):
        if 0 < limit <= len(parts) + 1:
            break
        limits.check_items(len(parts) + 1, "the split text")
        parts.append(text[start : match.start()])
        start = match.end()
    if not parts:
        return [text]
    parts.append(text[start:])
    if limit == 0:
        while parts and not parts[-1]:
            parts.pop()
    return parts


def _separators(pattern: Bounded, text: str) -> Iterator[re.Match[str]]:
    last_end = 0
    for match in pattern.finditer(text):
        if match.end() == 0 or (match.start() == match.end() == len(text)):
            # Nothing stands before or after an empty match at the text's edges.
            continue
        if match.end() == match.start() == last_end and last_end:
            # Python reports an empty match right after a match, Java does not.
            continue
        last_end = match.end()
        yield match


def _replacement(text: str, pattern: Bounded) -> Callable[[re.Match[str]], str]:
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            if at + 1 == len(text):
                raise JavaError("character to be escaped is missing")
            parts.append(text[at + 1])
            at += 2
        elif char == "$":
            group, at = _group_reference(text, at + 1, pattern)
            parts.append(group)
        else:
            parts.append(char)
            at += 1
    if not any(isinstance(part, int) for part in parts):
        fixed = "".join(str(part) for part in parts)
        return lambda _match: fixed
    return lambda match: "".join(
        (match[part] or "") if isinstance(part, int) else part for part in parts
    )


def _group_reference(text: str, at: int, pattern: Bounded) -> tuple[int, int]:
    """The group number named at `at`, and where the text goes on."""
    named = re.compile(r"\{([a-zA-Z][a-zA-Z0-9]*)\}").match(text, at)
    if named:
        if named[1] not in pattern.groupindex:
            raise JavaError(f"No group with name {{{named[1]}}}")
        return pattern.groupindex[named[1]], named.end()
    if at >= len(text) or not ("0" <= text[at] <= "9"):
        raise JavaError("Illegal group reference")
    number = int(text[at])
    if number > pattern.groups:
        raise JavaError(f"No group {number}")
    at += 1
    # More digits belong to the number only while such a group exists.
    while (
        at < len(text) and "0" <= text[at] <= "9" and number * 10 + int(text[at]) <= pattern.groups
    ):
        number = number * 10 + int(text[at])
        at += 1
    return number, at
