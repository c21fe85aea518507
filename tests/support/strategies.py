"""Random flows for property tests."""

from typing import Any

from hypothesis import strategies as st

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Flow, Listener
from kestrel_cli.model.retry import Constant
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.tasks.flow.dag import DagTask
from tests.support.flows import flow, leaf, task
from tests.support.simulation import CALLED, EXITS, PASSES

KINDS = (
    "Sequential", "Parallel", "ForEach", "AllowFailure", "Dag", "LoopUntil", "WorkingDirectory",
    "Pause", "Switch", "If", "EachParallel", "EachSequential", "ForEachItem",
)  # fmt: skip
PLAIN = {"allowFailure", "allowWarning", "retry"}  # what a strict flow has none of


class Maker:
    """Makes tasks of one flow. A `strict` one tolerates and retries nothing; a `wild` one may end
    early: by an Exit, a pause that cancels, a failure that is to begin a new execution.
    """

    def __init__(self, draw: st.DrawFn, *, strict: bool = False, wild: bool = False) -> None:
        self.draw = draw
        self.strict = strict
        self.wild = wild
        self.count = 0

    def next_id(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == one_in  # what is simpler has less

    def common(self) -> dict[str, Any]:
        """Properties that any task may have, mostly none."""
        found: dict[str, Any] = {}
        for name in ("allowFailure", "allowWarning", "disabled"):
            if self.chance(8):
                found[name] = True
        if self.chance(10):
            found["runIf"] = "false"
        if self.chance(5):
            found["retry"] = self.retry(4, warns=self.draw(st.booleans()))
        if self.strict:
            found = {name: value for name, value in found.items() if name not in PLAIN}
        return found

    def retry(self, most: int, *, warns: bool = False) -> Constant:
        """A policy without waiting."""
        behavior = "RETRY_FAILED_TASK"
        if self.wild and self.chance(4):
            behavior = "CREATE_NEW_EXECUTION"
        attempts = self.draw(st.integers(1, most))
        return retry(attempts, warns, behavior)

    def tasks(self, depth: int, least: int = 1, most: int = 3) -> tuple[Task, ...]:
        """A few tasks, flowables among them while `depth` lasts."""
        return tuple(self.one(depth) for _ in range(self.draw(st.integers(least, most))))

    def leaf(self) -> Task:
        properties = self.common()
        if self.wild and self.chance(12):
            ends = st.sampled_from(["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"])
            properties["description"] = EXITS + self.draw(ends)
        elif self.wild and self.chance(20):
            properties["description"] = CALLED
        return leaf(self.next_id(), **properties)

    def executable(self) -> Task:
        """A task that starts executions: of another flow, or of its own tasks."""
        properties = self.common()
        if self.wild and self.chance(8):
            properties["description"] = CALLED
        if self.chance(4):
            properties["transmitFailed"] = self.strict
        if self.draw(st.booleans()):
            values = [str(n) for n in range(self.draw(st.integers(0, 4)))]
            properties |= {"values": values, "concurrencyLimit": self._limit()}
            return task("flow.Loop", self.next_id(), tasks=(leaf(self.next_id()),), **properties)
        properties["wait"] = not self.chance(4)
        name = self.next_id()
        return task("flow.Subflow", name, namespace="company.team", flowId="other", **properties)

    def one(self, depth: int) -> Task:
        if depth == 0 or self.chance(3):
            return self.executable() if self.draw(st.booleans()) else self.leaf()
        return self.flowable(self.draw(st.sampled_from(KINDS)), depth)

    def flowable(self, kind: str, depth: int) -> Task:
        name, properties = self.next_id(), self.common()
        if self.chance(3):
            properties["errors"] = self.tasks(depth - 1, most=2)
        if self.chance(4):
            properties["finally_"] = self.tasks(depth - 1, most=2)
        properties |= getattr(self, f"_{kind}", self._body)(depth - 1)
        return task(f"flow.{kind}", name, **properties)

    def _body(self, depth: int) -> dict[str, Any]:
        return {"tasks": self.tasks(depth)}

    def _limit(self) -> int:
        return self.draw(st.integers(0, 3))

    def _values(self) -> list[str]:
        return [str(n) for n in range(self.draw(st.integers(0, 3)))]

    def _Parallel(self, depth: int) -> dict[str, Any]:  # noqa: N802  the type's name
        return {**self._body(depth), "concurrent": self._limit()}

    def _ForEach(self, depth: int) -> dict[str, Any]:  # noqa: N802
        return {**self._body(depth), "values": self._values(), "concurrencyLimit": self._limit()}

    def _EachParallel(self, depth: int) -> dict[str, Any]:  # noqa: N802
        return {**self._body(depth), "value": self._values(), "concurrent": self._limit()}

    def _EachSequential(self, depth: int) -> dict[str, Any]:  # noqa: N802
        return {**self._body(depth), "value": self._values()}

    def _Dag(self, depth: int) -> dict[str, Any]:  # noqa: N802
        """Of tasks in any order: each may need some of those that come before in another one."""
        held = self.tasks(depth, most=5)
        order = self.draw(st.permutations(range(len(held))))
        tasks: list[Any] = [None] * len(held)
        for nth, place in enumerate(order):
            known = [held[earlier].id for earlier in order[:nth]]
            needs = self.draw(st.lists(st.sampled_from(known), unique=True)) if known else []
            tasks[place] = made_of(DagTask, {"task": held[place], "dependsOn": needs})
        return {"tasks": tuple(tasks), "concurrent": self._limit()}

    def _LoopUntil(self, depth: int) -> dict[str, Any]:  # noqa: N802
        return {**self._body(depth), "condition": f"{PASSES}{self.draw(st.integers(1, 3))}"}

    def _WorkingDirectory(self, _: int) -> dict[str, Any]:  # noqa: N802
        return {"tasks": self.tasks(0)}

    def _Pause(self, depth: int) -> dict[str, Any]:  # noqa: N802
        found: dict[str, Any] = {}
        if self.chance(2):
            behaviors = ["RESUME", *(["WARN", "FAIL"] if not self.strict else [])]
            behaviors += ["CANCEL"] if self.wild else []
            found["pauseDuration"] = Duration(self.draw(st.integers(0, 2)) * 10**9)
            found["behavior"] = self.draw(st.sampled_from(behaviors))
        elif self.chance(4) and not self.strict:
            found["timeout"] = Duration(10**9)
        if self.chance(3):
            found["onPause"] = self.one(depth)
        if self.chance(2):
            found |= self._body(depth)
        return found

    def _Switch(self, depth: int) -> dict[str, Any]:  # noqa: N802
        cases = {name: self.tasks(depth, most=2) for name in self.draw(st.sets(_CASES))}
        found: dict[str, Any] = {"value": self.draw(_CASES), "cases": cases}
        if self.strict or self.chance(2):
            found["defaults"] = self.tasks(depth, most=2)
        return found

    def _If(self, depth: int) -> dict[str, Any]:  # noqa: N802
        holds = "true" if self.draw(st.booleans()) else "false"
        found: dict[str, Any] = {"condition": holds, "then": self.tasks(depth, most=2)}
        if self.chance(2):
            found["else_"] = self.tasks(depth, most=2)
        return found

    def _ForEachItem(self, _: int) -> dict[str, Any]:  # noqa: N802
        return {
            "items": "kestra:///items",
            "namespace": "company.team",
            "flowId": "other",
            "wait": not self.chance(4),
            "transmitFailed": self.strict or not self.chance(4),
        }


_CASES = st.sampled_from(["a", "b", "c"])


def retry(attempts: int, warns: bool = False, behavior: str = "RETRY_FAILED_TASK") -> Constant:
    """A policy without waiting."""
    fields = {
        "type": "constant",
        "interval": Duration(0),
        "maxAttempts": attempts,
        "warningOnRetry": warns,
        "behavior": behavior,
    }
    made = made_of(Constant, fields)
    assert isinstance(made, Constant)
    return made


@st.composite
def flows(draw: st.DrawFn, *, strict: bool = False, wild: bool = False, depth: int = 3) -> Flow:
    """A flow of some levels with errors, finally and afterExecution blocks."""
    maker = Maker(draw, strict=strict, wild=wild)
    properties: dict[str, Any] = {}
    body = maker.tasks(depth)
    if maker.chance(2):
        properties["errors"] = maker.tasks(1, most=2)
    if maker.chance(2):
        properties["finally_"] = maker.tasks(1, most=2)
    if maker.chance(6):
        heard = [maker.tasks(1, most=2) for _ in range(2)]
        properties["listeners"] = tuple(made_of(Listener, {"tasks": tasks}) for tasks in heard)
    if maker.chance(4):
        properties["afterExecution"] = maker.tasks(1, most=2)
    if maker.chance(6) and not strict:
        properties["retry"] = maker.retry(3)
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
