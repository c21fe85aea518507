"""The use case "rehearse": walk a flow, every branch of it if that is asked for, and judge it."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.coverage.coverage import Coverage
from kestrel_cli.app.reading.shape import Read, Shape
from kestrel_cli.app.rehearsal.asked import Asked
from kestrel_cli.app.rehearsal.branches import Branch, branches_of, forced
from kestrel_cli.app.rehearsal.coverage import Covered, covered, took
from kestrel_cli.app.rehearsal.flows import World
from kestrel_cli.app.rehearsal.mending import Problem
from kestrel_cli.app.rehearsal.values import Maker
from kestrel_cli.app.rehearsal.walk import Walk, Walked
from kestrel_cli.app.request import RunRequest
from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import RenderError
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.pointing import name_length, place_in
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.task import Task

_MOST_WALKS: Final = 200
_SECONDS: Final = 20.0  # for all walks of a flow
_MOST_ROUNDS: Final = 30  # of a walk through a branch


@record
class MadeUp:
    """Something that was made up: how it is written, its value, who reads it."""

    name: str
    value: Any
    readers: list[str]  # ids of tasks, or `the flow`
    places: list[Position | None] = fresh(factory=list)  # where each of them is


@record
class Rehearsal:
    """What came of a flow."""

    file: str
    flow: str
    state: str | None
    task_runs: int
    walks: int
    made_up: list[MadeUp]
    stood_in: dict[str, str]
    covered: Covered
    findings: list[Diagnostic]
    mocks: dict[str, Any] = fresh(factory=dict)  # as `--mocks` reads them

    @property
    def at_fault(self) -> bool:
        """Whether something is wrong with the flow, whatever the values."""
        return any(one.severity == "error" for one in self.findings)


def rehearse(
    loaded: Loaded,
    library: Library,
    request: RunRequest,
    *,
    every_branch: bool = False,
    real: Callable[[Task], bool] = lambda _: False,
    within: Path | None = None,
) -> Rehearsal:
    """Walk the flow in a folder of its own below `within`, which is gone afterwards.

    `real` says which tasks run for real. Raises nothing for what is wrong with the flow.
    """
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=within) as folder:
        tempfile.tempdir = folder
        try:
            coverage = Coverage()
            with coverage.recording():
                return _rehearsed(
                    loaded, library, request, Path(folder), real, every_branch, coverage
                )
        finally:
            tempfile.tempdir = before


def _rehearsed(
    loaded: Loaded,
    library: Library,
    request: RunRequest,
    folder: Path,
    real: Callable[[Task], bool],
    every_branch: bool,
    coverage: Coverage,
) -> Rehearsal:
    walk = Walk(loaded, library, request, folder / "state", real)
    (folder / "state").mkdir()
    first = walk.walk()
    coverage.add(first.execution)
    findings = _Findings(loaded, library)
    findings.of(first, None)
    walks, made = 1, dict(first.made)
    if every_branch and first.blocked is None:
        for branch, walked in _others(walk, coverage):
            walks += 1
            made |= {name: value for name, value in walked.made.items() if name not in made}
            findings.of(walked, branch)
    findings.of_given_up(walk.given_up)
    findings.of_missing(first, walk.world)
    for asked in walk.world.flows.values():
        findings.of_outputs(asked)
    flows = [asked.flow for asked in walk.world.flows.values()]
    execution = first.execution
    return Rehearsal(
        loaded.flow.where.file,
        f"{loaded.flow.namespace}.{loaded.flow.id}",
        first.blocked or (None if execution is None else execution.state.value),
        0 if execution is None else len(execution.listed()),
        walks,
        [_made_up(name, *one, flows) for name, one in sorted(made.items())],
        {task: why for (_, task), why in first.stood_in.items()},
        covered(coverage, flows),
        findings.found,
        _as_mocks(first, made, walk.maker, walk.outside()),
    )


def _others(walk: Walk, coverage: Coverage) -> Iterator[tuple[Branch, Walked]]:
    """A walk for each branch that none has taken yet."""
    began = time.monotonic()
    tried: set[Branch] = set()
    while len(tried) < _MOST_WALKS and time.monotonic() - began < _SECONDS:
        flows = [asked.flow for asked in list(walk.world.flows.values())]
        left = (
            branch
            for flow in flows
            for branch in branches_of(flow)
            if branch not in tried and not took(coverage, flow, branch)
        )
        branch = next(left, None)
        if branch is None:
            return
        tried.add(branch)
        left_out = branch.way in ("no values", "no runIf")
        with forced(walk, branch) as possible, walk.aside() if left_out else nullcontext():
            if possible:
                walked = walk.walk(_MOST_ROUNDS)
                coverage.add(walked.execution)
                yield branch, walked


class _Findings:
    """What is wrong with the flow, each thing once."""

    def __init__(self, loaded: Loaded, library: Library) -> None:
        self.found: list[Diagnostic] = []
        self._loaded = loaded
        self._library = library
        self._known: set[tuple[object, ...]] = set()

    def of(self, walked: Walked, branch: Branch | None) -> None:
        """The problems that were left."""
        for one in walked.problems:
            if one.key not in self._known:
                self._known.add(one.key)
                self.found.append(self._diagnostic(one, branch))

    def of_given_up(self, given_up: dict[tuple[tuple[str, str], str], Problem]) -> None:
        """Tasks that could do with nothing that was tried: perhaps there is something."""
        for (_, task), problem in given_up.items():
            if problem.key in self._known or not isinstance(problem.error, RenderError):
                continue  # a task that cannot read a file that was made up is no fault of the flow
            self._known.add(problem.key)
            found = self._diagnostic(problem, None)
            message = f"`{task}` can do with nothing that was made up for it: {found.message}"
            self.found.append(found._replace(severity="warning", code="made-up", message=message))

    def of_missing(self, walked: Walked, world: World) -> None:
        """Flows that are called and are not there: a server may have them."""
        for namespace, flow_id in walked.missing:
            message = f"the flow `{namespace}.{flow_id}` is not there: an empty one stood in for it"
            where = world.caller_of((namespace, flow_id)) or self._loaded.flow.where
            self.found.append(Diagnostic("warning", "unknown-flow", message, where))

    def of_outputs(self, asked: Asked) -> None:
        """Outputs that no task of such a type has."""
        key = (asked.flow.namespace, asked.flow.id)
        for task, name, known, read in asked.unknown_outputs:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"it has {', '.join(known)}"
            message = (
                f"`outputs.{task.id}.{name}`: this task of type {task.type} has no such output"
            )
            last = name.rpartition("['")[2].removesuffix("']")
            at = read.source.find(last, read.source.find(task.id) + len(task.id))
            error = RenderError(message, at=at)
            error.template = read.source
            reader = asked.flow.by_id.get(read.task or "")
            found = self._diagnostic(Problem(key, reader, error), None)
            self.found.append(found._replace(code="unknown-output", hint=hint))

    def _diagnostic(self, problem: Problem, branch: Branch | None) -> Diagnostic:
        error, task = problem.error, problem.task
        where, lines = self._place(problem)
        message = str(error).partition("\n")[0]
        if branch is not None:
            message = f"in {branch}: {message}"
        hint = getattr(error, "hint", None)
        template = error.template if isinstance(error, RenderError) else None
        at = error.at if isinstance(error, RenderError) else -1
        found = None
        if template is not None and lines:
            found = place_in(lines, where.line, template, at)
        if found is None:
            source = lines[where.line - 1] if 0 < where.line <= len(lines) else None
            return Diagnostic("error", _code(error, task), message, where, hint, source, 1)
        place = Position(where.file, *found)
        assert template is not None
        length = name_length(template, at)
        return Diagnostic(
            "error", _code(error, task), message, place, hint, lines[place.line - 1], length
        )

    def _place(self, problem: Problem) -> tuple[Position, list[str]]:
        own = self._loaded.flow
        if problem.flow == (own.namespace, own.id):
            loaded = self._loaded
        else:
            try:
                loaded = self._library.find(*problem.flow)
            except Exception:  # noqa: BLE001  it stood in for one that is not there
                return own.where, []
        where = loaded.flow.where if problem.task is None else problem.task.where
        return where, loaded.text.splitlines()


def _code(error: Exception, task: Task | None) -> str:
    if isinstance(error, RenderError):
        return "expression"
    return "inputs" if task is None else "task-failed"


def _made_up(name: str, shape: Shape, value: Any, flows: list[Flow]) -> MadeUp:
    readers: dict[tuple[str, str], Position | None] = {}
    for root in [shape.root, *(part for _, part in shape.leaves())]:
        for read in root.root.reads:
            readers[read.file, read.task or "the flow"] = _reader(read, flows)
    found = sorted(readers.items(), key=lambda one: 0 if one[1] is None else one[1].line)
    return MadeUp(name, value, [task for (_, task), _ in found], [place for _, place in found])


def _reader(read: Read, flows: list[Flow]) -> Position | None:
    """Where the task is that reads."""
    for flow in flows:
        if flow.where.file == read.file and read.task in flow.by_id:
            return flow.by_id[read.task].where
    return None


def _with_files(outputs: dict[str, Any], maker: Maker) -> dict[str, Any]:
    """Outputs with what is in the file that `uri` is the address of."""
    content = maker.content_of(outputs.get("uri"))
    if content is None:
        return outputs
    others = {name: value for name, value in outputs.items() if name != "uri"}
    return {"outputs": others, "files": {"uri": content}} if others else {"files": {"uri": content}}


def _as_mocks(  # noqa: C901  a case for each group
    walked: Walked, made: dict[str, tuple[Shape, Any]], maker: Maker, outside: list[str]
) -> dict[str, Any]:
    """What was made up, as a file says it that `--mocks` reads: of all tasks that did not run, so
    that none of them does then.
    """
    found: dict[str, Any] = {}

    def put(group: str, name: str, value: Any) -> None:
        found.setdefault(group, {})[name] = value

    for name, (_, value) in sorted(made.items()):
        head, _, rest = name.partition(".")
        if name.startswith("secret('"):
            put("secrets", name[8:-2], value)
        elif name.startswith("kv('"):
            put("kv", name[4:-2], value)
        elif head in ("inputs", "envs", "globals") and rest:
            put(head, rest, value)
        elif head == "outputs" and ".onResume." in rest:
            task, _, answer = rest.partition(".onResume.")
            found.setdefault("resume", {}).setdefault(task, {})[answer] = value
        elif head == "outputs" and rest:
            put("tasks", rest, _with_files(value, maker))
    for task in outside:
        if task not in found.get("tasks", {}):
            put("tasks", task, {})
    if walked.given.get("trigger"):
        found["trigger"] = walked.given["trigger"]
    return found
