"""The flow and those that it calls, property by property: what they ask of the world, and how
values go from one place to another.
"""

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from kestrel_cli.app.reading.loops import FLOWABLES, LOOPS, kind_of
from kestrel_cli.app.reading.reader import Reader
from kestrel_cli.app.reading.shape import Kind, Read, Shape
from kestrel_cli.app.rehearsal.asked import Asked, loop_value, variables_of
from kestrel_cli.app.rehearsal.documented import as_documented, given_by, is_old, kept_by
from kestrel_cli.app.rehearsal.given import stays_out
from kestrel_cli.diagnostic import Position
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model, is_template
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.index import walk
from kestrel_cli.model.task import Task

_BY_TYPE: Final[Mapping[str, Kind]] = {
    "INT": Kind.NUMBER,
    "FLOAT": Kind.NUMBER,
    "BOOL": Kind.BOOLEAN,
    "BOOLEAN": Kind.BOOLEAN,
    "DATETIME": Kind.MOMENT,
    "DURATION": Kind.DURATION,
    "FILE": Kind.FILE,
    "ARRAY": Kind.LIST,
    "MULTISELECT": Kind.LIST,
}
_BY_PYTHON: Final[Mapping[object, Kind]] = {
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    bool: Kind.BOOLEAN,
    Duration: Kind.DURATION,
}
# What a task reads whose type has this word in it; the first one that fits counts.
_FORMS: Final = (
    ("JsonTo", "json"),
    ("JsonReader", "json"),
    ("XmlTo", "xml"),
    ("YamlTo", "yaml"),
    ("CsvTo", "csv"),
    ("CsvReader", "csv"),
    ("IonTo", "ion"),
    ("Writer", "ion"),
    ("FilterItems", "ion"),
    ("DeduplicateItems", "ion"),
)
# Variables that are there whatever an item holds.
_CONTEXT: Final = frozenset(
    (
        "outputs",
        "inputs",
        "trigger",
        "vars",
        "envs",
        "globals",
        "namespace",
        "taskrun",
        "task",
        "flow",
        "execution",
        "parent",
        "parents",
        "item",
        "labels",
        "kestra",
    )
)
Finds = Callable[[str, str], Flow | None]
"""Another flow by namespace and id; None when there is none."""


class World:
    """What the flow and all flows that it calls ask for."""

    def __init__(self, flow: Flow, finds: Finds, compat: int = 1) -> None:
        self._finds = finds
        self._compat = compat
        self.given: dict[str, Shape] = {}
        self.flows: dict[tuple[str, str], Asked] = {}
        self.missing: dict[tuple[str, str], Shape] = {}  # outputs of flows that are not there
        self.main = self.of(flow)

    def of(self, flow: Flow) -> Asked:
        """What a flow asks, read when it is first met."""
        key = (flow.namespace, flow.id)
        known = self.flows.get(key)
        if known is None:
            known = self.flows[key] = Asked(flow)
            known.given = self.given
            _FlowReader(known, self, self._compat).read()
        return known

    def called(self, namespace: object, flow_id: object) -> Asked | None:
        """What a flow asks that is called; None when its name is an expression, or unknown."""
        if not isinstance(namespace, str) or not isinstance(flow_id, str):
            return None
        if is_template(namespace) or is_template(flow_id):
            return None
        found = self.flows.get((namespace, flow_id))
        if found is not None:
            return found
        flow = self._finds(namespace, flow_id)
        return None if flow is None else self.of(flow)

    def is_missing(self, task: Task) -> bool:
        """Whether a flow that it calls is not there."""
        namespace, flow_id = getattr(task, "namespace", ""), getattr(task, "flowId", "")
        return (namespace, flow_id) in self.missing

    def caller_of(self, key: tuple[str, str]) -> Position | None:
        """Where a flow is called from, if that is written down."""
        found = None
        for asked in self.flows.values():
            for task in asked.flow.by_id.values():
                flow_id = getattr(task, "flowId", None)
                if (getattr(task, "namespace", None), flow_id) == key:
                    return task.where
                if flow_id is not None and is_template(str(flow_id)):
                    found = found or task.where
        return found

    def lacks(self, key: tuple[str, str]) -> Shape:
        """What is read of a flow that is not there, whose name only the run knows."""
        found = self.missing[key] = Shape("outputs")
        for asked in self.flows.values():
            for task in asked.flow.by_id.values():
                names = (getattr(task, "namespace", None), getattr(task, "flowId", None))
                if task.executable and any(is_template(str(name)) for name in names):
                    found.union(asked.outputs.part(task.id).innermost().part("outputs"))
        return found


class _FlowReader:
    def __init__(self, asked: Asked, world: World, compat: int) -> None:
        self.asked = asked
        self.world = world
        self.compat = compat
        self.flow = asked.flow
        for task_id, loops in asked.around.items():
            asked.outputs.part(task_id).levels = len(loops)

    def read(self) -> None:  # noqa: C901  one line for each part of a flow
        flow = self.flow
        for one in flow.inputs:
            self._declared(one, self.asked.inputs.part(one.id), None)
        for name, value in flow.variables.items():
            shape = self._value(value, None)
            if shape is not None:
                self.asked.vars.part(name).union(shape)
        for _, task in walk(flow):
            self._task(task)
        for output in flow.outputs:
            shape = self._value(output.value, None)
            if shape is not None and (kind := _BY_TYPE.get(str(output.type))):
                shape.use(kind)
        for sla in flow.sla:
            self._value(sla.assert_, None)
        for check in flow.checks:
            self._value(check.condition, None)
            self._value(check.message, None)
        for task in flow.by_id.values():
            if kind_of(task) in LOOPS or kind_of(task) == f"{FLOWABLES}Loop":
                self._join_loop(task)
            self._documented(task)

    # -- values

    def _value(self, value: object, task: Task | None, depth: int = 0) -> Shape | None:
        """Read all texts of a value; its shape when it is one expression."""
        if isinstance(value, str):
            if not is_template(value):
                return None
            where = Read(self.flow.where.file, None if task is None else task.id, value)
            return Reader(variables_of(self.asked, task), where, self.compat).read(value)
        if depth > 50:
            return None
        for one in _below(value):
            self._value(one, task, depth + 1)
        return None

    def _declared(self, one: Input, shape: Shape, task: Task | None) -> None:
        if (kind := _BY_TYPE.get(str(one.type))) is not None:
            shape.use(kind)
        default = self._value(one.defaults, task)
        shape.union(default)
        for name in ("expression", "prefill"):
            self._value(getattr(one, name, None), task)
        if one.dependsOn is not None:
            self._value(getattr(one.dependsOn, "condition", None), task)

    def _documented(self, task: Task) -> None:
        """What is known of the outputs of a type that does not run here."""
        if not isinstance(task, UnsupportedTask):
            self._of_our_own(task)
            return
        from kestrel_cli.tasks.foreign import described

        known = described(task.type)
        if known is None:
            return
        shape = self.asked.outputs.part(task.id).innermost()
        said = known.made_by(task.extra)
        if known.way(task.extra) == "STORE":
            _as_stored(shape)
        for name, part in shape.root.parts.items():
            found = said.get(name) or known.members.get(name)
            if found is not None:
                as_documented(part, found)
            if known.members and name not in said and (known.exact or name in known.members):
                self.asked.no_such_output(task, name, part, sorted(said))

    def _of_our_own(self, task: Task) -> None:
        """Files, and maps of files, of types that run here and stay out of a rehearsal."""
        shape = self.asked.outputs.part(task.id).innermost()
        files = shape.root.parts.get("outputFiles")
        for part in () if files is None else files.root.parts.values():
            part.use(Kind.FILE)
        if not stays_out(task):
            return
        if str(getattr(task, "fetchType", "")).upper() == "STORE":
            _as_stored(shape)
        known = given_by(task)
        for name, part in shape.root.parts.items() if known else ():
            if name not in known and not is_old(name):
                self.asked.no_such_output(task, name, part, sorted(known))
        kept = kept_by(task)
        for name, part in files.root.parts.items() if kept and files is not None else ():
            if not any(fnmatchcase(name, pattern) for pattern in kept):
                self.asked.no_such_output(task, f"outputFiles['{name}']", part, kept)

    # -- tasks

    def _task(self, task: Task) -> None:
        for declared in task.properties.values():
            if declared.holds_tasks or declared.choice is not None:
                continue
            if declared.name == "outputs" and task.executable:
                continue  # rendered in the flow that it calls
            value = getattr(task, declared.attribute)
            shape = self._value(value, task)
            if shape is not None and (kind := _kind_of(declared.shape)) is not None:
                shape.use(kind)
            if shape is not None and declared.name == "from":
                shape.use(Kind.FILE)
                shape.root.form = _form_of(kind_of(task)) or shape.root.form
        if isinstance(task, UnsupportedTask):
            self._value(task.extra, task)
        special = _SPECIAL.get(kind_of(task).removeprefix("io.kestra.plugin.core."))
        if special is not None:
            special(self, task)

    def _pure(self, value: object, task: Task) -> Shape | None:
        return self._value(value, task) if isinstance(value, str) else None

    def _passes(self, task: Task, value: object, *names: str) -> None:
        """What an output is: the same as an expression."""
        shape = self._pure(value, task)
        if shape is not None:
            found = self.asked.outputs.part(task.id).innermost()
            for name in names:
                found = found.part(name)
            found.union(shape)

    def _return(self, task: Any) -> None:
        self._passes(task, task.format, "value")

    def _values(self, task: Any) -> None:
        for name, value in (task.values or {}).items():
            self._passes(task, value, "values", name)

    def _set(self, task: Any) -> None:
        if isinstance(task.variables, dict):
            for name, value in task.variables.items():
                if (shape := self._pure(value, task)) is not None:
                    self.asked.vars.part(name).union(shape)

    def _if(self, task: Any) -> None:
        if (shape := self._pure(task.condition, task)) is not None:
            shape.use(Kind.BOOLEAN)

    def _switch(self, task: Any) -> None:
        if (shape := self._pure(task.value, task)) is not None:
            for case in task.cases or ():
                shape.compared(case)

    def _loop(self, task: Any) -> None:
        values = getattr(task, "values", None) or getattr(task, "value", None)
        shape = self._pure(values, task)
        if shape is not None:
            shape.use(Kind.LIST)
            shape.element()

    def _join_loop(self, task: Any) -> None:
        """A loop's value is the text of an element of its list: JSON, when that is no text."""
        values = getattr(task, "values", None) or getattr(task, "value", None)
        shape = self._pure(values, task)
        if shape is None:
            return
        element, value = shape.element(), loop_value(self.asked, task)
        if value.root.parsed is not None:
            element.union(value.root.parsed)
        else:
            element.union(value)

    def _filters(self, task: Any) -> None:
        """The condition sees the members of an item as variables."""
        shape = self._pure(getattr(task, "from_", None) or getattr(task, "from", None), task)
        condition = task.filterCondition
        if shape is None or not isinstance(condition, str):
            return
        item, where = shape.in_file().element(), Read(self.flow.where.file, task.id, condition)
        known = variables_of(self.asked, task)

        def variable(name: str) -> Shape | None:
            if ":" in name or name in _CONTEXT:
                return known(name)
            return item.part(name)

        shape.root.form = "ion"
        Reader(variable, where, self.compat).read(condition)

    def _pause(self, task: Any) -> None:
        for one in task.onResume or ():
            answer = self.asked.answers.setdefault(task.id, Shape(task.id)).part(one.id)
            self._declared(one, answer, task)
            self.asked.outputs.part(task.id).innermost().part("onResume").part(one.id).union(answer)

    def _call(self, task: Any) -> None:
        other = self.world.called(task.namespace, task.flowId)
        outputs = self.asked.outputs.part(task.id).innermost()
        if other is None:
            key = (str(task.namespace), str(task.flowId))
            if not is_template(key[0]) and not is_template(key[1]):
                lacking = self.world.missing.setdefault(key, Shape("outputs"))
                lacking.union(outputs.part("outputs"))
                if kind_of(task) == f"{FLOWABLES}ForEachItem":
                    lacking.part("result")  # what it has no outputs of is not merged
            return
        self.asked.calls[task.id] = other
        for name, value in (getattr(task, "outputs", None) or {}).items():
            where = Read(self.flow.where.file, task.id, str(value))
            if isinstance(value, str):
                found = Reader(variables_of(other, None), where, self.compat).read(value)
                outputs.part("outputs").part(name).union(found)
        for name, value in (task.inputs or {}).items():
            if (shape := self._pure(value, task)) is not None:
                shape.union(other.inputs.part(name))

    def _batches(self, task: Any) -> None:
        if (shape := self._pure(task.items, task)) is not None:
            shape.in_file()
        self._call(task)
        items = self.asked.loops.get(f"{task.id}/items")
        if shape is not None and items is not None:
            shape.union(items)  # a batch is written as the whole is


def _as_stored(outputs: Shape) -> None:
    """Rows that a query stores are Ion."""
    if (uri := outputs.root.parts.get("uri")) is not None:
        uri.root.form = uri.root.form or "ion"


def _below(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, Model) and not isinstance(value, Task):
        for declared in value.properties.values():
            yield getattr(value, declared.attribute)


def _form_of(task_type: str) -> str | None:
    name = task_type.rpartition(".")[2]
    return next((form for word, form in _FORMS if word in name), None)


def _kind_of(shape: object) -> Kind | None:
    parts = getattr(shape, "__args__", (shape,))
    return next(
        (kind for part in parts for type_, kind in _BY_PYTHON.items() if part is type_), None
    )


_SPECIAL: Final[Mapping[str, Callable[[_FlowReader, Any], None]]] = {
    "debug.Return": _FlowReader._return,
    "output.OutputValues": _FlowReader._values,
    "execution.SetVariables": _FlowReader._set,
    "flow.If": _FlowReader._if,
    "flow.Switch": _FlowReader._switch,
    "flow.ForEach": _FlowReader._loop,
    "flow.Loop": _FlowReader._loop,
    "flow.EachSequential": _FlowReader._loop,
    "flow.EachParallel": _FlowReader._loop,
    "flow.Pause": _FlowReader._pause,
    "storage.FilterItems": _FlowReader._filters,
    "flow.Subflow": _FlowReader._call,
    "flow.ForEachItem": _FlowReader._batches,
}
