"""What to type when a mock lacks an output that an expression reads."""

import json
import re
import shlex
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.texts import texts_of

_PLACE: Final = "..."  # what is to be filled in
_PARTS: Final = re.compile(r"\.(\w+)|\[\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+)|[^\]'\"]+)\s*\]")
_LONGEST: Final = 2_000


def mock_hint(finder: MockFinder, execution: Execution) -> Callable[[MissingValue], str | None]:
    """Explains values that are missing because their task was mocked: the option that has them."""

    def hint(error: MissingValue) -> str | None:
        path = (*error.path, error.name)
        if len(path) < 2 or path[0] != "outputs":
            return None
        mock = _mock_of(path[1], finder, execution)
        return None if mock is None else _told(path, mock, execution)

    return hint


def _mock_of(task_id: str, finder: MockFinder, execution: Execution) -> Mock | None:
    runs = execution.runs_of.get(task_id, ())
    for number in runs:
        if (mock := finder.of(execution, execution.runs[number])) is not None:
            return mock
    return None if runs else finder.named(task_id)


def _told(path: tuple[str, ...], mock: Mock, execution: Execution) -> str | None:
    task_id, missing = path[1], path[-1]
    runs = execution.runs_of.get(task_id, ())
    if missing in mock.outputs:
        return None  # it is there: the loop's value was left out
    values = {one for number in runs for one in execution.values_around(execution.runs[number])}
    wanted: Any = {}
    for parts in _read_of(task_id, execution.flow, values):
        wanted = _with(wanted, parts)
    whole = _merged(wanted, mock.outputs)
    name = task_id if mock.value is None else f"{task_id}[{mock.value}]"
    option = shlex.quote(f"{name}={json.dumps(whole, default=str, ensure_ascii=False)}")
    without = "" if missing == task_id else f" without `{missing}`"
    if not whole or len(option) > _LONGEST:
        return f"`{task_id}` was mocked{without}"
    return f"`{task_id}` was mocked{without}: give what is read of it: --mock {option}"


def _read_of(task_id: str, flow: Flow, values: Collection[str]) -> Iterator[list[str | int]]:
    """The paths below the outputs of a task that the expressions of the flow name; `values` are
    those of the loops around it, which come first.
    """
    name = re.escape(task_id)
    pattern = rf"(?<![\w.])outputs(?:\.{name}(?![\w-])|\[\s*['\"]{name}['\"]\s*\])"
    mention = re.compile(pattern)
    for text in _texts(flow):
        for match in mention.finditer(text) if "outputs" in text else ():
            parts: list[str | int] = []
            at = match.end()
            while (part := _PARTS.match(text, at)) is not None:
                at = part.end()
                key = next((one for one in part.groups()[:3] if one is not None), None)
                if values and not parts and (part[0].startswith("[") or key in values):
                    continue
                if key is None and part[4] is None:
                    break  # what only the run knows
                parts.append(0 if key is None else key)
            if parts and isinstance(parts[0], str):
                yield parts


def _texts(flow: Flow) -> Iterator[str]:
    for _, task in walk(flow):
        yield from texts_of(task)
    yield from (one.value for one in flow.outputs if isinstance(one.value, str))


def _with(held: Any, parts: list[str | int]) -> Any:
    """A value with something to fill in at the end of a path; what is there already stays."""
    if not parts:
        return _PLACE if held is None else held
    first, *rest = parts
    if isinstance(first, int):
        element = held[0] if isinstance(held, list) and held else None
        return held if isinstance(held, dict) and held else [_with(element, rest)]
    inside = held if isinstance(held, dict) else {}
    return {**inside, first: _with(inside.get(first), rest)}


def _merged(wanted: Any, given: Any) -> Any:
    """What is wanted, with all that was given in its place."""
    if not isinstance(wanted, dict) or not isinstance(given, dict):
        return given
    return {
        **given,
        **{
            key: _merged(value, given[key]) if key in given else value
            for key, value in wanted.items()
        },
    }
