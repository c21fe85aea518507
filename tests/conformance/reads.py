"""What the expressions of a flow read of the world, and values that fit: found in the text alone.

`outputs.fetch.rows[0].name` is read as the path `fetch`, `rows`, None, `name`; what a value has to
be is guessed from its name and from what is done with it (`| date(...)`, `for x in ...`).
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

Path = tuple[str | None, ...]

_CHAIN: Final = re.compile(
    r"""(?<![\w.'"$-])(outputs|trigger|envs|globals|labels)
    ((?:\s?\.\s?\w+|\[[^\[\]{}]*(?:\[[^\[\]{}]*\][^\[\]{}]*)*\])+)""",
    re.VERBOSE,
)
_PART: Final = re.compile(r"""\.\s?(\w+)|\[\s*(?:'([^']*)'|"([^"]*)"|[^\]]*\]?[^\]]*)\s*\]""")
_CALL: Final = re.compile(r"currentEachOutput\(\s*([^()]*?)\s*\)")
_AFTER: Final = re.compile(r"\)*\s*\|\s*(\w+)|\s*(>=?|<=?|\*|/|-)\s")
_BEFORE: Final = re.compile(r"(?:(\w+)\s*\(\s*|\b(in)\s+)$")
_NAMED_CALL: Final = {
    name: re.compile(rf"""\b{name}\(\s*(?:\w+\s*=\s*)?(['"])([^'"{{}}]+)\1""")
    for name in ("kv", "read")
}
_NAMESPACE_FILE: Final = re.compile(r"nsfile:///([\w./-]+)")

MOMENT: Final = "2024-01-01T10:00:00Z"
_LIST: Final = ["one", "two"]
_BY_FILTER: Final[dict[str, Any]] = {
    **dict.fromkeys(("date", "dateAdd", "timestamp", "timestampMilli"), MOMENT),
    **dict.fromkeys(("first", "last", "join", "chunk", "slice", "sort", "flatten"), _LIST),
    **dict.fromkeys(("number", "numberFormat", "abs", ">", ">=", "<", "<=", "*", "/", "-"), 1),
    **dict.fromkeys(("keys", "values", "entries", "jq"), {"name": "made up"}),
    **dict.fromkeys(("json", "fromJson"), '{"name": "made up"}'),
}
_BY_NAME: Final[dict[str, Any]] = {
    **dict.fromkeys(("date", "next", "previous", "timestamp", "startDate"), MOMENT),
    **dict.fromkeys(("size", "count", "total", "rowCount", "length"), 1),
    **dict.fromkeys(("rows", "objects", "files", "blobs", "messages"), [{"name": "made up"}]),
    **dict.fromkeys(("row", "headers"), {"name": "made up"}),
    **dict.fromkeys(("body", "json", "result", "response"), '{"name": "made up"}'),
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
    text = _CALL.sub(r"\1", text)
    for found in _CHAIN.finditer(text):
        path = tuple(_parts(found[2]))
        after = _AFTER.match(text, found.end())
        before = _BEFORE.search(text, max(found.start() - 40, 0), found.start())
        yield Read(found[1], path, _fitting(path, before, after))


def _parts(chain: str) -> Iterator[str | None]:
    for part in _PART.finditer(chain):
        yield part[1] or part[2] or part[3]  # None: an expression or a number says it


def _fitting(path: Path, before: re.Match[str] | None, after: re.Match[str] | None) -> Any:
    if before and before[2]:
        return []
    if before and before[1] in _BY_FILTER:
        return _BY_FILTER[before[1]]
    name = path[-1] or ""
    if after and (done := after[1] or after[2]) in _BY_FILTER and name not in ("rows", "body"):
        return _BY_FILTER[done]
    return _BY_NAME.get(name, "made up")


def grown(paths: list[tuple[Path, Any]]) -> Any:
    """Maps and lists that have a value at each of the paths."""
    below: dict[str | None, list[tuple[Path, Any]]] = {}
    values = [value for path, value in paths if not path]
    for path, value in paths:
        if path:
            below.setdefault(path[0], []).append((path[1:], value))
    if not below:
        return next((one for one in values if one != "made up"), "made up")
    if None in below:
        return [grown(below[None])]
    return {name: grown(rest) for name, rest in below.items()}


def asked_for(function: str, text: str) -> list[str]:
    """The names in every `kv('NAME')` or `read('NAME')`."""
    return [found[2] for found in _NAMED_CALL[function].finditer(text)]


def namespace_files(text: str) -> list[str]:
    """The namespace files that a flow names."""
    named = [*asked_for("read", text), *_NAMESPACE_FILE.findall(text)]
    return [name for name in named if ":" not in name and ".." not in name]
