"""Nodes to a Flow: every model is made, every task resolved. Nothing here recurses."""

from typing import Any, Final, get_args, get_origin

from kestrel_cli.flowfile import resolve
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.flaws import made, missing, must
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.fields import Model, Property
from kestrel_cli.model.flow import Flow, Listener
from kestrel_cli.model.marks import Filled
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.task import Task

_FIRST: Final = "1"


@record
class Draft:
    """A flow or task on its way to a model: where it stands, what it says, what it holds.

    `instance` stays None when the file is wrong about it; what it holds is looked at all the same.
    `parts` are its triggers, inputs, conditions and runners: the class of each, and its node.
    """

    node: Node
    values: dict[str, Any]
    kind: type[Model]
    holder: "Draft | None" = None
    instance: Model | None = None
    slots: "list[Slot]" = fresh(factory=list)
    parts: list[tuple[type[Model], Node]] = fresh(factory=list)

    @property
    def id(self) -> str | None:
        """The id as the file says it, if it is text or a number."""
        said = self.values.get("id")
        return str(said) if isinstance(said, (str, int)) else None


@record
class Slot:
    """One property that holds tasks: lists of drafts, by name for a map of lists.

    `wrappers` are the models around the tasks, when the property lists models that hold one each.
    """

    declared: Property
    entries: dict[str, list[Draft]] = fresh(factory=dict)
    wrappers: list[Model | None] = fresh(factory=list)


class Builder:
    """Builds one flow; problems go to `findings`.

    `drafts` has the flow, then the tasks; `listeners` what holds the tasks of listeners.
    """

    def __init__(self, root: Node, findings: Findings) -> None:
        self._findings = findings
        self._todo: list[Draft] = []
        self.flow = Draft(root, root.value, Flow)
        self.drafts: list[Draft] = []
        self.listeners: list[Draft] = []

    def build(self) -> list[Draft]:
        """Make what can be made, in file order."""
        self._todo = [self.flow]
        while self._todo:
            draft = self._todo.pop()
            (self.listeners if draft.kind is Listener else self.drafts).append(draft)
            holder = draft.holder.kind if draft.holder else None
            self._make(draft, holder)
            waiting = len(self._todo)
            for declared in draft.kind.properties.values():
                if declared.holds_tasks:
                    self._hold(draft, declared)
            # The stack gives back the last one first; tasks are to come in the order of the file.
            self._todo[waiting:] = sorted(self._todo[waiting:], key=_place, reverse=True)
        for listener in self.listeners:
            self.flow.parts += listener.parts
        return self.drafts

    def _make(self, draft: Draft, holder: type[Model] | None) -> None:
        values = draft.values
        if draft.kind is UnsupportedTask:
            known = UnsupportedTask.properties
            values = {name: value for name, value in values.items() if name in known}
        draft.instance = made(draft.kind, values, draft.node, self._findings, holder)
        if draft.kind.choices:
            self._fill(draft)
        if not draft.kind.newer.keys().isdisjoint(values):
            from kestrel_cli.flowfile.parts import newer_properties

            newer_properties(draft.kind, draft.node, self._findings)
        if issubclass(draft.kind, Task) and draft.kind.since != _FIRST:
            name = draft.kind.__name__
            self._findings.newer(f"task type {name}", draft.node.get("type") or draft.node)
        if draft.instance is not None and draft.kind is UnsupportedTask:
            checked = {one.name for one in draft.kind.choices}
            own = values.keys() - checked
            extra = {name: value for name, value in draft.values.items() if name not in own}
            reason = resolve.reason(draft.values["type"])
            draft.instance.__dict__.update(extra=extra, reason=reason)

    def _fill(self, draft: Draft) -> None:
        said = draft.node.value
        if any(said.get(one.name) is not None or one.required for one in draft.kind.choices):
            from kestrel_cli.flowfile.parts import fill

            draft.parts += fill(draft.kind, draft.instance, draft.node, self._findings)

    def _hold(self, draft: Draft, declared: Property) -> None:
        node = draft.node.get(declared.name)
        if node is None or node.value is None:
            if declared.required:
                missing(declared.name, draft.node, self._findings)
            return
        slot = Slot(declared)
        draft.slots.append(slot)
        origin = get_origin(declared.shape)
        if origin is dict:
            self._cases(draft, slot, node)
        elif origin in (tuple, list):
            self._list(draft, slot, node, get_args(declared.shape)[0])
        else:
            slot.entries[""] = self._tasks(draft, [node])
        if Filled in declared.marks and node.value == ({} if origin is dict else []):
            must(declared.name, "not be empty", node, self._findings)

    def _cases(self, draft: Draft, slot: Slot, node: Node) -> None:
        if not isinstance(node.items, dict):
            must(slot.declared.name, "be a map of names to lists of tasks", node, self._findings)
            return
        for name, below in node.items.items():
            if isinstance(below.items, list):
                slot.entries[name] = self._tasks(draft, below.items)
            elif below.value is not None:
                must(f"{slot.declared.name}.{name}", "be a list of tasks", below, self._findings)

    def _list(self, draft: Draft, slot: Slot, node: Node, element: type[Model]) -> None:
        if not isinstance(node.items, list):
            must(slot.declared.name, "be a list of tasks", node, self._findings)
            return
        if issubclass(element, Task):
            slot.entries[""] = self._tasks(draft, node.items)
            return
        if element is Listener:
            slot.entries[""] = self._listeners(draft, node.items)
            return
        held: list[Node] = []
        for item in node.items:
            task = item.get("task")
            if task is None:
                missing("task", item, self._findings)
            else:
                held.append(task)
                slot.wrappers.append(made(element, item.value, item, self._findings))
        slot.entries[""] = self._tasks(draft, held)

    def _listeners(self, holder: Draft, nodes: list[Node]) -> list[Draft]:
        drafts = [
            Draft(node, node.value, Listener, holder)
            for node in nodes
            if isinstance(node.items, dict)
        ]
        if len(drafts) < len(nodes):
            must("listeners", "be a list of maps with `tasks`", holder.node, self._findings)
        self._todo.extend(drafts)
        return drafts

    def _tasks(self, holder: Draft, nodes: list[Node]) -> list[Draft]:
        drafts = []
        for node in nodes:
            if not isinstance(node.items, dict):
                self._findings.error(
                    "wrong-value", "a task must be a map with `id` and `type`", node
                )
                continue
            if kind := resolve.task_type(node.value, node, self._findings):
                drafts.append(Draft(node, node.value, kind, holder))
        self._todo.extend(drafts)
        return drafts


def _place(draft: Draft) -> tuple[int, int]:
    return draft.node.line, draft.node.column


def assembled(builder: Builder, findings: Findings) -> Flow:
    """The flow of drafts that are all made: every holder gets its tasks, the innermost first."""
    drafts = builder.drafts
    for draft in reversed([drafts[0], *builder.listeners, *drafts[1:]]):
        instance = draft.instance
        assert instance is not None
        instance.__dict__["where"] = findings.position(draft.node.first())
        for slot in draft.slots:
            instance.__dict__[slot.declared.attribute] = _held(slot)
    flow = drafts[0].instance
    assert isinstance(flow, Flow)
    return flow


def _held(slot: Slot) -> object:
    blocks = {name: tuple(one.instance for one in drafts) for name, drafts in slot.entries.items()}
    tasks = blocks.get("", ())
    origin = get_origin(slot.declared.shape)
    if origin is dict:
        return blocks
    if origin not in (tuple, list):
        return tasks[0] if tasks else slot.declared.default
    for wrapper, task in zip(slot.wrappers, tasks, strict=False):
        assert wrapper is not None
        wrapper.__dict__["task"] = task
    return tuple(slot.wrappers) or tasks
