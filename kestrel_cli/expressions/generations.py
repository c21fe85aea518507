"""What an expression uses that Kestra 1.3 does not have."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.lexer import Token, parts

_FUNCTIONS: Final = frozenset(
    (
        "dayOfWeek",
        "env",
        "hourOfDay",
        "isDateBetween",
        "isDayWeekInMonth",
        "isLastWorkingDay",
        "loopOutputs",
    )
)
_FILTERS: Final = frozenset(("regexExtract", "regexMatch", "regexReplace"))
_TESTED: Final = ("<", ">", "<=", ">=")


class Newer(NamedTuple):
    """A function, filter or comparison of Kestra 2, and where it stands in the template."""

    what: str
    at: int


def newer(source: str) -> Iterator[Newer]:
    """Everything of Kestra 2 in a template; nothing for one that cannot be read."""
    try:
        found = parts(source)
    except RenderError:
        return
    for part in found:
        yield from _in(part.tokens)


def _in(tokens: tuple[Token, ...]) -> Iterator[Newer]:
    waiting = [tokens]
    while waiting:
        run = waiting.pop()
        for before, token, after in zip((None, *run), run, (*run[1:], None), strict=False):
            waiting.extend(piece for piece in token.pieces if isinstance(piece, tuple))
            if (what := _newer(before, token, after)) is not None:
                yield Newer(what, token.at)


def _newer(before: Token | None, token: Token, after: Token | None) -> str | None:
    said = before.value if before is not None and before.kind == "operator" else ""
    if token.kind == "name" and said == "|" and token.value in _FILTERS:
        return f"filter `{token.value}`"
    called = after is not None and after.kind == "operator" and after.value == "("
    if token.kind == "name" and called and said not in ("|", ".") and token.value in _FUNCTIONS:
        return f"function `{token.value}`"
    if token.kind == "operator" and token.value in _TESTED:
        sides = (before, after)
        if any(side is not None and side.kind == "string" for side in sides):
            return f"`{token.value}` between texts"
    return None
