"""Runs drafts of cases, and gives them the fixtures that they turn out to need: of the shapes that
a rehearsal has found.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from kestrel_cli.app.coverage.coverage import Coverage
from kestrel_cli.app.coverage.ways import Way
from kestrel_cli.app.rehearsal.walk import Walk, Walked
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.run_case import Settings, run_case
from kestrel_cli.app.testing.world import REFUSED
from kestrel_cli.app.testing.writing.drafts import (
    Draft,
    FixtureDraft,
    SuiteDraft,
    can_be_written,
    suite_text,
)
from kestrel_cli.flowfile.suites import suite_of
from kestrel_cli.model.execution import Execution, TaskRun, item_text
from kestrel_cli.model.record import changed, frozen, record
from kestrel_cli.model.state import State
from kestrel_cli.model.test_results import CaseResult
from kestrel_cli.reporters.family import family

ALWAYS: Final = {"value": "x", "equalTo": "x"}
_MOST_ROUNDS: Final = 60
_SECONDS: Final = 60.0  # in which fixtures are added
_MADE: Final = "made-up"
_LOCAL: Final = re.compile(r".*/storage/made-up/inputs/([^/]+)")


@record
class Tried:
    """A draft that was run, what came of it, and the ways that the flow went."""

    draft: Draft
    result: CaseResult
    ways: frozenset[Way] = frozenset()

    @property
    def execution(self) -> Execution | None:
        return self.result.execution

    @property
    def succeeded(self) -> bool:
        """Whether its execution ended well."""
        return self.result.ended_as in (State.SUCCESS, State.WARNING)

    @property
    def is_clean(self) -> bool:
        """Whether it can be a case: it ran to an end, and nothing lacks a fixture."""
        return self.execution is not None and not self.result.errors


@frozen
class Stage:
    """Where drafts are run."""

    request: RunRequest
    settings: Settings
    within: Path


class Inventor:
    """Runs drafts of cases of one flow."""

    def __init__(self, walk: Walk, walked: Walked, stage: Stage, storage: Path) -> None:
        self._walk = walk
        self._stage = stage
        self._storage = storage
        self.flow = stage.request.flow
        self._values: dict[str, list[str | None]] = {}
        self._ends = time.monotonic() + _SECONDS
        self._walks: dict[str, bool] = {}  # whether all runs of a task ended well there
        if walked.execution is not None:
            for _, run, value in tested_runs(walked.execution):
                self._values.setdefault(run.task.id, []).append(value)
                fine = run.state in (State.SUCCESS, State.WARNING)
                self._walks[run.task.id] = self._walks.get(run.task.id, True) and fine
        self._helpless = {task: why for (_, task), why in walked.stood_in.items()}

    def run(self, draft: Draft, seed: int | None = None, later: float = 0.0) -> Tried:
        """Run it as it is."""
        shown = changed(draft, assertions=draft.assertions or [ALWAYS])
        text = suite_text(SuiteDraft(self.flow.namespace, self.flow.id, [shown]))
        case = suite_of(text.encode(), "draft.test.yaml", compat=2).suite.testCases[0]
        settings = changed(self._stage.settings, seed=seed, later=later)
        result = run_case(case, self._stage.request, settings, self._stage.within)
        ways: frozenset[Way] = frozenset()
        if result.execution is not None:
            coverage = Coverage()
            coverage.add(result.execution)
            ways = frozenset(coverage.of(self.flow).ways)
        return Tried(draft, result, ways)

    def settled(self, draft: Draft, *, first: bool = False) -> Tried:
        """Run it, add the fixtures that it lacks, and again, until it lacks none. The first one is
        to end as the rehearsal does.
        """
        draft = draft.copy()
        tried = self.run(draft)
        for _ in range(_MOST_ROUNDS):
            if tried.execution is None or time.monotonic() > self._ends:
                break
            lacking = self._lacking(tried.execution, first)
            added = [self._add(draft, *one) for one in lacking]
            if not any(added):
                break
            tried = self.run(draft)
        if tried.execution is not None:
            _prune(draft, tried.execution)
        return tried

    def _lacking(self, execution: Execution, first: bool) -> list[tuple[TaskRun, str | None, str]]:
        """Runs that need a fixture, their values, why."""
        found = []
        for one, run, value in tested_runs(execution):
            below = [x for called in one.called.get(run.number, ()) for x in family(called)]
            others = [x for x in below if not _is_iteration(x)]
            if (run.stood_in and (run.error or "").endswith(REFUSED)) or run.state is State.PAUSED:
                found.append((run, value, "made up"))
            elif any(_is_stuck(x) for x in others):
                found.append((run, value, "made up: the flow that it calls reaches out"))
            elif run.task.executable and run.state is State.FAILED and not below:
                found.append((run, value, "made up: what it calls is not there"))
            elif run.state is State.FAILED and run.task.id in self._helpless:
                found.append((run, value, "made up: it could not do with what was made up for it"))
            elif first and self._did_walk(run):
                found.append((run, value, "made up: it reads what only a run for real leaves"))
        return found

    def _did_walk(self, run: TaskRun) -> bool:
        """Whether a run failed here and not in the rehearsal."""
        failed = run.state is State.FAILED and not run.task.flowable
        return failed and not run.stood_in and self._walks.get(run.task.id, False)

    def _add(self, draft: Draft, run: TaskRun, value: str | None, why: str) -> bool:
        """Give a run a fixture, and all other runs of the task that are known."""
        task = run.task.__dict__.get("owner", run.task)
        known = self._values.get(task.id, [])
        added = False
        for each in dict.fromkeys([value, *known] if value in known else [value]):
            if draft.fixture(task.id, each) is None:
                outputs = self.portable(draft, self._walk.outputs_for(task))
                if not can_be_written(outputs):
                    outputs = {}
                draft.tasks.append(FixtureDraft(task.id, each, outputs, comments=[why]))
                added = True
        return added

    def portable(self, draft: Draft, value: Any) -> Any:
        """A value with files of the fixtures in place of those that were made up."""
        if isinstance(value, dict):
            return {key: self.portable(draft, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.portable(draft, item) for item in value]
        if isinstance(value, str) and (path := self._file(value)) is not None:
            with suppress(OSError, UnicodeDecodeError):
                text = path.read_text("utf-8")
                return draft.file(re.sub(r"^\d+-", "", path.name), text)
        return value

    def _file(self, text: str) -> Path | None:
        """The file that a text is the address of, if it was made up."""
        if _is_made_up(text):
            return self._storage / unquote(text.removeprefix("kestra:///"))
        return Path(text) if _LOCAL.fullmatch(text) else None


def first_draft(inventor: Inventor, walk: Walk, walked: Walked) -> Draft:
    """The case of a flow that is given what a rehearsal was given."""
    draft = Draft("main")
    for name, value in walked.given.get("inputs", {}).items():
        usable = inventor.portable(draft, value)
        if can_be_written(usable):
            draft.inputs[name] = usable
    if any(name.startswith("inputs.") for name in walked.made):
        draft.notes["inputs"] = ["made up"]
    trigger = walked.given.get("trigger")
    if trigger is not None and walk.world.main.trigger.root.parts:
        draft.trigger = trigger_data(trigger)
        draft.notes["trigger"] = ["made up"]
        if any(_is_made_up(one) for one in trigger.values()):
            draft.notes["trigger"].append("files that its texts name are not there")
    return draft


def _is_made_up(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(f"kestra:///{_MADE}/")


def trigger_data(trigger: Mapping[str, Any]) -> dict[str, Any]:
    """A trigger as fixtures say it."""
    known = {"id": "trigger", "type": "io.kestra.plugin.core.trigger.Webhook"}
    head = {name: str(trigger.get(name, usual)) for name, usual in known.items()}
    return {**head, "variables": {k: v for k, v in trigger.items() if k not in known}}


def tested_runs(execution: Execution) -> Iterator[tuple[Execution, TaskRun, str | None]]:
    """The task runs of an execution and of the iterations of its Loops, in order, with the values
    that fixtures name.
    """
    for run in execution.runs:
        item = execution.item
        value = run.value
        if value is None and item is not None:
            value = item_text(item.get("value"))
        yield execution, run, value
        for one in execution.called.get(run.number, ()):
            if _is_iteration(one):
                yield from tested_runs(one)


def _is_iteration(execution: Execution) -> bool:
    return execution.owner is not None


def _is_stuck(execution: Execution) -> bool:
    return any(
        run.state is State.PAUSED or (run.stood_in and (run.error or "").endswith(REFUSED))
        for run in execution.runs
    )


def _prune(draft: Draft, execution: Execution) -> None:
    """Leave out what stood in for nothing."""
    used = {(run.task.id, value) for _, run, value in tested_runs(execution) if run.stood_in}
    used |= {(task, None) for task, _ in used}
    draft.tasks = [one for one in draft.tasks if (one.id, one.value) in used]
    said = repr([draft.inputs, [one.outputs for one in draft.tasks]])
    draft.files = {name: text for name, text in draft.files.items() if f"['{name}']" in said}
