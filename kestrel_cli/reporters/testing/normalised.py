"""An execution as text that is the same each time it goes the same way.

The data is that of the JSON document, shorter: of states the way, of executions what they did. What
is another one each time has a name in its place:

    ids                  `<id 1>`, numbered by first appearance
    dates and times      `<date>`, but for dates that the flow or the case says themselves
    lengths of time      `<duration>`
    this machine         `<host>`, `<tmp>`, `<here>`, `<home>`
"""

import json
import re
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.reporters.family import family, others
from kestrel_cli.reporters.shape import run_shape

_UUID: Final = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"[0-9A-Za-z]{16,}")
_STORED: Final = re.compile(r"(?<=/)[0-9a-f]{20}(?=\.|$)")  # the name of a file in storage
_KSUID: Final = 27  # characters; they begin with the time
_MOMENT: Final = re.compile(
    r"\b(\d{4}-\d\d-\d\d)"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?(?:\[[\w/+-]+\])?)?(?!\d)"
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER: Final = re.compile(r"(?<![\w.-])\d{10}(?:\d{3}){0,3}(?:\.\d+)?(?![\w-])")
_EPOCHS: Final = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}  # digits -> units a second
_NEAR: Final = 2 * 86_400  # seconds from now that a number is taken for a date
SCHEME: Final = "kestra://"
_SHORTEST: Final = 4  # characters of the name of a machine or a folder


def normalised(execution: Execution, sources: Iterable[str]) -> str:
    """The execution, and those that it started, as JSON. `sources` are the texts whose dates
    stay.
    """
    names = _Names(execution, sources)
    whole = _shape(execution)
    further = [_shape(one) for one in others(execution)]
    if further:
        whole["executions"] = further
    return json.dumps(names.of(whole), indent=2, ensure_ascii=False, default=str) + "\n"


def _shape(execution: Execution) -> dict[str, Any]:
    shown = execution.masker.shown
    found: dict[str, Any] = {
        "flow": f"{execution.flow.namespace}.{execution.flow.id}",
        "state": _way(execution.history),
    }
    if execution.item is not None:
        found["item"] = shown(execution.item.get("value"))
    if execution.inputs:
        found["inputs"] = shown(execution.inputs)
    if execution.outputs:
        found["outputs"] = shown(execution.outputs)
    found["taskRunList"] = [_run_shape(execution, run) for run in execution.listed()]
    return found


def _run_shape(execution: Execution, run: TaskRun) -> dict[str, Any]:
    whole = run_shape(execution, run)
    found: dict[str, Any] = {"id": whole["id"], "taskId": whole["taskId"]}
    for name in ("parentTaskRunId", "value", "iteration"):
        if name in whole:
            found[name] = whole[name]
    found["state"] = _way(run.history)
    attempts = [_attempt(one) for one in whole.get("attempts", ())]
    if attempts:
        found["attempts"] = attempts
    if whole["outputs"] is not None:
        found["outputs"] = whole["outputs"]
    return found


def _attempt(shape: dict[str, Any]) -> Any:
    way = " > ".join(str(one["state"]) for one in shape["state"]["histories"])
    metrics = [
        {**one, "value": "<duration>"} if one.get("type") == "timer" else one
        for one in shape.get("metrics", ())
    ]
    return {"state": way, "metrics": metrics} if metrics else way


def _way(history: Iterable[tuple[Any, int]]) -> str:
    return " > ".join(str(state) for state, _ in history)


class _Names:
    """Puts names in the place of what changes."""

    def __init__(self, execution: Execution, sources: Iterable[str]) -> None:
        self._numbers: dict[str, int] = {}
        self._known: set[str] = set()
        for one in family(execution):
            self._known.add(one.id)
            self._known |= {one.run_id(run.number) for run in one.runs}
        self._days = {day for text in sources for day in _DAY.findall(text)}
        self._now = execution.created_at / 1_000_000
        self._places = list(_places())

    def of(self, value: Any) -> Any:
        """The value with names in it, in its order."""
        if isinstance(value, dict):
            return {self._text(str(key)): self.of(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(item) for item in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)):
            return "<date>" if self._is_date(value) else value
        return self._text(str(value))

    def _text(self, text: str) -> str:
        for pattern, name in self._places:
            text = pattern.sub(name, text)
        text = _UUID.sub(lambda found: self._id(found[0]), text)
        if SCHEME in text:
            text = _STORED.sub(lambda found: self._id(found[0]), text)
        text = _TOKEN.sub(self._token, text)
        text = _MOMENT.sub(self._moment, text)
        return _NUMBER.sub(
            lambda found: "<date>" if self._is_date(float(found[0])) else found[0], text
        )

    def _id(self, text: str) -> str:
        number = self._numbers.setdefault(text, len(self._numbers) + 1)
        return f"<id {number}>"

    def _token(self, found: re.Match[str]) -> str:
        text = found[0]
        if text in self._known or _is_ksuid(text):
            return self._id(text)
        return text

    def _moment(self, found: re.Match[str]) -> str:
        return found[0] if found[1] in self._days else "<date>"

    def _is_date(self, number: float) -> bool:
        unit = _EPOCHS.get(len(str(int(number)))) if abs(number) < 1e19 else None
        return unit is not None and abs(number / unit - self._now) < _NEAR


def _is_ksuid(text: str) -> bool:
    kinds = (str.isupper, str.islower, str.isdigit)
    return len(text) == _KSUID and all(any(kind(one) for one in text) for kind in kinds)


def _places() -> Iterable[tuple[re.Pattern[str], str]]:
    """Where this process runs: longer paths first, as one may lie in another."""
    found = {
        str(Path.cwd()): "<here>",
        tempfile.gettempdir(): "<tmp>",
        str(Path.home()): "<home>",
    }
    for path in sorted(found, key=len, reverse=True):
        if len(path) >= _SHORTEST:
            below = r"/[\w.-]+" if found[path] == "<tmp>" else r"(?![\w.-])"
            yield re.compile(re.escape(path) + below), found[path]
    host = socket.gethostname()
    if len(host) >= _SHORTEST:
        yield re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])"), "<host>"
