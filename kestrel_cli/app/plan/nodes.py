"""The tree of what would run: tasks with their properties, branches that are taken, loop values,
flows that are called.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from kestrel_cli.app.plan.known import Known, Place, Unknown, called, plain
from kestrel_cli.app.preflight.reached import is_call, key_of
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import FlowNotFound, UnusableFlow
from kestrel_cli.expressions.truth import is_true
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.task import Task

Covers = Callable[[Task], bool]
MOST_VALUES: Final = 10  # iterations of a loop that are shown
_MOST_NODES: Final = 2_000
_DEEPEST: Final = 60
# What stands in a node by itself, or is of no interest.
_COMMON: Final = frozenset(
    ("id", "type", "description", "disabled", "retry", "timeout", "runIf", "allowFailure")
)
_LOOPS: Final = ("EachParallel", "EachSequential", "ForEach", "Loop")


@record
class Branch:
    """Tasks that run one after the other or beside each other, in a block of what holds them.
    `taken`: whether they run; None: only the run knows. `value`: that of the loop.
    """

    block: str
    tasks: list["Node"]
    taken: bool | None = None
    value: str | None = None


@record
class Node:
    """One task. `open` names the properties that only the run knows: they are as in the file."""

    task: Task
    properties: dict[str, Any]
    open: list[str]
    mocked: bool = False
    skipped: bool = False  # `runIf` says so
    timeout: str | None = None
    retry: dict[str, Any] | None = None
    run_if: str | None = None
    values: list[str] | None = None  # of a loop, when they are known
    branches: list[Branch] = fresh(factory=list)
    flow: "FlowNode | None" = None
    cut: str | None = None  # why nothing is shown below


@record
class FlowNode:
    """A flow: its blocks as branches."""

    flow: Flow
    branches: list[Branch]


class Planner:
    """Makes the tree of a request; bounded in depth and in size."""

    def __init__(self, request: RunRequest, covers: Covers) -> None:
        self._covers = covers
        self._left = _MOST_NODES
        self._request = request

    def plan(self) -> FlowNode:
        """The whole tree."""
        return self._flow(self._request, ())

    def _flow(self, request: RunRequest, above: tuple[tuple[str, str], ...]) -> FlowNode:
        flow = request.flow
        inner = _OfFlow(self, request, (*above, (flow.namespace, flow.id)))
        taken = {"tasks": True, "finally": True, "afterExecution": True}
        branches = [
            Branch(name, inner.nodes(tasks, Place(), 0), taken.get(name))
            for name, tasks in flow.blocks.items()
            if tasks
        ]
        return FlowNode(flow, branches)

    def takes(self) -> bool:
        """Whether one more node may be made."""
        self._left -= 1
        return self._left >= 0

    def covers(self, task: Task) -> bool:
        """Whether the task is mocked."""
        return self._covers(task)

    def call(
        self, request: RunRequest, task: Task, given: Mapping[str, object], above: Any
    ) -> FlowNode | str | None:
        """The flow that a task calls, or why it is not shown."""
        key = key_of(task)
        if key is None:
            return "the run says which flow"
        if key in above or len(above) >= MOST_VALUES:
            return "it calls itself" if key in above else "too deep"
        if request.library is None:
            return None
        try:
            loaded = request.library.find(*key)
        except (FlowNotFound, UnusableFlow) as error:
            return str(error)
        if loaded.flow.disabled:
            return "it is disabled"
        return self._flow(called(request, loaded.flow, loaded.text, given), above)


class _OfFlow:
    """Makes the nodes of one flow."""

    def __init__(
        self, planner: Planner, request: RunRequest, above: tuple[tuple[str, str], ...]
    ) -> None:
        self._planner = planner
        self._request = request
        self._above = above
        self._known = Known(request)

    def nodes(self, tasks: tuple[Task, ...], place: Place, depth: int) -> list[Node]:
        return [self._node(task, place, depth) for task in tasks if self._planner.takes()]

    def _node(self, task: Task, place: Place, depth: int) -> Node:
        properties, unknown = self._properties(task, place)
        node = Node(task, properties, unknown, self._planner.covers(task))
        retry = self._request.flow.policies.get(task.id)
        node.retry = None if retry is None else {"type": retry.type, **plain(retry)}
        if task.timeout is not None:
            node.timeout = str(self._try(str(task.timeout), place))
        if task.runIf != "true":
            self._decide(node, task, place)
        if node.mocked or node.skipped:
            return node
        if depth >= _DEEPEST:
            node.cut = "too deep"
        elif is_call(task):
            self._call(node, task, place)
        else:
            node.branches = list(self._branches(node, task, place, depth + 1))
        return node

    def _properties(self, task: Task, place: Place) -> tuple[dict[str, Any], list[str]]:
        found: dict[str, Any] = {}
        unknown = []
        said = {
            one.name: getattr(task, one.attribute)
            for one in task.properties.values()
            if not one.holds_tasks and one.name not in _COMMON
        }
        said |= getattr(task, "extra", None) or {}
        defaults = {one.name: one.default for one in task.properties.values()}
        for name, value in said.items():
            if value is None or (name in defaults and value == defaults[name]):
                continue
            shown = plain(value)
            try:
                found[name] = self._known.value(shown, place)
            except Unknown:
                found[name] = shown
                unknown.append(name)
        return found, unknown

    def _try(self, value: str, place: Place) -> str:
        try:
            return self._known.text(value, place)
        except Unknown:
            return value

    def _decide(self, node: Node, task: Task, place: Place) -> None:
        node.run_if = self._try(task.runIf, place)
        try:
            node.skipped = not is_true(self._known.text(task.runIf, place))
        except Unknown:
            return

    def _call(self, node: Node, task: Task, place: Place) -> None:
        given = node.properties.get("inputs")
        inputs: dict[str, object] = {}
        for name, value in (getattr(task, "inputs", None) or {}).items() if given else ():
            try:
                inputs[str(name)] = self._known.value(plain(value), place)
            except Unknown:
                continue
        found = self._planner.call(self._request, task, inputs, self._above)
        if isinstance(found, str):
            node.cut = found
        else:
            node.flow = found

    def _branches(self, node: Node, task: Task, place: Place, depth: int) -> Iterator[Branch]:
        blocks: dict[str, tuple[Task, ...]] = task.__dict__.get("blocks", {})
        if not blocks:
            return
        name = type(task).__name__
        if name in _LOOPS:
            yield from self._loop(node, task, blocks["tasks"], place, depth)
            blocks = {block: tasks for block, tasks in blocks.items() if block != "tasks"}
        chosen = self._chosen(name, task, blocks, place)
        for block, tasks in blocks.items():
            if not tasks or block == "hidden":
                continue
            taken = chosen.get(block, None if block == "errors" else chosen.get("*"))
            inside = self.nodes(tasks, place.inside(), depth) if taken is not False else []
            yield Branch(block, inside, taken)

    def _loop(
        self, node: Node, task: Task, tasks: tuple[Task, ...], place: Place, depth: int
    ) -> Iterator[Branch]:
        try:
            node.values = self._values(task, place)
        except Unknown:
            yield Branch("tasks", self.nodes(tasks, place.inside(), depth))
            return
        for value in node.values[:MOST_VALUES]:
            yield Branch("tasks", self.nodes(tasks, place.inside(value), depth), True, value)

    def _values(self, task: Task, place: Place) -> list[str]:
        """The texts that the runs in a loop have as their values. Raises Unknown."""
        said = getattr(task, "values", None)
        said = getattr(task, "value", None) if said is None else said
        found = self._known.value(plain(said), place)
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except ValueError:
                raise Unknown from None
        if isinstance(found, dict):
            found = [{"key": key, "value": value} for key, value in found.items()]
        if not isinstance(found, list):
            raise Unknown
        texts = [one if isinstance(one, str) else _json(one) for one in found]
        return list(dict.fromkeys(texts))

    def _chosen(
        self, name: str, task: Task, blocks: Mapping[str, object], place: Place
    ) -> dict[str, bool | None]:
        """Which blocks are taken; `*`: all others."""
        if name not in ("If", "Switch"):
            return {"*": True}
        try:
            if name == "If":
                condition = getattr(task, "condition", None) or ""
                holds = is_true(self._known.text(condition, place))
                return {"then": holds, "else": not holds, "*": True}
            block = f"cases.{self._known.text(getattr(task, 'value', ''), place)}"
        except Unknown:
            return {"finally": True, "*": None}
        wanted = block if block in blocks else "defaults"
        chosen: dict[str, bool | None] = {
            one: one == wanted for one in blocks if one.startswith(("cases.", "defaults"))
        }
        return {**chosen, "*": True}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
