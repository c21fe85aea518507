"""What to type when a mock, or a fixture of a test, lacks an output that an expression reads."""

import json
import shlex
from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.reading.outputs import outputs_read
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.mock import Mock

_LONGEST: Final = 2_000


def mock_hint(finder: MockFinder, execution: Execution) -> Callable[[MissingValue], str | None]:
    """Explains values that are missing because their task was mocked, or had a fixture: the option,
    or the line of the fixture, that has them.
    """

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
    if mock.fixture and mock.error is not None:
        return None  # that it has no fixture is told by itself
    if missing in mock.outputs:
        return None  # it is there: the loop's value was left out
    whole = _merged(outputs_read(execution.flow).get(task_id, {}), mock.outputs)
    if mock.fixture:
        lacks = "outputs" if missing == task_id else f"`{missing}`"
        option = json.dumps(whole, default=str, ensure_ascii=False)
        give = f": write `outputs: {option}` there" if whole and len(option) <= _LONGEST else ""
        return f"the fixture of `{task_id}` has no {lacks}{give}"
    name = task_id if mock.value is None else f"{task_id}[{mock.value}]"
    option = shlex.quote(f"{name}={json.dumps(whole, default=str, ensure_ascii=False)}")
    without = "" if missing == task_id else f" without `{missing}`"
    if not whole or len(option) > _LONGEST:
        return f"`{task_id}` was mocked{without}"
    return f"`{task_id}` was mocked{without}: give what is read of it: --mock {option}"


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
