"""The use case "make a test of a run": a suite with one case, which gives the flow what a real run
was given, and stands in for all that reached out.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.mocks import mock_finder
from kestrel_cli.app.rehearsal.given import stays_out
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.run_case import Settings, run_case
from kestrel_cli.app.testing.world import STUB
from kestrel_cli.app.testing.writing.drafts import Draft, FixtureDraft, SuiteDraft, suite_text
from kestrel_cli.app.testing.writing.inventing import tested_runs, trigger_data
from kestrel_cli.app.testing.writing.observed import assertions_of
from kestrel_cli.app.testing.writing.recorded import Keeper
from kestrel_cli.flowfile.suites import suite_of
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.suite import RunState
from kestrel_cli.model.task import Task
from kestrel_cli.model.test_results import CaseResult
from kestrel_cli.reporters.family import family
from kestrel_cli.store.storage import Storage
from kestrel_cli.tasks.flow.pause import Pause

_SLEEP: Final = "io.kestra.plugin.core.flow.Sleep"
_KEY: Final = re.compile(r"""(?<![\w.])kv\(\s*['"]([^'"]+)['"]""")
_STATES: Final = frozenset(RunState.__args__)  # type: ignore[attr-defined]  # a Literal


def suite_from(
    execution: Execution, request: RunRequest, storage: Storage, compat: int, within: Path | None
) -> str:
    """The suite that a run makes, as text. `request` is that of the run."""
    flow = execution.flow
    draft = Draft("run", f"as it ran: {execution.state}")
    keeper = Keeper(draft, execution.masker, storage)
    _take_inputs(draft, keeper, execution, request)
    covers = mock_finder(request).covers
    for run, value, why in _standing(execution, covers):
        _take_run(draft, keeper, run, value, why, execution)
    if execution.trigger is not None:
        taken, notes = keeper.taken(execution.trigger, "trigger")
        draft.trigger = trigger_data(taken or {})
        draft.notes["trigger"] = notes
    _assert(draft, execution, request, compat, within)
    head = [f"A run of the flow {flow.id}, to be run again as a test."]
    keys = list(dict.fromkeys(_KEY.findall(request.text)))
    if keys:
        given = " ".join(f"--kv {key}=..." for key in keys)
        head.append(f"It reads key-values, for which there are no fixtures: kestrel test {given}")
    return suite_text(SuiteDraft(flow.namespace, flow.id, [draft], head, kind="run"))


def _take_inputs(draft: Draft, keeper: Keeper, execution: Execution, request: RunRequest) -> None:
    notes: list[str] = []
    for one in execution.flow.inputs:
        said = one.id in request.inputs or one.id.partition(".")[0] in request.inputs
        if not said and one.defaults is not None:
            continue
        here: Any = execution.inputs
        for step in [one.id] if one.id in here else one.id.split("."):
            here = here.get(step) if isinstance(here, dict) else None
        if here is None:
            continue
        if str(one.type) == "SECRET":
            draft.inputs[one.id] = STUB
            notes.append(f"left out: {one.id}, a secret")
            continue
        taken, told = keeper.taken(here, one.id)
        notes += told
        if taken is not None:
            draft.inputs[one.id] = taken
    if draft.inputs:
        draft.notes["inputs"] = notes
    else:
        draft.comments += notes


def _standing(
    execution: Execution, covers: Callable[[Task], bool]
) -> Iterator[tuple[TaskRun, str | None, str | None]]:
    """Runs that a fixture has to stand in for."""
    inside: set[tuple[str, int]] = set()
    for one, run, value in tested_runs(execution):
        if run.gone or run.state not in TERMINAL or run.state is State.SKIPPED:
            continue
        if run.parent is not None and (one.id, run.parent) in inside:
            inside.add((one.id, run.number))
            continue
        task = run.task
        if isinstance(task, Pause) or covers(task):
            inside.add((one.id, run.number))
            yield run, value, None
        elif stays_out(task) and task.type != _SLEEP:
            yield run, value, None
        elif task.executable and _reaches_out(one, run, covers):
            yield run, value, "the flow that it calls reaches out"


def _reaches_out(execution: Execution, run: TaskRun, covers: Callable[[Task], bool]) -> bool:
    """Whether something in what a run has called can't be run in a test."""
    called = [one for each in execution.called.get(run.number, ()) for one in family(each)]
    return any(
        (stays_out(below.task) and below.task.type != _SLEEP)
        or isinstance(below.task, Pause)
        or covers(below.task)
        for one in called
        if one.owner is None
        for below in one.runs
    )


def _take_run(
    draft: Draft,
    keeper: Keeper,
    run: TaskRun,
    value: str | None,
    why: str | None,
    execution: Execution,
) -> None:
    task: Task = run.task.__dict__.get("owner", run.task)
    if draft.fixture(task.id, value) is not None:
        return
    if value is not None and execution.masker.mask(value) != value:
        draft.comments.append(f"left out: a run of {task.id} whose value holds a secret")
        return
    outputs, notes = keeper.taken(run.outputs or {}, task.id)
    comments = [*([why] if why else []), *notes]
    state = str(run.state)
    if state not in _STATES:
        state = "FAILED"
    if run.error is not None and state == "FAILED":
        said = execution.masker.mask(run.error).partition("\n")[0]
        comments.append(f"it failed: {said[:200]}")
    if state == "FAILED":
        outputs = outputs or {}
    draft.tasks.append(FixtureDraft(task.id, value, outputs or {}, state, comments))


def _assert(
    draft: Draft, execution: Execution, request: RunRequest, compat: int, within: Path | None
) -> None:
    """Assertions of what comes out when the case is run: mostly what came out of the run."""
    flow = execution.flow
    with tempfile.TemporaryDirectory(prefix="suite-", dir=within) as folder:
        given = changed(request.given, offline=True)
        asked = changed(
            request,
            inputs={},
            trigger=None,
            reporters=(),
            labels=(),
            given=given,
            mocks=type(request.mocks)(),
            demands=type(request.demands)(),
            gate=type(request.gate)(),
            executions_keep=None,
            durable=False,
        )
        settings = Settings()

        def judged(assertions: list[dict[str, Any]], seed: int, later: float) -> CaseResult:
            shown = changed(draft, assertions=assertions)
            text = suite_text(SuiteDraft(flow.namespace, flow.id, [shown]))
            case = suite_of(text.encode(), "run.test.yaml", compat=2).suite.testCases[0]
            return run_case(case, asked, changed(settings, seed=seed, later=later), Path(folder))

        again = judged([{"value": "x", "equalTo": "x"}], 1, 0.0)
        if again.execution is None or again.errors:
            told = "; ".join(one.message for one in again.errors)
            draft.comments.append(f"as it stands it does not run as a test: {told}")
            state = {"value": "{{ execution.state }}", "equalTo": str(execution.state)}
            draft.assertions = [state]
            return
        draft.assertions = assertions_of(again.execution, judged)
        ended = again.execution.state
        if ended is not execution.state:
            draft.comments.append(f"the run ended {execution.state}, the test ends {ended}")
        if compat > 1 and ended is not State.SUCCESS:
            draft.expected = str(ended)
