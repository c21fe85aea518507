"""What people write who know Jinja or Python, and its spelling here. Imported only for a
mistake.
"""

import re
from collections.abc import Sequence
from typing import Final

from kestrel_cli.expressions.lexer import Token

_LONGEST: Final = 60  # characters of a spelling that is quoted
# Operators beside which it is not clear how far the operands reach.
_LOOSE: Final = frozenset(("and", "or", "not", "?", ":", "??", ",", "="))
_CLOSED: Final = re.compile(r"-?[%}]\}")
_METHODS: Final = {
    "items": "a loop over a map gives its entries: `{% for one in map %}{{ one.key }}: "
    "{{ one.value }}{% endfor %}`",
    "keys": "write `map | keys`",
    "values": "write `map | values`",
    "get": "write `map.key`, `map[key]` or `map.key ?? fallback`",
    "upper": "write `text | upper`",
    "lower": "write `text | lower`",
    "title": "write `text | title`",
    "capitalize": "write `text | capitalize`",
    "strip": "write `text | trim`",
    "replace": "write `text | replace({'old': 'new'})`",
    "split": "write `text | split(',')`",
    "join": "write `list | join(',')`",
    "startswith": "write `text | startsWith('a')`",
    "endswith": "write `text | endsWith('a')`",
}
# Those of them that Java's values do not have either.
PYTHON_ONLY: Final = frozenset(
    ("items", "keys", "upper", "lower", "title", "startswith", "endswith")
)


def hint_for(tokens: Sequence[Token], index: int, source: str) -> str | None:
    """The spelling for a token that nothing may stand at: `x in y`, `a if b else c`."""
    word = tokens[index].value
    rest = [token.value for token in tokens[index + 1 :]]
    if word == "in":
        return _written("[...] contains x", _turned(tokens, index, index + 1, source))
    if word == "not" and rest[:1] == ["in"]:
        turned = _turned(tokens, index, index + 2, source)
        return _written("not ([...] contains x)", f"not ({turned})" if turned else None)
    if word == "if":
        return _written("b ? a : c", _choice(tokens, index, source))
    if word == "," and index == 1 and "in" in rest:
        return _METHODS["items"]
    return None


def method_hint(name: str) -> str | None:
    """What does the work of a method of Python's; None for any other name."""
    return _METHODS.get(name)


def _written(shape: str, spelled: str | None) -> str:
    return f"write `{spelled}`" if spelled else f"write `{shape}`"


def _turned(tokens: Sequence[Token], left: int, right: int, source: str) -> str | None:
    """`list contains x`, when both sides are plain."""
    sides = _sides(tokens, (0, left), (right, len(tokens)), source=source)
    return f"{sides[1]} contains {sides[0]}" if sides else None


def _choice(tokens: Sequence[Token], index: int, source: str) -> str | None:
    at = next((n for n, one in enumerate(tokens) if n > index and one.value == "else"), None)
    if at is None:
        return None
    spans = ((0, index), (index + 1, at), (at + 1, len(tokens)))
    sides = _sides(tokens, *spans, source=source)
    return f"{sides[1]} ? {sides[0]} : {sides[2]}" if sides else None


def _sides(tokens: Sequence[Token], *spans: tuple[int, int], source: str) -> list[str] | None:
    """What is written between tokens; None when it is long or its reach is not clear."""
    found = []
    for first, after in spans:
        inner = tokens[first:after]
        if not inner or _is_loose(inner):
            return None
        stop = tokens[after].at if after < len(tokens) else _closing(tokens[-1], source)
        text = source[inner[0].at : stop].strip()
        if not text or "\n" in text or len(text) > _LONGEST:
            return None
        found.append(text)
    return found


def _closing(last: Token, source: str) -> int:
    """Where the delimiter behind the last token begins."""
    behind = last.at + len(last.value) + 2 * (last.kind == "string")
    found = _CLOSED.search(source, behind)
    return found.start() if found else len(source)


def _is_loose(tokens: Sequence[Token]) -> bool:
    depth = 0
    for token in tokens:
        if token.kind == "operator" and token.value in ("(", "[", "{"):
            depth += 1
        elif token.kind == "operator" and token.value in (")", "]", "}"):
            depth -= 1
            if depth < 0:
                return True
        elif depth == 0 and token.value in _LOOSE and token.kind != "string":
            return True
    return depth != 0
