"""Why an execution failed, ready to be told: each cause with its place and the end of its log.

Equal failures, as those of a loop, are one with a count. What is only a consequence, outputs of a
flow whose tasks failed, comes last.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.reporters.causes import Cause, causes
from kestrel_cli.reporters.family import family
from kestrel_cli.reporters.links import drawn
from kestrel_cli.reporters.paths import place_by_value, place_of_own, within
from kestrel_cli.reporters.tails import Tails


class Failure(NamedTuple):
    """A cause; `more` is how many others are like it, `tail` the last rows of its log."""

    cause: Cause
    message: str
    tail: list[str]
    more: int = 0

    @property
    def path(self) -> str:
        """Where it stands, with the values of loops."""
        execution, run, outer = self.cause
        own = place_of_own(self.message) if run is None else place_by_value(execution, run)
        return within(outer, own)

    @property
    def where(self) -> tuple[str, int, int] | None:
        """File, line and column: of the mistake if its message names them, else of the task, or of
        the output of the flow.
        """
        execution, run, _ = self.cause
        place = _output_of(execution, self.message) if run is None else run.task.where
        if place is None:
            return None
        file, line, column = place
        if not file or not line:
            return None
        named = re.search(rf"(?:^|\s){re.escape(file)}:(\d+):(\d+)", self.message)
        return (file, int(named[1]), int(named[2])) if named else (file, line, column)


def _output_of(execution: Execution, message: str) -> tuple[str, int, int] | None:
    """Where the output of the flow stands that a message names (`worker/flow_outputs.py`)."""
    named = re.search(r"\boutput `([^`]+)`", message)
    return next((one.where for one in execution.flow.outputs if named and one.id == named[1]), None)


def failures(root: Execution, tails: Tails) -> list[Failure]:
    """The causes of a FAILED execution, the deepest first; none of one that ended otherwise."""
    if root.state is not State.FAILED:
        return []
    found = list(causes(root))
    outputs = [one for one in found if one.run is None]
    return _grouped([*(one for one in found if one.run is not None), *outputs], tails)


def allowed(root: Execution, tails: Tails) -> list[Failure]:
    """Failures that were allowed, and tasks that only warn."""
    return _grouped(_allowed(root), tails)


def error_shape(root: Execution, tails: Tails) -> dict[str, Any] | None:
    """The first cause as data; None when the execution did not fail."""
    found = failures(root, tails)
    if not found:
        return None
    first = found[0]
    shape: dict[str, Any] = {"message": first.message}
    execution, run, _ = first.cause
    if run is not None:
        shape |= {"taskId": run.task.id, "taskRunId": execution.run_id(run.number)}
    shape["path"] = first.path
    if first.where is not None:
        shape["file"], shape["line"], shape["column"] = first.where
    if first.tail:
        shape["logTail"] = first.tail
    others = sum(1 + one.more for one in found) - 1
    return shape | ({"others": others} if others else {})


def _grouped(found: Iterable[Cause], tails: Tails) -> list[Failure]:
    groups: dict[tuple[object, ...], Failure] = {}
    for cause in found:
        execution, run, _ = cause
        if run is None:
            message, tail, task = execution.error or "failed", [], None
        else:
            message, tail, task = run.error or "failed", tails.of(execution, run), run.task.id
            if run.error is None and run.state is State.WARNING:
                message = tail.pop() if tail else "ended with a warning"
        message = drawn(message)
        key = (execution.flow.namespace, execution.flow.id, task, message, *tail)
        known = groups.get(key)
        more = 0 if known is None else known.more + 1
        groups[key] = (known or Failure(cause, message, tail))._replace(more=more)
    return list(groups.values())


def _allowed(root: Execution) -> Iterator[Cause]:
    for execution in family(root):
        runs = execution.listed()
        around = {run.parent for run in runs if _is_allowed(run)}
        for run in runs:
            if _is_allowed(run) and run.number not in around and run.number not in execution.called:
                yield Cause(execution, run, "")


def _is_allowed(run: TaskRun) -> bool:
    return run.state is State.WARNING or (run.state is State.SUCCESS and run.error is not None)
