"""Where to close an expression that is never closed. Imported only for that mistake."""

from collections.abc import Sequence
from typing import Final

_LONGEST: Final = 60  # characters of a spelling that is quoted

Read = tuple[str, str, int]  # a token of the lexer: its kind, its text, where it stands


def close_hint(tokens: Sequence[Read], source: str, closing: str) -> str:
    """Where to close an expression that is never closed: behind the first thing that is whole."""
    last = 0
    while last + 1 < len(tokens) and not _apart(tokens[last], tokens[last + 1], source):
        last += 1
    if not tokens:
        return f"close it with `{closing}`"
    begin = source.rfind("{", 0, tokens[0][2]) - 1
    written = source[max(begin, 0) : _end(tokens, last, source)].rstrip()
    if "\n" in written or len(written) > _LONGEST:
        return f"close it with `{closing}`"
    return f"close it with `{closing}`: `{written} {closing}`"


def _apart(one: Read, other: Read, source: str) -> bool:
    """Whether the second token cannot go on with what the first one ends."""
    ends = one[0] != "operator" or one[1] in (")", "]")
    begins = other[0] != "operator"
    return (ends and begins) or "\n" in source[one[2] : other[2]]


def _end(tokens: Sequence[Read], last: int, source: str) -> int:
    if last + 1 < len(tokens):
        return tokens[last + 1][2]
    following = source.find("\n", tokens[last][2])
    return following if following >= 0 else len(source)
