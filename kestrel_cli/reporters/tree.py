"""The final tree: one branch for each task run, its outputs and its error beneath, and the
executions that it started. Executions that were RETRIED stand above the one that follows them.

Rich's own Tree recurses and drops nodes deeper than a quarter of the width. This one keeps its own
stack, gives out line after line, and from a certain depth on writes the depth instead of more
indentation.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import FlowableTask
from kestrel_cli.reporters.cells import cut, folded
from kestrel_cli.reporters.clean import clean, one_line
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.family import followed
from kestrel_cli.reporters.forest import Folded, Forest, Node, Plot
from kestrel_cli.reporters.json_values import clipped_json
from kestrel_cli.reporters.news import attempt_text
from kestrel_cli.reporters.paths import (
    batch_of,
    item_index,
    item_text,
    short,
)
from kestrel_cli.reporters.shape import DATED
from kestrel_cli.reporters.snippets import fitted
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.style import ASCII, LOOKS, UNICODE
from kestrel_cli.reporters.tails import NO_TAILS, Tails
from kestrel_cli.reporters.wording import worded

Line = list[tuple[str, str]]  # (role, text), left to right

_GUIDE: Final = 4  # columns of indentation for each level
_JSON_ROWS: Final = 3
_JSON_MOST: Final = 2000  # characters of outputs when nothing limits the width
_SHORTEST_RESTARTED: Final = 4  # states of what has ended and was restarted
_TOLD: Final = (State.FAILED, State.WARNING)  # states whose task runs have said why
_NARROWEST: Final = 24  # columns that details get, whatever the indentation


def tree_lines(
    execution: Execution, style: Style, tails: Tails = NO_TAILS, now: int | None = None
) -> Iterator[Line]:
    """The lines of the tree, one after the other, the execution first. `now` is the moment up to
    which what still runs has taken.
    """
    return _Tree(execution, style, tails, now).lines()


class _Level:
    """Siblings that are being shown: `shown` of them are; `call` is the task run above them."""

    __slots__ = ("call", "plot", "prefix", "shown", "siblings")

    def __init__(
        self, plot: Plot, call: TaskRun | None, siblings: Sequence[Node], prefix: str
    ) -> None:
        self.plot = plot
        self.call = call
        self.siblings = siblings
        self.prefix = prefix  # the indentation before them
        self.shown = 0


class _Tree:
    def __init__(self, execution: Execution, style: Style, tails: Tails, now: int | None) -> None:
        self._now = now
        self._tails = tails
        self._root = execution
        self._style = style
        self._glyphs = UNICODE if style.unicode else ASCII
        self._forest = Forest(execution, tails=tails)
        self._deepest = max(4, min(25, (style.width - 40) // 4))

    def lines(self) -> Iterator[Line]:
        before = followed(self._root)
        for execution in (*before, self._root):
            line = self._execution(execution, _name(execution))
            if before:
                line.append(("dim", f", attempt {execution.attempt_number}"))
            yield line
            plot = self._forest.plot(execution)
            top = plot.below(None)
            yield from self._details(execution, None, "", bool(top))
            yield from self._below(_Level(plot, None, top, ""))

    def _below(self, top: _Level) -> Iterator[Line]:
        stack = [top]
        while stack:
            level = stack[-1]
            if level.shown == len(level.siblings):
                stack.pop()
                continue
            item = level.siblings[level.shown]
            level.shown += 1
            last = level.shown == len(level.siblings)
            guide, prefix = self._indents(level.prefix, len(stack), last)
            if isinstance(item, Folded):
                yield [("guide", guide), ("dim", str(item))]
                continue
            inner = self._inner(item, level, prefix)
            run = item if isinstance(item, TaskRun) else None
            yield [("guide", guide), *self._label(item, level, len(stack))]
            has_children = bool(inner.siblings)
            yield from self._details(inner.plot.execution, run, prefix, has_children)
            if has_children:
                stack.append(inner)

    def _inner(self, item: TaskRun | Execution, level: _Level, prefix: str) -> _Level:
        """What stands beneath a task run, or a started execution."""
        if isinstance(item, TaskRun):
            return _Level(level.plot, item, level.plot.below(item.number), prefix)
        assert level.call is not None  # only a task run has executions beneath it
        plot = self._forest.plot(item)
        return _Level(plot, None, plot.below(None), prefix)

    def _indents(self, prefix: str, depth: int, last: bool) -> tuple[str, str]:
        """What stands before a node of that depth, and before everything beneath it."""
        glyphs = self._glyphs
        if depth > self._deepest:
            return f"{prefix}{glyphs.deep}{depth} ", prefix
        return (
            prefix + (glyphs.last if last else glyphs.branch),
            prefix + (glyphs.blank if last else glyphs.bar),
        )

    def _state(self, state: State, name: str) -> Line:
        look = LOOKS[state]
        glyph = look.glyph if self._style.unicode else look.ascii
        return [(look.role, f"{glyph} "), ("name", name), ("plain", " "), (look.role, state)]

    def _label(self, item: TaskRun | Execution, level: _Level, depth: int) -> Line:
        if isinstance(item, TaskRun):
            return self._run(item, level.plot.execution)
        if item.item is not None:
            line = self._state(item.state, "iteration")
            value = self._drawn(one_line(item_text(item)))
            line[2:3] = [("value", f" [{value}]"), ("dim", f" #{item_index(item)}"), line[2]]
            line.append(("dim", f" {span_text(length(item, self._now))}"))
            return line
        line = self._execution(item, _name(item), depth)
        batch = None if level.call is None else batch_of(level.call, item)
        if batch is not None:
            line.insert(2, ("dim", f" #{batch}"))
        return line

    def _execution(self, execution: Execution, name: str, depth: int = 0) -> Line:
        """`✔ demo.hello SUCCESS 12ms  execution 6s1egIkxu3gpzzILDnyxTn`"""
        line = self._state(execution.state, name)
        took = f" {span_text(length(execution, self._now))}  "
        used = sum(len(text) for _, text in line) + len(took) + len(execution.id)
        word = "execution "
        if self._style.wraps and depth * _GUIDE + used + len(word) > self._style.width:
            word = ""  # an id that stands alone is better than one that is broken
        line.append(("dim", f"{took}{word}{execution.id}"))
        return line

    def _run(self, run: TaskRun, execution: Execution) -> Line:
        """`✔ log [caseB] #1 SUCCESS 12ms, 2 attempts`"""
        line = self._state(run.state, run.task.id)
        if run.value is not None:
            value = self._drawn(short(one_line(execution.masker.mask(run.value))))
            line.insert(2, ("value", f" [{value}]"))
        if run.iteration is not None:
            line.insert(-2, ("dim", f" #{run.iteration}"))
        if execution.parent_id is not None and run.history[-1][1] < execution.created_at:
            line.append(("dim", " taken over"))  # by this replay, from the execution before
        elif run.state is not State.SKIPPED:
            line.append(("dim", f" {span_text(length(run, self._now))}"))
        if len(run.attempts) > 1:
            line.append(("warning", f", {len(run.attempts)} attempts"))
        if (passes := _passes(run)) > 1:
            line.append(("dim", f", {passes} passes"))
        return line

    def _details(
        self,
        execution: Execution,
        run: TaskRun | None,
        prefix: str,
        has_children: bool,
    ) -> Iterator[Line]:
        """Outputs and error of a node; the guide to its children runs on beside them."""
        outputs = execution.outputs if run is None else run.outputs
        error = execution.error if run is None else run.error
        if not outputs and error is None and (run is None or run.state is not State.WARNING):
            return
        guide = prefix + (self._glyphs.bar if has_children else self._glyphs.blank)
        room = max(_NARROWEST, self._style.width - len(guide))
        if outputs:
            rows = self._json_rows(execution.masker.shown(outputs), room)
            for line in _in_roles(rows, self._style):
                yield [("guide", guide), *line]
        if error is not None:
            attempt = "" if run is None else _attempt(execution, run)
            for role, row in self._error_rows(error, attempt, room):
                yield [("guide", guide), (role, row)]
        if run is not None and not has_children and run.state in _TOLD:
            for row in tail_rows(self._tails.of(execution, run), room, self._style):
                yield [("guide", guide + self._glyphs.margin), ("dim", row)]

    def _json_rows(self, outputs: object, room: int) -> list[str]:
        limit = room * _JSON_ROWS if self._style.wraps else _JSON_MOST
        gap = self._glyphs.gap
        text, whole = clipped_json(outputs, limit)
        text = clean(text if whole else text + gap)
        return cut(text, room, _JSON_ROWS, gap) if self._style.wraps else [text]

    def _error_rows(self, error: str, attempt: str, room: int) -> Iterator[tuple[str, str]]:
        message = clean(worded(error)).rstrip("\n")
        if attempt:
            first, line_break, more = message.partition("\n")
            message = f"{first} ({attempt}){line_break}{more}"
        rows = message.split("\n")
        if self._style.wraps:
            rows = fitted(rows, room - len("error: "))
        for at, row in enumerate(rows):  # a row never begins with user text: see logs.py
            yield "error", f"{self._glyphs.margin}{row}" if at else f"error: {row}"

    def _drawn(self, text: str) -> str:
        return text if self._style.unicode else text.replace("…", self._glyphs.gap)


def _in_roles(rows: list[str], style: Style) -> list[Line]:
    """Rows of outputs, with links to their files where those are shown."""
    if style.links is None:
        return [[("json", row)] for row in rows]
    from kestrel_cli.reporters.hyperlinks import parts

    return parts(rows, "json", style.links)


def _attempt(execution: Execution, run: TaskRun) -> str:
    """Which attempt failed, where there may be several."""
    several = len(run.attempts) > 1 or run.task.id in execution.flow.policies
    return attempt_text(execution, run) if run.attempts and several else ""


def tail_rows(tail: Sequence[str], room: int, style: Style) -> list[str]:
    """The end of a log, made harmless, each row folded where a person reads."""
    rows = [clean(row) for row in tail]
    if not style.wraps:
        return [" ".join(row.split("\n")) for row in rows]
    return [part for row in rows for line in row.split("\n") for part in folded(line, room - 2)]


def length(timed: Execution | TaskRun, now: int | None = None) -> int:
    """Microseconds from the first state to the last one, or to `now` while it has not ended;
    without the time between an end and a restart, in which nothing was done.
    """
    history = timed.history
    end = history[-1][1]
    if now is not None and history[-1][0] not in DATED:
        end = max(end, now)
    took = end - history[0][1]
    return took if len(history) < _SHORTEST_RESTARTED else took - idle(timed)


def idle(timed: Execution | TaskRun) -> int:
    """Microseconds between ends and restarts."""
    steps = zip(timed.history, timed.history[1:], strict=False)
    return sum(after[1] - before[1] for before, after in steps if before[0] in TERMINAL)


def _name(execution: Execution) -> str:
    return f"{execution.flow.namespace}.{execution.flow.id}"


def _passes(run: TaskRun) -> int:
    """How often a LoopUntil has run its tasks: it is PAUSED between two passes."""
    if len(run.history) < 4 or not (isinstance(run.task, FlowableTask) and run.task.judges):
        return 1
    return 1 + sum(state is State.PAUSED for state, _ in run.history)
