"""Executions made by hand, with task runs in the order the scheduler makes them."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.execution import Attempt, Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.ids import derived_id, number_of
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import FlowableTask, Metric, RunnableTask, Task
from tests.support.births import execution_of

START = 1_746_360_174_121_836  # 2025-05-04T12:02:54.121836Z
ID = "6s1egIkxu3gpzzILDnyxTn"
HERE = Position("flow.yaml", 1, 1)


class Leaf(RunnableTask):
    """A task of the tests."""


class Block(FlowableTask):
    """A flowable of the tests."""


def leaf(name: str, **values: Any) -> Task:
    return Leaf(id=name, type="test.Leaf", where=HERE, **values)


def block(name: str) -> Task:
    return Block(id=name, type="test.Block", where=HERE, blocks={})


def new_execution(
    namespace: str = "demo", flow_id: str = "each_switch", **values: Any
) -> Execution:
    flow = Flow(
        id=flow_id,
        namespace=namespace,
        tasks=(),
        where=HERE,
        blocks={},
        by_id={},
        policies={},
        label_pairs=[],
    )
    facts = {name: value for name, value in values.items() if name in Birth.__slots__}
    made = execution_of(flow, **{"name": ID, "at": START, **facts})
    for name in values.keys() - facts.keys():
        setattr(made.progress, name, values[name])
    return made


def reborn(
    execution: Execution, *, earlier: Sequence[Execution] | None = None, **facts: Any
) -> Execution:
    """The same execution, as if it had been born with other facts."""
    object.__setattr__(execution, "birth", changed(execution.birth, **facts))
    object.__setattr__(execution, "id", execution.birth.id)
    if earlier is not None:
        object.__setattr__(execution, "earlier", tuple(earlier))
    execution.progress.attempt_number = execution.birth.attempt_number
    return execution


def add(
    execution: Execution,
    task: Task | str,
    parent: TaskRun | None = None,
    state: State = State.SUCCESS,
    *,
    value: str | None = None,
    iteration: int | None = None,
    outputs: dict[str, Any] | None = None,
    error: str | None = None,
    attempts: int = 1,
    micros: int = 12_000,
    metrics: list[Metric] | tuple[()] = (),
) -> TaskRun:
    """Append a task run that took `micros`; SKIPPED and CREATED ones have no attempt."""
    number = len(execution.runs)
    start = START + number * 1000
    task = leaf(task) if isinstance(task, str) else task
    run = TaskRun(
        number, task, None if parent is None else parent.number, value, iteration, state, []
    )
    run.history = [(State.CREATED, start)]
    if state not in (State.SKIPPED, State.CREATED):
        run.history.append((State.RUNNING, start + 7))
        history = [(State.CREATED, start + 7), (State.RUNNING, start + 7)]
        if state in TERMINAL:
            history.append((state, start + micros))
        run.attempts = [Attempt(list(history), metrics) for _ in range(attempts)]
        run.outputs = {} if outputs is None else outputs
    if state is State.SKIPPED or state in TERMINAL:
        run.history.append((state, start + micros))
    run.error = error
    execution.progress.runs.append(run)
    return run


def end(execution: Execution, state: State = State.SUCCESS, micros: int = 1_200_000) -> Execution:
    execution.progress.state = state
    execution.progress.history = [
        (State.CREATED, START),
        (State.RUNNING, START + 500),
        (state, START + micros),
    ]
    return execution


def each_switch(failing: bool = False) -> Execution:
    """The second flow of the page "Task Runs", its `simple` tasks left out; 7 or 8 task runs."""
    execution = new_execution()
    failed = State.FAILED if failing else State.SUCCESS
    first = add(execution, block("hierarchy_1"), state=failed, micros=840_000)
    a = add(
        execution,
        block("hierarchy_2"),
        first,
        value="caseA",
        iteration=0,
        outputs={"value": "caseA"},
    )
    add(execution, "hierarchy_2_a", a, outputs={"value": "hierarchy_2_a"})
    b = add(
        execution,
        block("hierarchy_2"),
        first,
        failed,
        value="caseB",
        iteration=1,
        outputs={"value": "caseB"},
    )
    add(execution, "hierarchy_2_b_first", b, outputs={"value": "hierarchy_2_b_first"})
    second = add(execution, block("hierarchy_2_b_second"), b, failed)
    switch = add(
        execution, block("switch"), second, value="case1", iteration=0, outputs={"value": "case1"}
    )
    add(execution, "switch_1", switch)
    switch = add(
        execution,
        block("switch"),
        second,
        failed,
        value="case2",
        iteration=1,
        outputs={"value": "case2"},
    )
    error = "exit code 2\nsh: 1: nope: not found" if failing else None
    add(
        execution,
        "switch_2",
        switch,
        failed,
        error=error,
        attempts=3 if failing else 1,
        micros=2_345_678,
    )
    return end(execution, failed)


def loop(iterations: int, failing: frozenset[int] = frozenset()) -> Execution:
    """A loop over one task; the iterations in `failing` fail."""
    execution = new_execution(flow_id="loop")
    state = State.FAILED if failing else State.SUCCESS
    each = add(execution, block("foreach"), state=state)
    log = leaf("log")
    for number in range(iterations):
        bad = number in failing
        add(
            execution,
            log,
            each,
            State.FAILED if bad else State.SUCCESS,
            value=f"s{number}",
            iteration=number,
            outputs=None if bad else {"value": f"log > s{number} ⬅ 2025-05-04T12:02:53.938333Z"},
            error="exit code 2" if bad else None,
        )
    return end(execution, state)


def deep(levels: int) -> Execution:
    """Flowables inside each other, a task in the innermost."""
    execution = new_execution(flow_id="deep")
    parent = None
    for number in range(levels - 1):
        parent = add(execution, block(f"level{number + 1}"), parent)
    add(execution, "innermost", parent, outputs={"value": "x"})
    return end(execution)


class Utf8(StringIO):
    """A text stream that refuses what UTF-8 cannot encode, as a file does."""

    def write(self, text: str) -> int:
        text.encode("utf-8")
        return super().write(text)


def call(
    execution: Execution,
    run: TaskRun,
    name: str,
    state: State = State.SUCCESS,
    *,
    micros: int = 5_000,
    iteration: int | None = None,
    **values: Any,
) -> Execution:
    """An execution of the flow `name` that a task run started, ended; without task runs."""
    number = sum(map(len, execution.called.values())) + 1
    start = START + 1_000_000 * number
    trigger = {
        "id": run.task.id,
        "type": run.task.type,
        "executionId": execution.id,
        "taskId": run.task.id,
        "taskRunId": execution.run_id(run.number),
        "taskRunIteration": iteration,
    }
    made = new_execution(
        execution.flow.namespace,
        name,
        id=derived_id(number_of(execution.id), -1 - number),
        at=start,
        trigger=trigger,
        **values,
    )
    made.progress.history += [(State.RUNNING, start + 500), (state, start + micros)]
    made.progress.state = state
    execution.called.setdefault(run.number, []).append(made)
    return made


def retried(execution: Execution, times: int = 1) -> Execution:
    """The execution with that many RETRIED ones before it, each with a task run `shell`."""
    first, earlier = execution.id, list(execution.earlier)
    for number in range(times):
        start = START - 10_000_000 * (times - number)
        before = new_execution(
            execution.flow.namespace,
            execution.flow.id,
            id=derived_id(number_of(first), 1000 + number),
            at=start,
            attempt_number=number + 1,
        )
        shell = add(before, "shell", state=State.RETRIED, error="exit code 2")
        before.progress.state = State.RETRIED
        before.progress.history.append((State.RETRIED, start + 30_000))
        shell.history = [(State.CREATED, start), (State.RETRIED, start + 20_000)]
        earlier.append(before)
    return reborn(
        execution,
        earlier=earlier,
        attempt_number=times + 1,
        parent_id=earlier[-1].id,
        original_id=earlier[0].id,
        original_at=earlier[0].created_at,
    )


def sub_flows(failing: bool = False) -> Execution:
    """A flow whose task `sub` runs another one, whose task `inner` runs a third one."""
    state = State.FAILED if failing else State.SUCCESS
    execution = new_execution(flow_id="main")
    add(execution, "log", outputs={"value": "x"})
    sub = add(execution, "sub", state=state, outputs={"state": state.value})
    middle = call(execution, sub, "middle", state, outputs={"total": 3})
    inner = add(middle, "inner", state=state)
    last = call(middle, inner, "last", state)
    add(last, "shell", state=state, error="exit code 2" if failing else None)
    return end(execution, state)


def iterations(number: int, failing: frozenset[int] = frozenset()) -> Execution:
    """A Loop of Kestra 2.0 over `number` values, one task in it."""
    state = State.FAILED if failing else State.SUCCESS
    execution = new_execution(flow_id="main")
    loop = add(execution, "loop", state=state, outputs={"iterationCount": number})
    for at in range(number):
        ended = State.FAILED if at in failing else State.SUCCESS
        item = {"index": at, "value": f"s{at}"}
        made = call(execution, loop, "main", ended, kind="LOOP", item=item, outputs={"x": at})
        add(made, "log", state=ended, error="exit code 2" if at in failing else None)
    return end(execution, state)


def batches(number: int) -> Execution:
    """A ForEachItem with that many batches."""
    execution = new_execution(flow_id="main")
    each = add(execution, block("each"))
    add(execution, "each_split", each)
    items = add(execution, "each_items", each)
    for at in range(number):
        made = call(execution, items, "child", iteration=at)
        add(made, "log")
    add(execution, "each_merge", each)
    return end(execution)


def paused() -> Execution:
    """A flow that waits in a Pause."""
    execution = new_execution(flow_id="main")
    wait = add(execution, block("wait"), state=State.PAUSED)
    wait.history.append((State.PAUSED, START + 5_000))
    wait.attempts[0].history.append((State.PAUSED, START + 5_000))
    return end(execution, State.PAUSED)
