"""What executions are born with: of a request, of a call, after a RETRIED one.

Each of the four makers gives a Birth; `execution_of` makes the execution of any Birth, whether it
was made just now or read from a journal.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import CannotStart
from kestrel_cli.model.birth import Birth, Caller
from kestrel_cli.model.call import Call
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.ids import base62, derived_id, number_of
from kestrel_cli.model.index import body_flow
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import changed

CORRELATION: Final = "system.correlationId"
LOOP: Final = "LOOP"
FIRST: Final = 0  # the number of the first execution of a run


def of_request(request: RunRequest, at: int) -> Birth:
    """Of the execution that somebody asked for; its inputs are not there yet. Raises CannotStart
    for a flow that is disabled.
    """
    flow = request.flow
    if flow.disabled:
        raise CannotStart(f"the flow `{flow.id}` is disabled: Kestra does not run it either")
    name = new_id(request)
    labels = labels_of(flow, request.labels)
    if not any(key == CORRELATION for key, _ in labels):
        labels.append((CORRELATION, name))
    return Birth(
        FIRST,
        name,
        at,
        0,
        flow.namespace,
        flow.id,
        flow.where.file,
        labels=labels,
        trigger=request.trigger,
        kind=request.kind,
    )


def new_id(request: RunRequest) -> str:
    """An id that nothing else has; with a seed the same one again."""
    if request.seed is None:
        return base62(int.from_bytes(os.urandom(16), "big"))
    import random

    # Other flows get other ids, so that a seed is no danger to what they left.
    text = f"{request.seed}/{request.flow.namespace}/{request.flow.id}"
    return base62(random.Random(text).getrandbits(128))


def labels_of(flow: Flow, more: Any) -> list[tuple[str, str]]:
    """The flow's own labels, which come first, and those that are passed."""
    own = [pair for pair in flow.label_pairs if not pair[0].startswith("system.")]
    return [*own, *more]


def of_call(
    number: int, parent: Execution, run: TaskRun, nth: int, flow: Flow, flow_number: int, at: int
) -> Birth:
    """Of the execution of another flow that a task run starts. Raises CannotStart.

    Labels of the system are passed on, all others when the call says so; but none that the called
    flow declares itself.
    """
    check_callable(flow)
    call = parent.calls[run.number].calls[nth]
    declared = {name for name, _ in flow.label_pairs}
    inherited = [
        pair
        for pair in parent.labels
        if pair[0].startswith("system.") or (call.inherit_labels and pair[0] not in declared)
    ]
    known = {name for name, _ in call.labels}
    passed = [pair for pair in inherited if pair[0] not in known] + call.labels
    root = parent
    while root.owner is not None:  # an iteration of Loop is no kind to hand on
        root = root.owner
    return Birth(
        number,
        called_id(parent, run, nth),
        at,
        flow_number,
        flow.namespace,
        flow.id,
        flow.where.file,
        labels=labels_of(flow, passed),
        trigger=_trigger(parent, run, call),
        kind=root.kind,
        caller=Caller(parent.birth.number, run.number, nth),
    )


def check_callable(flow: Flow) -> None:
    """Raise CannotStart for a flow that nobody may call."""
    if flow.disabled:
        raise CannotStart("Cannot execute a flow which is disabled")


def _trigger(parent: Execution, run: TaskRun, call: Call) -> dict[str, Any]:
    """What a called execution hears of the task run that calls it."""
    flow = parent.flow
    told = {
        "id": run.task.id,
        "type": run.task.type,
        "executionId": parent.id,
        "namespace": flow.namespace,
        "flowId": flow.id,
        "flowRevision": flow.revision or 1,
        "taskRunId": parent.run_id(run.number),
        "taskId": run.task.id,
        "taskRunOutputs": run.outputs,
        "taskRunValue": run.value,
        "taskRunIteration": run.iteration,
    }
    return {name: value for name, value in told.items() if value is not None} | call.variables


def of_item(number: int, parent: Execution, run: TaskRun, nth: int, at: int) -> Birth:
    """Of an iteration of Loop: an execution of the tasks in it, which sees all that its parent
    does.
    """
    item = parent.calls[run.number].calls[nth].item
    taken: dict[str, Any] = {}
    if parent.birth.taken:
        from kestrel_cli.model.taken import taken_below

        taken = taken_below(parent, run, item)
    return Birth(
        number,
        called_id(parent, run, nth),
        at,
        None,
        parent.flow.namespace,
        parent.flow.id,
        parent.flow.where.file,
        labels=parent.labels,
        kind=LOOP,
        item=item,
        taken=taken,
        caller=Caller(parent.birth.number, run.number, nth),
    )


def called_id(parent: Execution, run: TaskRun, nth: int) -> str:
    """The id of the `nth` execution of this attempt."""
    owner = number_of(parent.run_id(run.number))
    # One that was lost has started nothing: it is as if it had never been.
    made = sum(not one.lost for one in run.attempts)
    return derived_id(owner, (max(made, 1) << 40) + nth)


def of_follower(number: int, retried: Execution, at: int) -> Birth:
    """Of the execution that replays a RETRIED one from its beginning, created at `at`."""
    born = retried.birth
    original = born.original_id or retried.id
    labels = [pair for pair in retried.labels if pair[0] != "system.replay"]
    return changed(
        born,
        number=number,
        id=derived_id(number_of(original), (1 << 60) + retried.attempt_number),
        at=at,
        labels=[*labels, ("system.replay", "true")],
        follows=born.number,
        parent_id=retried.id,
        original_id=original,
        original_at=born.original_at or born.at,
        attempt_number=retried.attempt_number + 1,
        given={},
    )


def of_replay(old: Execution, at: int, *, anew: bool) -> Birth:
    """Of an execution of its own that repeats an old one; `anew`: from its beginning."""
    made = of_follower(FIRST, old, at)
    return changed(
        made,
        id=base62(int.from_bytes(os.urandom(16), "big")),
        flow=0,
        follows=None,
        caller=None,
        attempt_number=old.attempt_number + anew,
    )


def execution_of(
    birth: Birth,
    flow: Flow | None,
    parent: Execution | None = None,
    before: Execution | None = None,
    *,
    masker: Masker | None = None,
    values: Mapping[str, Any] | None = None,
) -> Execution:
    """The execution that is born so. `flow` is None for an iteration of Loop; `parent` is the one
    that called it, `before` the RETRIED one that it follows.
    """
    owner = None
    if flow is None:
        assert parent is not None  # only iterations have no flow of their own
        assert birth.caller is not None  # they are called
        owner = parent
        flow = body_flow(parent.flow, parent.runs[birth.caller.run].task)
    around = parent or before
    return Execution(
        birth,
        flow,
        masker=masker or (around.masker if around is not None else None),
        owner=owner,
        earlier=() if before is None else (*before.earlier, before),
        values=values,
    )


def link(execution: Execution, parent: Execution | None) -> None:
    """Let the caller know the execution; one that follows another takes its place."""
    if parent is None or execution.birth.caller is None:
        return
    called = parent.called.setdefault(execution.birth.caller.run, [])
    before = execution.earlier[-1] if execution.earlier else None
    for place, one in enumerate(called):
        if one is before:
            called[place] = execution
            return
    if before is None:  # else its task run was taken out meanwhile
        called.append(execution)
