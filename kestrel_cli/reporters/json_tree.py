"""One JSON document for an execution in which everything stands where it belongs: task runs under
the `children` of their parent, executions under the `executions` of the task run that started them.

The generators below read like a recursion, but do not recurse: one that reaches something inside
gives it out as a generator of its own, and `_flattened` keeps them on a stack.
"""

from collections.abc import Iterator
from typing import TextIO

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.reporters.failures import error_shape
from kestrel_cli.reporters.family import Caller, called_by, followed
from kestrel_cli.reporters.json_document import EXECUTIONS, Parts, write_pieces
from kestrel_cli.reporters.json_values import Layout, quote_for
from kestrel_cli.reporters.tails import NO_TAILS, Tails

Children = dict[int | None, list[TaskRun]]
Pieces = Iterator["str | Pieces"]


def write_tree_json(
    execution: Execution,
    stream: TextIO,
    exit_code: int,
    indent: int | None = 2,
    tails: Tails = NO_TAILS,
) -> None:
    """The fields of `write_json`, nested to any depth."""
    parts = Parts(Layout(indent), quote_for(stream))
    write_pieces(_flattened(_root(parts, execution, exit_code, tails)), stream)


def _flattened(pieces: Pieces) -> Iterator[str]:
    stack = [pieces]
    while stack:
        for piece in stack[-1]:
            if isinstance(piece, str):
                yield piece
            else:
                stack.append(piece)
                break
        else:
            stack.pop()


def _root(parts: Parts, execution: Execution, exit_code: int, tails: Tails) -> Pieces:
    yield _until_tail(parts, execution, 0)
    yield parts.tail(execution, 0, exit_code, error=error_shape(execution, tails))
    if before := followed(execution):
        yield _executions(parts, before, None, 1)
    yield parts.end("}", 0)


def _until_tail(parts: Parts, execution: Execution, level: int) -> Pieces:
    yield parts.head(execution, level)
    children: Children = {}
    for run in execution.listed():
        children.setdefault(run.parent, []).append(run)
    if None in children:
        yield _runs(parts, execution, children, None, level + 1)


def _runs(
    parts: Parts, execution: Execution, children: Children, parent: int | None, level: int
) -> Pieces:
    """The field `children`, which stands `level` levels deep."""
    line_break = parts.layout.line_break(level + 1)
    before = parts.list_start("children", level) + line_break
    for run in children[parent]:
        texts = parts.runs_at(level + 1, execution)
        yield f"{before}{texts.open(run)}"
        if run.number in children:
            yield _runs(parts, execution, children, run.number, level + 2)
        if run.number in execution.called:
            called = called_by(execution, run.number)
            yield _executions(parts, called, (execution, run.number), level + 2)
        yield texts.end
        before = f",{line_break}"
    yield parts.end("]", level)


def _executions(
    parts: Parts, executions: list[Execution], caller: Caller | None, level: int
) -> Pieces:
    """The field `executions`, which stands `level` levels deep."""
    line_break = parts.layout.line_break(level + 1)
    before = parts.list_start(EXECUTIONS, level) + line_break
    for execution in executions:
        yield before
        yield _until_tail(parts, execution, level + 1)
        yield parts.tail(execution, level + 1, caller=caller) + parts.end("}", level + 1)
        before = f",{line_break}"
    yield parts.end("]", level)
