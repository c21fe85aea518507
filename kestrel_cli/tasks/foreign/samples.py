"""Mocks to copy: what stands in for a task of a type that does not run here."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kestrel_cli.tasks.foreign.types import Foreign, Output

_SOMETHING: Final = "..."
_PLAIN: Final[dict[str, Any]] = {
    "text": _SOMETHING,
    "number": 1,
    "size": 2,
    "boolean": True,
    "moment": "2026-01-31T12:00:00Z",
    "list": [_SOMETHING],
    "map": {"key": _SOMETHING},
    "rows": [{"key": _SOMETHING}],
    "any": _SOMETHING,
}
_FEW: Final = 4


def mock_line(task_id: str, foreign: Foreign | None, read: Iterable[str]) -> str:
    """The option that gives a task these outputs, those of its type with values of their kinds."""
    members = {} if foreign is None else foreign.members
    return _line(task_id, {name: members.get(name, Output("any")) for name in read})


def sample_outputs(foreign: Foreign | None, read: Iterable[str]) -> dict[str, Any]:
    """These outputs of a type, with values of their kinds; addresses of files too are to be filled
    in.
    """
    members = {} if foreign is None else foreign.members
    found: dict[str, Any] = {}
    for name in read:
        one = members.get(name, Output("any"))
        plain = {"uri": _SOMETHING, "uris": {"name": _SOMETHING}}.get(one.kind)
        found[name] = _value(one) if plain is None else plain
    return found


def mock_example(task_id: str, foreign: Foreign) -> str:
    """The option with the first few outputs of a type, those of one way to fetch."""
    shown = {name: one for name, one in foreign.members.items() if one.fetched in (None, "FETCH")}
    return _line(task_id, dict(list(shown.items())[:_FEW]))


def _line(task_id: str, outputs: Mapping[str, Output]) -> str:
    files: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, one in outputs.items():
        if one.kind == "uri":
            files[name] = _SOMETHING
        elif one.kind == "uris":
            files[name] = {"name": _SOMETHING}
        else:
            values[name] = _value(one)
    said = {"outputs": values, "files": files} if files else values
    return f"--mock '{task_id}={json.dumps(said)}'"


def _value(one: Output) -> Any:
    if one.inside:
        known = [(name, inner) for name, inner in one.inside.items() if inner.kind in _PLAIN]
        value = {name: _PLAIN[inner.kind] for name, inner in known[:_FEW]}
        return [value] if one.kind == "rows" else value
    return _PLAIN[one.kind]
