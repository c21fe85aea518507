"""One JSON document for an execution, written as it is made, with a flat list of task runs.

Other executions of the run are documents of their own in a list at its end.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final, TextIO

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.reporters.failures import error_shape
from kestrel_cli.reporters.family import Caller, callers, others
from kestrel_cli.reporters.json_runs import RunTexts
from kestrel_cli.reporters.json_values import Layout, Quote, Values, quote_for
from kestrel_cli.reporters.shape import Shape, after_runs, before_runs
from kestrel_cli.reporters.tails import NO_TAILS, Tails

EXECUTIONS: Final = "executions"
_AT_ONCE: Final = 64  # pieces joined for one write


def write_json(
    execution: Execution,
    stream: TextIO,
    exit_code: int,
    indent: int | None = 2,
    tails: Tails = NO_TAILS,
) -> None:
    """The execution as Kestra has it: `taskRunList` in the order of creation, absent when empty."""
    parts = Parts(Layout(indent), quote_for(stream))
    write_pieces(_root(parts, execution, exit_code, tails), stream)


def write_pieces(pieces: Iterator[str], stream: TextIO) -> None:
    """Write them, some at once, and a line break."""
    while some := "".join(islice(pieces, _AT_ONCE)):
        stream.write(some)
    stream.write("\n")
    stream.flush()


class Parts:
    """The texts that documents of executions are made of."""

    def __init__(self, layout: Layout, quote: Quote) -> None:
        self.layout = layout
        self._quote = quote
        self._values = Values(layout, quote)
        self._texts: dict[str, RunTexts] = {}  # by indentation, which stops growing at some depth

    def head(self, execution: Execution, level: int) -> str:
        """The start of a document that stands `level` levels deep, up to its task runs."""
        return f"{{{self._fields(before_runs(execution), level + 1)}"

    def tail(
        self,
        execution: Execution,
        level: int,
        exit_code: int | None = None,
        caller: Caller | None = None,
        error: Shape | None = None,
    ) -> str:
        """What follows the task runs, without the bracket that ends the document."""
        return f",{self._fields(after_runs(execution, exit_code, caller, error), level + 1)}"

    def list_start(self, name: str, level: int) -> str:
        """A further field that holds a list, up to the list's bracket."""
        return f',{self.layout.line_break(level)}"{name}"{self.layout.colon}['

    def end(self, bracket: str, level: int) -> str:
        """The bracket that ends what stands `level` levels deep."""
        return self.layout.line_break(level) + bracket

    def runs_at(self, level: int, execution: Execution) -> RunTexts:
        """The writer of its task runs at that level; good until the next call."""
        line_break = self.layout.line_break(level)
        texts = self._texts.get(line_break)
        if texts is None:
            texts = RunTexts(execution, self.layout, level, self._quote)
            self._texts[line_break] = texts
        elif texts.execution is not execution:
            texts.turn_to(execution)
        return texts

    def _fields(self, shape: Shape, level: int) -> str:
        layout, text = self.layout, self._values.text
        before = layout.line_break(level)
        return ",".join(
            f'{before}"{name}"{layout.colon}{text(value, level)}' for name, value in shape.items()
        )


def _root(parts: Parts, execution: Execution, exit_code: int, tails: Tails) -> Iterator[str]:
    yield from _until_tail(parts, execution, 0)
    yield parts.tail(execution, 0, exit_code, error=error_shape(execution, tails))
    if further := others(execution):
        yield from _executions(parts, further, callers(execution))
    yield parts.end("}", 0)


def _executions(
    parts: Parts, executions: list[Execution], started_by: dict[str, Caller]
) -> Iterator[str]:
    before = parts.list_start(EXECUTIONS, 1) + parts.layout.line_break(2)
    for execution in executions:
        yield before
        yield from _until_tail(parts, execution, 2)
        yield parts.tail(execution, 2, caller=started_by.get(execution.id)) + parts.end("}", 2)
        before = f",{parts.layout.line_break(2)}"
    yield parts.end("]", 1)


def _until_tail(parts: Parts, execution: Execution, level: int) -> Iterator[str]:
    yield parts.head(execution, level)
    if runs := execution.listed():
        yield from _list(parts, execution, runs, level)


def _list(parts: Parts, execution: Execution, runs: list[TaskRun], level: int) -> Iterator[str]:
    texts = parts.runs_at(level + 2, execution)
    line_break = parts.layout.line_break(level + 2)
    before = parts.list_start("taskRunList", level + 1) + line_break
    for run in runs:
        yield before + texts.text(run)
        before = f",{line_break}"
    yield parts.end("]", level + 1)
