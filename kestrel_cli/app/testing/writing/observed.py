"""Assertions of what has come out of a case: outputs that are the same each time."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from kestrel_cli.app.reading.loops import LOOPS, kind_of
from kestrel_cli.app.testing.writing.drafts import can_be_written, said
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import State
from kestrel_cli.model.test_results import CaseResult

Judged = Callable[[list[dict[str, Any]], int, float], CaseResult]

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_ID: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|kestra://|/tmp/", re.IGNORECASE
)
_LONGEST: Final = 500  # characters of a value that is asserted
_MOST: Final = 6  # assertions about values
_MOST_OF_ONE: Final = 6  # about one task run or output
_RUNS: Final = 3  # the last ones that are looked at
_TIMES: Final = ((1, 0.0), (2, 4.2e7))  # a seed, and how many seconds from now


def assertions_of(
    execution: Execution,
    judged: Judged,
    before: Execution | None = None,
) -> list[dict[str, Any]]:
    """What to assert of an execution.

    `judged` runs its case again, with these assertions, a seed, and so many seconds from now: what
    is another value then is not asserted. `before` is the execution of another case: a task run
    that it has not is told of.
    """
    asked = [ref for ref, _ in zip(_values(execution), range(4 * _MOST), strict=False)]
    found = _stable(asked, judged)[:_MOST]
    witnesses = [] if before is None else list(_new_runs(execution, before))
    found.insert(0, {"value": "{{ execution.state }}", "equalTo": str(execution.state)})
    if witnesses or not asked:
        wanted = [*witnesses] or list(_last_runs(execution))
        found += _stable(wanted, judged)[:1]
    return found


def _stable(asked: list[str], judged: Judged) -> list[dict[str, Any]]:
    """Those that give the same text twice."""
    if not asked:
        return []
    tries = [{"value": one, "equalTo": "-"} for one in asked]
    first, second = (_actuals(judged(tries, *each)) for each in _TIMES)
    return [
        {"value": one, "equalTo": said(first[one])}
        for one in asked
        if one in first and first[one] == second.get(one) and _is_lasting(first[one])
    ]


def _actuals(result: CaseResult) -> dict[str, str]:
    return {str(one.assertion.value): str(one.actual) for one in result.results}


def _is_lasting(text: str) -> bool:
    """Whether a value looks as if it were the same tomorrow."""
    return (
        len(text) <= _LONGEST
        and "\n\n" not in text
        and "******" not in text
        and can_be_written(text)
        and _ID.search(text) is None
    )


# -- what could be asserted


def _values(execution: Execution) -> Iterator[str]:
    """Expressions of values: the flow's outputs; else those of the last task runs that ran."""
    outputs = execution.outputs or {}
    if outputs:
        for name, value in outputs.items():
            yield from _leaves(f"execution.outputs{_step(name)}", value)
        return
    ran = [run for run in execution.runs if _has_run(run) and run.outputs]
    for run in ran[-_RUNS:][::-1]:
        path = "".join(map(_step, _loop_values(execution, run)))
        yield from _leaves(f"outputs{_step(run.task.id)}{path}", run.outputs)


def _has_run(run: TaskRun) -> bool:
    return not run.stood_in and not run.gone and run.ended and run.phase is Phase.BODY


def _new_runs(execution: Execution, before: Execution) -> Iterator[str]:
    known = {run.task.id for run in before.runs if run.state is not State.SKIPPED}
    for run in execution.runs:
        if run.task.id not in known and not run.gone and not run.task.flowable:
            yield _state_of(execution, run)


def _last_runs(execution: Execution) -> Iterator[str]:
    for run in reversed(execution.runs):
        if _has_run(run):
            yield _state_of(execution, run)


def _state_of(execution: Execution, run: TaskRun) -> str:
    path = "".join(map(_step, _loop_values(execution, run)))
    return f"{{{{ tasks{_step(run.task.id)}{path}.state }}}}"


def _loop_values(execution: Execution, run: TaskRun) -> list[str]:
    """The values of the loops around a run, the outermost first."""
    found: list[str] = []
    here: TaskRun | None = run
    while here is not None and here.parent is not None:
        parent = execution.runs[here.parent]
        if kind_of(parent.task) in LOOPS and here.value is not None:
            found.insert(0, here.value)
        here = parent
    return found


def _step(name: object) -> str:
    text = str(name)
    if isinstance(name, int):
        return f"[{name}]"
    if _WORD.fullmatch(text):
        return f".{text}"
    return f"['{text}']" if "'" not in text and "\\" not in text else f'["{text}"]'


def _leaves(path: str, value: Any) -> Iterator[str]:
    """Expressions of what is in a value, down to texts and numbers; a few."""
    waiting, found = [(path, value)], 0
    while waiting and found < _MOST_OF_ONE:
        at, one = waiting.pop(0)
        if isinstance(one, dict) and one:
            waiting += [(at + _step(name), below) for name, below in one.items()]
        elif isinstance(one, (list, tuple)) and len(one) > 0:
            found += 1
            yield f"{{{{ {at} | length }}}}"
            waiting += [(f"{at}[{place}]", below) for place, below in enumerate(one[:2])]
        elif one is not None and not isinstance(one, (dict, list, tuple)):
            found += 1
            yield f"{{{{ {at} }}}}"
