"""The use case "what could be typed here": names that a flow file or the state directory has.

A flow that somebody completes names of need not be right: it is read as data, and what can't be
read has no names.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.history import LAST, journals, path_of, state_folder, summary_of
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.store.journal import FlowText, read
from kestrel_cli.worker.yaml_text import read_yaml

Named = tuple[str, str]  # what could be typed, and some words about it

_LARGEST: Final = 1_000_000  # bytes of a flow file
_MOST: Final = 50  # executions
_NO_TASKS: Final = frozenset(("id", "inputs", "triggers", "outputs", "variables", "pluginDefaults"))
_SECRET: Final = re.compile(r"secret\(\s*(?:key\s*=\s*)?['\"]([A-Za-z_]\w*)['\"]")


class FlowNames:
    """The names in the text of a flow file."""

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            flow = read_yaml(text)
        except ValueError:
            flow = None
        self._flow: Mapping[Any, Any] = flow if isinstance(flow, Mapping) else {}

    def tasks(self, type_end: str = "") -> list[Named]:
        """The tasks, with the last part of their types; only those whose type ends so."""
        found = _tasks([value for key, value in self._flow.items() if key not in _NO_TASKS])
        return [(name, kind.rpartition(".")[2]) for name, kind in found if kind.endswith(type_end)]

    def types(self) -> list[Named]:
        """The task types."""
        found = _tasks([value for key, value in self._flow.items() if key not in _NO_TASKS])
        return [(kind, "") for kind in dict.fromkeys(kind for _, kind in found)]

    def inputs(self) -> list[Named]:
        """The inputs, with their types."""
        return [
            (name, " ".join(part for part in (str(one.get("type", "")), _about(one)) if part))
            for name, one in self._inputs().items()
        ]

    def values_of(self, name: str) -> list[Named]:
        """What an input may be, as far as the flow lists it."""
        one = self._inputs().get(name, {})
        listed = one.get("values", one.get("options"))
        if listed is None and one.get("type") in ("BOOL", "BOOLEAN"):
            listed = ["true", "false"]
        if isinstance(listed, list):
            return [(str(value), "") for value in listed if not isinstance(value, list | dict)]
        default = one.get("defaults")
        return [(str(default), "the default")] if isinstance(default, str | int | float) else []

    def secrets(self) -> list[Named]:
        """The secrets that expressions read."""
        return [(name, "") for name in dict.fromkeys(_SECRET.findall(self._text))]

    def _inputs(self) -> dict[str, Mapping[Any, Any]]:
        listed = self._flow.get("inputs")
        return dict(_inputs(listed, "")) if isinstance(listed, list) else {}


def names_in_file(path: str) -> FlowNames:
    """The names of a flow file; of one that can't be read, none."""
    try:
        with Path(path).open("rb") as file:
            return FlowNames(file.read(_LARGEST).decode("utf-8-sig", "replace"))
    except (OSError, ValueError):
        return FlowNames("")


def names_in_execution(name: str, state_dir: str | None, environ: Mapping[str, str]) -> FlowNames:
    """The names of the flow that an execution ran. Raises NothingMatched, OSError, ValueError."""
    lines = read(path_of(name, state_dir, environ))
    try:
        for _, _, line in lines:
            if isinstance(line, FlowText):
                return FlowNames(line.text)
    finally:
        lines.close()
    return FlowNames("")


def executions(state_dir: str | None, environ: Mapping[str, str]) -> list[Named]:
    """The latest executions, newest first, with flow, state and time; before them `last`."""
    folders = [path.parent for path in journals(state_folder(state_dir, environ))]
    newest = sorted(folders, key=_changed_at, reverse=True)[:_MOST]
    known = [one for one in (summary_of(path / "journal.ndjson") for path in newest) if one]
    known.sort(key=lambda one: one.started_at, reverse=True)
    found = [(one.id, f"{one.flow_id} {one.state} {_minute(one.started_at)}") for one in known]
    return [(LAST[0], found[0][1]), *found] if found else []


def _changed_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0


def _minute(at: int) -> str:
    return iso_instant(at)[:16].replace("T", " ")


def _tasks(values: list[Any]) -> list[Named]:
    """Everything with an id and a type, in the order of the file."""
    found = []
    open_values = values[::-1]
    while open_values:
        value = open_values.pop()
        if isinstance(value, Mapping):
            if isinstance(value.get("id"), str) and isinstance(value.get("type"), str):
                found.append((value["id"], value["type"]))
            open_values.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            open_values.extend(reversed(value))
    return found


def _inputs(listed: list[Any], above: str) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    for one in listed:
        if not isinstance(one, Mapping) or not isinstance(one.get("id"), str):
            continue
        name = f"{above}{one['id']}"
        inner = one.get("inputs")
        if isinstance(inner, list) and not above:
            yield from _inputs(inner, f"{name}.")
        else:
            yield name, one


def _about(one: Mapping[Any, Any]) -> str:
    words = one.get("displayName", one.get("description"))
    return words.partition("\n")[0] if isinstance(words, str) else ""
