"""The final tree: one branch for each task run, its outputs and its error beneath.

Rich's own Tree recurses and drops nodes deeper than a quarter of the width. This one keeps its own
stack, gives out line after line, and from a certain depth on writes the depth instead of more
indentation.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.reporters.cells import cut, folded
from kestrel_cli.reporters.clean import clean, one_line
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.forest import Folded, Forest
from kestrel_cli.reporters.json_values import clipped_json
from kestrel_cli.reporters.logs import attempt_text
from kestrel_cli.reporters.paths import place_by_value, short
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.style import ASCII, LOOKS, UNICODE

Line = list[tuple[str, str]]  # (role, text), left to right

_JSON_ROWS: Final = 3
_JSON_MOST: Final = 2000  # characters of outputs when nothing limits the width
_NARROWEST: Final = 24  # columns that details get, whatever the indentation


def tree_lines(execution: Execution, style: Style) -> Iterator[Line]:
    """The lines of the tree, one after the other, the execution first."""
    return _Tree(execution, style).lines()


class _Tree:
    def __init__(self, execution: Execution, style: Style) -> None:
        self._execution = execution
        self._style = style
        self._glyphs = UNICODE if style.unicode else ASCII
        self._forest = Forest(execution)
        self._deepest = max(4, min(25, (style.width - 40) // 4))

    def lines(self) -> Iterator[Line]:
        execution = self._execution
        yield self._title()
        top = self._forest.below(None)
        yield from self._details(execution.outputs, None, "", bool(top))
        # What is left to show on each level: siblings, how many are shown, the indentation before
        # them.
        stack: list[tuple[Sequence[TaskRun | Folded], int, str]] = [(top, 0, "")]
        while stack:
            siblings, at, prefix = stack.pop()
            if at == len(siblings):
                continue
            stack.append((siblings, at + 1, prefix))
            item = siblings[at]
            depth, last = len(stack), at + 1 == len(siblings)
            guide, below = self._indents(prefix, depth, last)
            if isinstance(item, Folded):
                yield [("guide", guide), ("dim", str(item))]
                continue
            yield [("guide", guide), *self._label(item)]
            children = self._forest.below(item.number)
            yield from self._details(item.outputs, item, below, bool(children))
            if children:
                stack.append((children, 0, below))

    def _indents(self, prefix: str, depth: int, last: bool) -> tuple[str, str]:
        """What stands before a node of that depth, and before everything beneath it."""
        glyphs = self._glyphs
        if depth > self._deepest:
            return f"{prefix}{glyphs.deep}{depth} ", prefix
        return (
            prefix + (glyphs.last if last else glyphs.branch),
            prefix + (glyphs.blank if last else glyphs.bar),
        )

    def _title(self) -> Line:
        execution = self._execution
        flow = execution.flow
        line = self._state(execution.state, f"{flow.namespace}.{flow.id}")
        line.append(("dim", f" {span_text(length(execution))}  execution {execution.id}"))
        return line

    def _state(self, state: State, name: str) -> Line:
        look = LOOKS[state]
        glyph = look.glyph if self._style.unicode else look.ascii
        return [(look.role, f"{glyph} "), ("name", name), ("plain", " "), (look.role, state)]

    def _label(self, run: TaskRun) -> Line:
        """`✔ log [caseB] #1 SUCCESS 12ms, 2 attempts`"""
        line = self._state(run.state, run.task.id)
        if run.value is not None:
            value = self._drawn(short(one_line(self._execution.masker.mask(run.value))))
            line.insert(2, ("value", f" [{value}]"))
        if run.iteration is not None:
            line.insert(-2, ("dim", f" #{run.iteration}"))
        if run.state is not State.SKIPPED:
            line.append(("dim", f" {span_text(length(run))}"))
        if len(run.attempts) > 1:
            line.append(("warning", f", {len(run.attempts)} attempts"))
        return line

    def _details(
        self, outputs: object, run: TaskRun | None, below: str, has_children: bool
    ) -> Iterator[Line]:
        """Outputs and error of a node; the guide to its children runs on beside them."""
        error = self._execution.error if run is None else run.error
        if not outputs and error is None:
            return
        guide = below + (self._glyphs.bar if has_children else self._glyphs.blank)
        room = max(_NARROWEST, self._style.width - len(guide))
        if outputs:
            for row in self._json_rows(self._execution.masker.shown(outputs), room):
                yield [("guide", guide), ("json", row)]
        if error is not None:
            for role, row in self._error_rows(error, run, room):
                yield [("guide", guide), (role, row)]

    def _json_rows(self, outputs: object, room: int) -> list[str]:
        limit = room * _JSON_ROWS if self._style.wraps else _JSON_MOST
        gap = self._glyphs.gap
        text, whole = clipped_json(outputs, limit)
        text = clean(text if whole else text + gap)
        return cut(text, room, _JSON_ROWS, gap) if self._style.wraps else [text]

    def _error_rows(self, error: str, run: TaskRun | None, room: int) -> Iterator[tuple[str, str]]:
        message = clean(error).rstrip("\n")
        if run is not None:
            first, line_break, more = message.partition("\n")
            message = f"{first} ({self._where(run)}){line_break}{more}"
        rows = message.split("\n")
        if self._style.wraps:
            rows = [part for row in rows for part in folded(row, room - 7)]
        for at, row in enumerate(rows):  # a row never begins with user text: see logs.py
            yield "error", f"{self._glyphs.margin}{row}" if at else f"error: {row}"

    def _where(self, run: TaskRun) -> str:
        where = self._drawn(clean(place_by_value(self._execution, run)))
        return f"{where}, {attempt_text(self._execution, run)}" if run.attempts else where

    def _drawn(self, text: str) -> str:
        return text if self._style.unicode else text.replace("…", self._glyphs.gap)


def length(timed: Execution | TaskRun) -> int:
    """Microseconds from the first state to the last one."""
    return timed.history[-1][1] - timed.history[0][1]
