"""One JSON document for an execution, written as it is made: flat list of task runs, or tree."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, TextIO

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.reporters.json_runs import RunTexts
from kestrel_cli.reporters.json_values import Layout, Quote, Values, quote_for
from kestrel_cli.reporters.shape import Shape, after_runs, before_runs

_AT_ONCE: Final = 64  # pieces joined for one write


def write_json(
    execution: Execution, stream: TextIO, exit_code: int, indent: int | None = 2
) -> None:
    """The execution as Kestra has it: `taskRunList` in the order of creation, absent when empty."""
    layout, quote = Layout(indent), quote_for(stream)
    _write(execution, stream, exit_code, Values(layout, quote), _flat(execution, layout, quote))


def write_tree_json(
    execution: Execution, stream: TextIO, exit_code: int, indent: int | None = 2
) -> None:
    """The same with task runs under the `children` of their parent, at any depth."""
    layout, quote = Layout(indent), quote_for(stream)
    _write(execution, stream, exit_code, Values(layout, quote), _tree(execution, layout, quote))


def _write(
    execution: Execution, stream: TextIO, exit_code: int, values: Values, runs: Iterator[str]
) -> None:
    """The head of the document, `runs`, its tail, and a line break."""
    stream.write(f"{{{_fields(before_runs(execution), values)}")
    while some := "".join(islice(runs, _AT_ONCE)):
        stream.write(some)
    tail = _fields(after_runs(execution, exit_code), values)
    stream.write(f",{tail}{values.layout.line_break(0)}}}\n")
    stream.flush()


def _fields(shape: Shape, values: Values) -> str:
    layout = values.layout
    before = layout.line_break(1)
    return ",".join(
        f'{before}"{name}"{layout.colon}{values.text(value, 1)}' for name, value in shape.items()
    )


def _flat(execution: Execution, layout: Layout, quote: Quote) -> Iterator[str]:
    if not execution.runs:
        return
    texts = RunTexts(execution, layout, 2, quote)
    before = f',{layout.line_break(1)}"taskRunList"{layout.colon}[{layout.line_break(2)}'
    after_one = f",{layout.line_break(2)}"
    for run in execution.runs:
        yield before + texts.text(run)
        before = after_one
    yield f"{layout.line_break(1)}]"


def _tree(execution: Execution, layout: Layout, quote: Quote) -> Iterator[str]:
    """The task runs as nested lists. The stack holds what is left of each list that is open."""
    children = _children(execution)
    if not execution.runs:
        return
    texts: dict[str, RunTexts] = {}  # by indentation, which stops growing at some depth
    yield _children_start(layout, 1)
    stack = [_Open(children[None])]
    while stack:
        level = 2 * len(stack)
        line_break = layout.line_break(level)
        run = stack[-1].next()
        if run is None:
            stack.pop()
            yield f"{layout.line_break(level - 1)}]"
            if stack:
                yield f"{layout.line_break(level - 2)}}}"
            continue
        writer = texts.get(line_break)
        if writer is None:
            writer = texts[line_break] = RunTexts(execution, layout, level, quote)
        yield f"{'' if stack[-1].at == 1 else ','}{line_break}{writer.open(run)}"
        if run.number in children:
            yield _children_start(layout, level + 1)
            stack.append(_Open(children[run.number]))
        else:
            yield writer.end


class _Open:
    """A list of task runs that is being written."""

    __slots__ = ("_runs", "at")

    def __init__(self, runs: list[TaskRun]) -> None:
        self._runs = runs
        self.at = 0

    def next(self) -> TaskRun | None:
        """The next task run; None at the end."""
        if self.at == len(self._runs):
            return None
        self.at += 1
        return self._runs[self.at - 1]


def _children(execution: Execution) -> dict[int | None, list[TaskRun]]:
    children: dict[int | None, list[TaskRun]] = {}
    for run in execution.runs:
        children.setdefault(run.parent, []).append(run)
    return children


def _children_start(layout: Layout, level: int) -> str:
    return f',{layout.line_break(level)}"children"{layout.colon}['
