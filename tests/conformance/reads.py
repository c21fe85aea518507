"""What the expressions of a flow read of the world, and values that fit: found in the text alone.

`outputs.fetch.rows[0].name` is read as the path `fetch`, `rows`, None, `name`; what a value has to
be is guessed from its name and from what is done with it (`| date(...)`, `for x in ...`).
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

Path = tuple[str | None, ...]

MADE_UP: Final = "made-up"
A_FILE: Final = "nsfile:///made-up.csv"
MOMENT: Final = "2024-01-01T10:00:00Z"
_MAP: Final = {"name": MADE_UP}
_LIST: Final = ["one", "two"]

_CHAIN: Final = re.compile(
    r"""(?<![\w.'"$-])(outputs|trigger|envs|globals|inputs)
    ((?:\s?\.\s?\w+|\[[^\[\]{}]*(?:\[[^\[\]{}]*\][^\[\]{}]*)*\])+)""",
    re.VERBOSE,
)
_PART: Final = re.compile(r"""\.\s?(\w+)|\[\s*(?:'([^']*)'|"([^"]*)"|[^\]]*\]?[^\]]*)\s*\]""")
# Functions that give a part of what is read.
_SEEN_THROUGH: Final = re.compile(
    r"\b(currentEachOutput|json|fromJson)\(\s*([^()]*?)\s*\)(?=\s?\.|\[)"
)
_JSON: Final = "(json)"  # as a part of a path: what comes after it is read of a JSON text
_AFTER: Final = re.compile(r"""\)*\s*\|\s*(\w+)(?:\(\s*['"](\.\[\][.\w]*))?|\s*([<>*/-]=?)\s""")
_BEFORE: Final = re.compile(
    r"""(?:(\w+)\s*\(\s*|\b(in)\s+|\b(?:values|value):\s*["']?(\{\{)-?\s*)$"""
)
_NAMED: Final = {
    name: re.compile(rf"""\b{name}\(\s*(?:\w+\s*=\s*)?(['"])([^'"{{}}]+)\1""")
    for name in ("kv", "read", "secret")
}
_NAMESPACE_FILE: Final = re.compile(r"nsfile:///([\w./-]+)")

_BY_USE: Final[dict[str, Any]] = {
    **dict.fromkeys(("date", "dateAdd", "timestamp", "timestampMilli"), MOMENT),
    **dict.fromkeys(("first", "last", "join", "chunk", "slice", "sort", "flatten"), _LIST),
    **dict.fromkeys(("number", "numberFormat", "abs", ">", ">=", "<", "<=", "*", "/", "-"), 1),
    **dict.fromkeys(("keys", "values", "entries", "jq"), _MAP),
    **dict.fromkeys(("json", "fromJson"), '{"name": "made-up"}'),
    "read": A_FILE,
}
_BY_NAME: Final[dict[str, Any]] = {
    **dict.fromkeys(("date", "next", "previous", "timestamp", "startDate"), MOMENT),
    **dict.fromkeys(("size", "count", "total", "rowCount", "length"), 1),
    **{name: [_MAP] for name in ("rows", "objects", "files", "blobs", "messages")},
    **dict.fromkeys(("row", "headers"), _MAP),
    **dict.fromkeys(("body", "json", "result", "response"), '{"name": "made-up"}'),
    **dict.fromkeys(("uri", "uris"), A_FILE),
    "code": 200,
    "exitCode": 0,
}


class Read(NamedTuple):
    """One place where a flow reads something: below which variable, and what would fit there."""

    root: str
    path: Path
    value: Any


def reads(text: str) -> Iterator[Read]:
    """Every chain of names that starts with a variable of the world."""
    text = _SEEN_THROUGH.sub(_seen_through, text)
    for found in _CHAIN.finditer(text):
        path = tuple(_parts(found[2]))
        after = _AFTER.match(text, found.end())
        before = _BEFORE.search(text, max(found.start() - 40, 0), found.start())
        yield Read(found[1], path, _fitting(path, before, after))


def _seen_through(found: re.Match[str]) -> str:
    return found[2] if found[1] == "currentEachOutput" else f"{found[2]}['{_JSON}']"


def _parts(chain: str) -> Iterator[str | None]:
    for part in _PART.finditer(chain):
        yield part[1] or part[2] or part[3]  # None: an expression or a number says it


def _fitting(path: Path, before: re.Match[str] | None, after: re.Match[str] | None) -> Any:
    if before and before[2]:
        return []
    if after and after[2]:  # `| jq('.[].key')`
        return [_MAP | {part: A_FILE for part in after[2].split(".") if part.isidentifier()}]
    if before and before[1] in _BY_USE:
        return _BY_USE[before[1]]
    name = path[-1] or ""
    if after and (done := after[1] or after[3]) in _BY_USE and name not in ("rows", "body"):
        return _BY_USE[done]
    if before and before[3] and not after and name not in _BY_NAME:
        return '["one", "two"]'
    return A_FILE if "files" in path[:-1] else _BY_NAME.get(name, MADE_UP)


def grown(paths: list[tuple[Path, Any]]) -> Any:
    """Maps and lists that have a value at each of the paths."""
    below: dict[str | None, list[tuple[Path, Any]]] = {}
    values = [value for path, value in paths if not path]
    for path, value in paths:
        if path:
            below.setdefault(path[0], []).append((path[1:], value))
    if not below:
        return next((one for one in values if one != MADE_UP), MADE_UP)
    if None in below:
        return [grown(below[None])]
    if _JSON in below:
        return json.dumps(grown(below[_JSON]))
    return {name: grown(rest) for name, rest in below.items()}


def asked_for(function: str, text: str) -> list[str]:
    """The names in every `kv('NAME')`, `read('NAME')` or `secret('NAME')`."""
    return [found[2] for found in _NAMED[function].finditer(text)]


def namespace_files(text: str) -> list[str]:
    """The namespace files that a flow names."""
    named = [*asked_for("read", text), *_NAMESPACE_FILE.findall(text)]
    return [name for name in named if ":" not in name and ".." not in name]
