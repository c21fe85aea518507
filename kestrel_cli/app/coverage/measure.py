"""How much of flows was reached: what there is, held against what executions came to."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from kestrel_cli.app.coverage.coverage import Coverage, Hits
from kestrel_cli.app.coverage.places import Places, is_hidden
from kestrel_cli.app.coverage.ways import Way, runnable, ways_of
from kestrel_cli.app.reading.loops import FLOWABLES, kind_of
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.coverage import CoverageReport, FlowCoverage, Kind, Point
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import Task
from kestrel_cli.model.texts import texts_in

_WAYS: Final = {"runIf": "runIf true", "no runIf": "runIf false"}
_LONGEST: Final = 80  # characters of an expression in a label
_ORDER: Final[dict[Kind, int]] = {"task": 0, "branch": 1, "expression": 2}


def measure(coverage: Coverage, flows: Iterable[tuple[Flow, str]]) -> CoverageReport:
    """How much of these flows was reached; with each comes the text of its file."""
    found: dict[str, FlowCoverage] = {}
    for flow, text in flows:
        if flow.where.file not in found:
            found[flow.where.file] = measured(flow, text, coverage.of(flow))
    return CoverageReport([found[file] for file in sorted(found)])


def measured(
    flow: Flow, text: str, hits: Hits, counts: Callable[[Way], bool] = lambda _: True
) -> FlowCoverage:
    """How much of a flow was reached; of its ways, those count that are asked for."""
    one = _Flow(flow, text, hits)
    points = [*one.tasks(), *one.branches(counts), *one.expressions()]
    points.sort(key=lambda point: (point.line, _ORDER[point.kind]))
    return FlowCoverage(flow.where.file, flow.namespace, flow.id, points, one.lines, text)


class _Flow:
    """One flow, while it is measured. `lines` is whole when all points were made."""

    def __init__(self, flow: Flow, text: str, hits: Hits) -> None:
        self._flow = flow
        self._hits = hits
        self._places = Places(flow, text)
        self._listed = [task for task in runnable(flow) if not is_hidden(task)]
        self._by_id = {task.id: task for task in self._listed}
        self.lines: dict[int, int] = {}
        self._of_expressions: dict[int, int] = {}

    def tasks(self) -> Iterator[Point]:
        hits = self._hits
        for task in self._listed:
            count = hits.tasks.get(task.id, 0)
            self.lines.update(dict.fromkeys(self._places.own(task), count))
            mocked = hits.mocked.get(task.id, 0)
            label = f"task {task.id}"
            yield Point("task", task.where.line, label, count, task.id, task.id, mocked)

    def branches(self, counts: Callable[[Way], bool]) -> Iterator[Point]:
        for way in ways_of(self._flow):
            if counts(way):
                yield self._branch(way)

    def _branch(self, way: Way) -> Point:
        count = self._hits.ways.get(way, 0)
        name = _WAYS.get(way.name, way.name)
        if way.task is None:
            block = "listeners" if way.name.startswith("listener ") else way.name.split()[-1]
            block = "retry" if way.name.startswith("retr") else block
            line = self._places.block(block) or self._flow.where.line
            return Point("branch", line, f"flow: {name}", count, None, way.name)
        task = self._by_id[way.task]
        label = f"{task.type.rpartition('.')[2]} {task.id}: {name}"
        known = self._is_known(task)
        return Point("branch", task.where.line, label, count, task.id, way.name, known=known)

    def _is_known(self, task: Task) -> bool:
        return self._hits.tasks.get(task.id, 0) > 0

    def expressions(self) -> Iterator[Point]:
        rendered, concluded = self._hits.rendered, self._hits.concluded
        for task in self._listed:
            for text in _texts(task):
                count = rendered.get((task.id, text), 0)
                yield self._expression(text, count, task)
            for text in _outputs_of_loop(task):
                yield self._expression(text, concluded.get(task.id, 0), task)
            self._run_if(task)
        for text in _templates([one.value for one in self._flow.outputs]):
            yield self._expression(text, concluded.get(None, 0), None, "outputs")
        for text in _templates([one.defaults for one in self._flow.inputs]):
            yield self._expression(text, rendered.get((None, text), 0), None, "inputs")
        for text in _templates([self._flow.variables]):
            count = sum(hits for (_, one), hits in rendered.items() if one == text)
            yield self._expression(text, count, None, "variables")

    def _expression(self, text: str, count: int, task: Task | None, block: str = "") -> Point:
        first = self._places.block(block) or 1 if task is None else task.where.line
        lines = self._places.of(text, task, first)
        for line in lines:
            self._mark(line, count)
        shown = " ".join(text.split())
        shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."
        owner = None if task is None else task.id
        known = task is None or self._is_known(task)
        line = min(lines, default=first)
        label = f"expression {shown} of {owner or f'the {block}'}"
        return Point("expression", line, label, count, owner, text, known=known)

    def _run_if(self, task: Task) -> None:
        """The line of `runIf` is reached when the task is not run, too."""
        text = str(task.runIf)
        if is_template(text):
            ways = self._hits.ways
            count = sum(ways.get(Way(task.id, name), 0) for name in _WAYS)
            for line in self._places.of(text, task):
                self._mark(line, count)

    def _mark(self, line: int, count: int) -> None:
        """A line is as often reached as the expression on it that was so least."""
        known = self._of_expressions.get(line)
        self._of_expressions[line] = count if known is None else min(known, count)
        self.lines[line] = self._of_expressions[line]


def _texts(task: Task) -> Iterator[str]:
    """Templates that running the task renders."""
    if isinstance(task, UnsupportedTask):
        return
    yield from _templates(
        [
            getattr(task, declared.attribute)
            for declared in task.properties.values()
            if declared.dynamic and not declared.holds_tasks
        ]
    )


def _outputs_of_loop(task: Task) -> Iterator[str]:
    """Templates that are rendered at the end of each iteration."""
    if kind_of(task) == f"{FLOWABLES}Loop":
        yield from _templates([one.value for one in getattr(task, "outputs", ())])


def _templates(values: list[object]) -> Iterator[str]:
    return (text for text in texts_in(values) if is_template(text))
