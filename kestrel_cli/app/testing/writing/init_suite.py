"""The use case "write a suite": one that passes when it is run, with a case for each way that the
flow can be made to go.

A rehearsal says which shapes the world of the flow has. Its values are the first case. For each way
that no case has gone, values that the decision reads are changed, and tasks made to fail, until a
run goes there.
"""

import re
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.coverage.ways import Way, ways_of
from kestrel_cli.app.rehearsal.walk import Walk, Walked
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.run_case import Settings
from kestrel_cli.app.testing.writing.drafts import Draft, SuiteDraft, suite_text
from kestrel_cli.app.testing.writing.forcing import changes, ending_well
from kestrel_cli.app.testing.writing.inventing import Inventor, Stage, Tried, first_draft
from kestrel_cli.app.testing.writing.observed import assertions_of
from kestrel_cli.errors import KestrelError
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import changed, record
from kestrel_cli.model.state import State
from kestrel_cli.model.test_results import CaseResult

_TRIES: Final = 60  # for a way
_BASES: Final = 3  # cases that it is tried from
_SECONDS: Final = 20.0  # for all ways
_AROUND: Final = ("envs", "globals", "namespace")


class NoSuite(KestrelError):
    """The flow can't be run with what can be made up."""

    exit_code = 1


@record
class Written:
    """A suite as text, how many cases it has, the ways that none goes, and the key-values that have
    to be given when it is run.
    """

    text: str
    cases: int
    left: list[Way]
    kv: dict[str, Any]


def written_suite(
    loaded: Loaded, library: Library, request: RunRequest, settings: Settings, within: Path | None
) -> Written:
    """Write a suite of a flow. `request` is that of its cases. Raises NoSuite."""
    with tempfile.TemporaryDirectory(prefix="suite-", dir=within) as name:
        folder = Path(name)
        (folder / "cases").mkdir()
        walk = Walk(loaded, library, request, folder / "state")
        walked = walk.walk()
        if walked.blocked is not None:
            raise NoSuite(f"no suite of `{loaded.flow.id}` can be written: {walked.blocked}")
        kv = {
            name[4:-2]: value
            for name, (_, value) in sorted(walked.made.items())
            if name.startswith("kv('") and name[4:-2] not in request.given.kv
        }
        given = changed(request.given, kv={**request.given.kv, **kv})
        any_end = changed(settings, compat=1)  # how a draft ends is seen when it has
        stage = Stage(changed(request, given=given), any_end, folder / "cases")
        inventor = Inventor(walk, walked, stage, folder / "state" / "storage")
        search = _Search(loaded.flow, inventor, first_draft(inventor, walk, walked))
        search.all_ways()
        cases = [_finished(one, search, inventor, settings.compat) for one in search.cases]
        head = list(_head(loaded.flow, walked, kv))
        foot = list(_foot(loaded.flow, search.left))
        suite = SuiteDraft(loaded.flow.namespace, loaded.flow.id, cases, head, foot)
        return Written(suite_text(suite), len(cases), search.left, kv)


class _Search:
    """Looks for cases that go every way of a flow."""

    def __init__(self, flow: Flow, inventor: Inventor, draft: Draft) -> None:
        self._flow = flow
        self._inventor = inventor
        self._by_the_way: dict[Way, Tried] = {}
        first = inventor.settled(draft, first=True)
        if not first.is_clean:
            raise NoSuite(_why_not(flow, first.result))
        self.cases = [first]
        self.left: list[Way] = []

    def all_ways(self) -> None:
        """A case for each way, as far as one is found in time."""
        began = time.monotonic()
        for way in ways_of(self._flow):
            if any(way in one.ways for one in self.cases):
                continue
            late = time.monotonic() - began > _SECONDS
            found = None if late else self._by_the_way.get(way) or self._found(way)
            if found is None:
                self.left.append(way)
                continue
            found.draft.id = self._name(way)
            found.draft.description = _described(way)
            self.cases.append(found)
        if not self.cases[0].succeeded and not any(one.succeeded for one in self.cases):
            self._one_that_ends_well()

    def _one_that_ends_well(self) -> None:
        for draft in islice(ending_well(self._flow, self.cases[0]), _TRIES):
            tried = self._inventor.settled(draft)
            if tried.is_clean and tried.succeeded:
                tried.draft.id, tried.draft.description = "succeeds", "the flow ends well"
                self.cases.append(tried)
                return

    def _found(self, way: Way) -> Tried | None:
        """A run that goes this way; one that ends well before others."""
        second: Tried | None = None
        tries = 0
        for base in self._bases(way):
            for draft in changes(self._flow, way, base):
                if tries >= _TRIES:
                    return second
                tries += 1
                tried = self._inventor.settled(draft)
                if not tried.is_clean:
                    continue
                for other in tried.ways:
                    if tried.succeeded:
                        self._by_the_way.setdefault(other, tried)
                if way in tried.ways:
                    if tried.succeeded or way.name == "errors":
                        return tried
                    second = second or tried
        return second

    def _bases(self, way: Way) -> Iterator[Tried]:
        """Cases in which what decides was reached; those first that have less in them."""
        if way.task is None:
            yield self.cases[0]
            return
        fitting = [one for one in self.cases if _has_reached(one.execution, way.task)]
        yield from fitting[:_BASES]

    def _name(self, way: Way) -> str:
        text = f"{way.task or 'flow'}-{way.name}"
        stem = re.sub(r"[^\w.]+", "-", text).strip("-")
        name, number = stem, 2
        while any(one.draft.id == name for one in self.cases):
            name, number = f"{stem}-{number}", number + 1
        return name


def _has_reached(execution: Execution | None, task: str) -> bool:
    if execution is None:
        return False
    if any(run.task.id == task for run in execution.runs):
        return True
    loops = [x for called in execution.called.values() for x in called if x.owner is not None]
    return any(_has_reached(one, task) for one in loops)


def _described(way: Way) -> str:
    where = "the flow" if way.task is None else way.task
    return f"the way that {where} goes: {way.name}"


def _why_not(flow: Flow, result: CaseResult) -> str:
    said = "; ".join(one.message for one in result.errors[:3]) or "it does not run"
    return f"no suite of `{flow.id}` can be written: {said}"


# -- what is written


def _failure(execution: Execution) -> str | None:
    """What fails though no fixture says so, in an execution that has FAILED."""
    if execution.state is not State.FAILED:
        return None
    for run in execution.runs:
        own = run.state is State.FAILED and not run.stood_in and not run.task.flowable
        if own and run.error is not None and not run.task.type.endswith("execution.Fail"):
            said = run.error.partition("\n")[0]
            return f"`{run.task.id}` (line {run.task.where.line}) fails: {said[:200]}"
    return None


def _finished(one: Tried, search: _Search, inventor: Inventor, compat: int) -> Draft:
    """The draft with its assertions."""
    draft, execution = one.draft, one.execution
    assert execution is not None  # it is clean

    def judged(assertions: list[dict[str, Any]], seed: int, later: float) -> CaseResult:
        return inventor.run(changed(draft, assertions=assertions), seed, later).result

    first = search.cases[0]
    before = None if one is first else first.execution
    draft.assertions = assertions_of(execution, judged, before)
    if compat > 1 and execution.state is not State.SUCCESS:
        draft.expected = str(execution.state)
    why = _failure(execution)
    if why is not None:
        draft.comments.append(f"{why}: is that what it should do?")
    elif execution.state is not State.SUCCESS and one is first:
        given = "with what is made up " if draft.tasks or draft.inputs else ""
        draft.comments.append(f"{given}the flow ends {execution.state}: is that what it should?")
    return draft


def _head(flow: Flow, walked: Walked, kv: dict[str, Any]) -> Iterator[str]:
    if walked.made:
        yield f"Tests of the flow {flow.id}. What was made up is marked: put in what is true there,"
        yield "and assert what the flow is for."
    else:
        yield f"Tests of the flow {flow.id}: assert what it is for."
    if kv:
        given = " ".join(f"--kv {name}={value}" for name, value in kv.items())
        yield ""
        yield f"It reads key-values, for which there are no fixtures: kestrel test {given}"
    around = sorted(name for name in walked.made if name.partition(".")[0] in _AROUND)
    if around:
        yield ""
        yield f"It reads {', '.join(around)}: give them in the settings of the project."


def _foot(flow: Flow, left: list[Way]) -> Iterator[str]:
    for way in left:
        task = None if way.task is None else flow.by_id.get(way.task)
        where = "the flow" if task is None else f"{task.id} (line {task.where.line})"
        yield f"not reached: {way.name} of {where}"
