"""Random flows for property tests."""

from typing import Any

from hypothesis import strategies as st

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.retry import Constant
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from tests.support.flows import flow, leaf, task


class _Ids:
    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return f"t{self.count}"


def retry(attempts: int, warns: bool) -> Constant:
    """A policy without waiting."""
    fields = {
        "type": "constant",
        "interval": Duration(0),
        "maxAttempts": attempts,
        "warningOnRetry": warns,
    }
    made = made_of(Constant, fields)
    assert isinstance(made, Constant)
    return made


@st.composite
def common(draw: st.DrawFn, retries: bool) -> dict[str, Any]:
    """Properties that any task may have, mostly none."""
    found: dict[str, Any] = {}
    for name in ("allowFailure", "allowWarning", "disabled"):
        if draw(st.integers(0, 7)) == 0:
            found[name] = True
    if draw(st.integers(0, 9)) == 0:
        found["runIf"] = "false"
    if retries and draw(st.integers(0, 4)) == 0:
        found["retry"] = retry(draw(st.integers(1, 4)), draw(st.booleans()))
    return found


def tasks(
    draw: st.DrawFn, ids: _Ids, depth: int, least: int = 1, most: int = 3
) -> tuple[Task, ...]:
    """A few tasks, flowables among them while `depth` lasts."""
    return tuple(one_task(draw, ids, depth) for _ in range(draw(st.integers(least, most))))


def one_task(draw: st.DrawFn, ids: _Ids, depth: int) -> Task:
    name = ids.next()
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return leaf(name, **draw(common(retries=True)))
    properties = draw(common(retries=True))
    properties.pop("runIf", None)
    if draw(st.integers(0, 2)) == 0:
        properties["errors"] = tasks(draw, ids, depth - 1, most=2)
    if draw(st.integers(0, 3)) == 0:
        properties["finally_"] = tasks(draw, ids, depth - 1, most=2)
    properties["tasks"] = tasks(draw, ids, depth - 1)
    match draw(st.sampled_from(["Sequential", "Parallel", "ForEach", "AllowFailure"])):
        case "Parallel":
            return task("flow.Parallel", name, concurrent=draw(st.integers(0, 3)), **properties)
        case "ForEach":
            values = [str(n) for n in range(draw(st.integers(0, 3)))]
            limit = draw(st.integers(0, 3))
            return task("flow.ForEach", name, values=values, concurrencyLimit=limit, **properties)
        case kind:
            return task(f"flow.{kind}", name, **properties)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A flow of up to three levels with errors, finally and afterExecution blocks."""
    ids = _Ids()
    properties: dict[str, Any] = {}
    body = tasks(draw, ids, 3)
    if draw(st.booleans()):
        properties["errors"] = tasks(draw, ids, 1, most=2)
    if draw(st.booleans()):
        properties["finally_"] = tasks(draw, ids, 1, most=2)
    if draw(st.integers(0, 3)) == 0:
        properties["afterExecution"] = tasks(draw, ids, 1, most=2)
    if draw(st.integers(0, 5)) == 0:
        properties["retry"] = retry(draw(st.integers(1, 3)), False)
    return flow(*body, **properties)


@st.composite
def endings(draw: st.DrawFn) -> Any:
    """How each attempt of each task ends: a fixed function of task and attempt."""
    seed = draw(st.integers(0, 2**32))
    share = draw(st.sampled_from([0.0, 0.1, 0.4]))

    def state_of(task_id: str, attempt: int) -> State:
        luck = (hash((seed, task_id, attempt)) % 1000) / 1000
        if luck < share:
            return State.FAILED
        return State.WARNING if luck < share * 1.3 else State.SUCCESS

    return state_of
