"""Changes to a case that may make its flow go another way: other values of what a decision reads,
and tasks that fail.
"""

from collections.abc import Iterator
from itertools import chain, islice, product, zip_longest
from typing import Any, Final

from kestrel_cli.app.coverage.ways import Way
from kestrel_cli.app.reading.loops import FLOWABLES, kind_of
from kestrel_cli.app.testing.writing.candidates import OTHER, candidates
from kestrel_cli.app.testing.writing.drafts import Draft, FixtureDraft, can_be_written
from kestrel_cli.app.testing.writing.inventing import Tried, tested_runs
from kestrel_cli.app.testing.writing.knobs import (
    Knob,
    Reads,
    knobs_of,
    reads_of,
    turned,
    value_of,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.model.texts import texts_in, texts_of

_FAILURES: Final = ("errors", "allowed failure", "allowed failure inside", "afterExecution")
_OF_CONDITION: Final = ("then", "else", "one pass", "further passes")
_FAILS: Final = Way(None, "fails")
_MOST_PAIRED: Final = 6  # values of each of two knobs that are turned together


def ending_well(flow: Flow, base: Tried) -> Iterator[Draft]:
    """Drafts of a case that fails with which it may not."""
    execution = base.execution
    if execution is None:
        return
    failed = [run.task for run in execution.runs if run.state is State.FAILED and not run.stood_in]
    for task in dict.fromkeys(one for one in failed if not one.flowable):
        yield from _turned(flow, task, _FAILS, base.draft, execution)


def changes(flow: Flow, way: Way, base: Tried) -> Iterator[Draft]:
    """Drafts that may go this way, the most likely ones first."""
    task = None if way.task is None else flow.by_id.get(way.task)
    execution = base.execution
    if execution is None:
        return
    if way.name in _FAILURES or way.name.startswith("listener"):
        yield from _failing(flow, task, way, base.draft, execution)
        return
    if task is None:
        return
    yield from _turned(flow, task, way, base.draft, execution)


# -- tasks that fail


def _failing(
    flow: Flow, task: Task | None, way: Way, draft: Draft, execution: Execution
) -> Iterator[Draft]:
    inside = [
        (run, value)
        for one, run, value in tested_runs(execution)
        if run.phase is Phase.BODY
        and not run.task.flowable
        and _is_within(one, run, task, itself=way.name == "allowed failure")
    ]
    inside = [
        (run, value)
        for run, value in inside
        if run.task.allowFailure is not True or way.name == "allowed failure"
    ]
    inside.sort(key=lambda one: not one[0].stood_in)  # what reaches out fails in real life, too
    for run, value in inside:
        owner = run.task.__dict__.get("owner", run.task)
        made = draft.copy()
        fixture = made.fixture(owner.id, value)
        if fixture is None:
            fixture = FixtureDraft(owner.id, value)
            made.tasks.append(fixture)
        fixture.state, fixture.outputs, fixture.comments = "FAILED", {}, []
        yield made


def _is_within(execution: Execution, run: TaskRun, task: Task | None, *, itself: bool) -> bool:
    if task is None:
        return True
    if itself:
        return run.task is task
    return any(one.task is task for one in execution.upward(run) if one is not run)


# -- other values


def _turned(
    flow: Flow, task: Task, way: Way, draft: Draft, execution: Execution
) -> Iterator[Draft]:
    keys, texts = _decision(task, way)
    reads = reads_of(flow, task, texts)
    base = draft.copy()
    knobs = knobs_of(reads, base, flow, execution.inputs)
    listed = [_values(base, knob, reads, keys, flow) for knob in knobs]
    for made, knob in _singles(base, knobs, listed):
        yield _without_others(made, draft, [knob])
    real = _with_outputs(flow, reads, base, execution)
    if real is not None:
        others = [one for one in knobs_of(reads, real, flow, execution.inputs) if one not in knobs]
        of_others = [_values(real, one, reads, keys, flow) for one in others]
        for made, knob in _singles(real, others, of_others):
            yield _without_others(made, draft, [knob])
    for first in range(len(knobs)):
        for second in range(first + 1, len(knobs)):
            for one, two in product(listed[first][:_MOST_PAIRED], listed[second][:_MOST_PAIRED]):
                once = turned(base, knobs[first], one)
                try:
                    made = turned(once, knobs[second], two)
                except (KeyError, IndexError, TypeError):
                    continue
                yield _without_others(made, draft, [knobs[first], knobs[second]])


def _values(draft: Draft, knob: Knob, reads: Reads, keys: list[str], flow: Flow) -> list[Any]:
    found = candidates(value_of(draft, knob), reads, keys, flow, knob)
    return [one for one in found if can_be_written(one)]


def _singles(
    draft: Draft, knobs: list[Knob], listed: list[list[Any]]
) -> Iterator[tuple[Draft, Knob]]:
    """The first value of each, then the second ones: none has to wait for all of another."""
    pairs = (
        [(knob, value) for value in values] for knob, values in zip(knobs, listed, strict=True)
    )
    for knob, value in filter(None, chain.from_iterable(zip_longest(*pairs))):
        yield turned(draft, knob, value), knob


def _without_others(made: Draft, draft: Draft, knobs: list[Knob]) -> Draft:
    """Without inputs and fixtures that only were there to be turned, and were not."""
    inputs = {one.path[0] for one in knobs if one.of == "inputs"}
    made.inputs = {
        name: value for name, value in made.inputs.items() if name in draft.inputs or name in inputs
    }
    if any(isinstance(one.of, int) and one.of >= len(draft.tasks) for one in knobs):
        turned_ = {made.tasks[one.of].id for one in knobs if isinstance(one.of, int)}
        known = {one.id for one in draft.tasks}
        made.tasks = [one for one in made.tasks if one.id in known or one.id in turned_]
    else:
        del made.tasks[len(draft.tasks) :]
    return made


def _decision(task: Task, way: Way) -> tuple[list[str], list[str]]:
    """Values that lead that way when they are what is looked at, and the texts that are."""
    if way.name in ("runIf", "no runIf"):
        return [], [str(task.runIf)]
    kind = kind_of(task)
    names = (
        ["condition"] if way.name in _OF_CONDITION else ["values", "value", "items", "condition"]
    )
    texts = [text for name in names for text in texts_in([getattr(task, name, None)])]
    if way is _FAILS or way.name in ("retry", "retries used up"):
        return [], [*texts_of(task)]
    if kind == f"{FLOWABLES}Switch":
        if way.name.startswith("case "):
            return [way.name.removeprefix("case ")], texts
        return [OTHER], texts
    return [], texts


def _with_outputs(flow: Flow, reads: Reads, draft: Draft, execution: Execution) -> Draft | None:
    """The draft with fixtures for those tasks that ran for real and whose outputs are read."""
    read = {str(steps[0]) for name, steps in reads.paths if name == "outputs"}
    made = draft.copy()
    added = False
    for _, run, value in islice(tested_runs(execution), 1000):
        ran = run.task.id in read and not run.stood_in and not run.task.flowable
        free = made.fixture(run.task.id, value) is None
        if ran and free and run.outputs and can_be_written(run.outputs):
            made.tasks.append(FixtureDraft(run.task.id, value, dict(run.outputs)))
            added = True
    return made if added else None
