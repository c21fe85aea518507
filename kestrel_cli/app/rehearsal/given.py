"""What a run of the rehearsal is given: inputs, trigger, mocks and all that nobody gave."""

from collections.abc import Mapping
from typing import Any, Final

from kestrel_cli.app.reading.loops import kind_of
from kestrel_cli.app.reading.shape import Kind, Shape
from kestrel_cli.app.rehearsal.asked import Asked
from kestrel_cli.app.rehearsal.texts import text_for
from kestrel_cli.app.rehearsal.values import MOMENT, TEXT, Maker
from kestrel_cli.flowfile.unsupported import UnsupportedTask, lacks_of
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.task import RunnableTask, Task
from kestrel_cli.model.typed import choices

_CORE: Final = "io.kestra.plugin.core."
# Core types that reach out; the others work inside of the state directory of the rehearsal.
_OUTWARD: Final = tuple(f"{_CORE}{one}" for one in ("http.", "templating.", "execution.Resume"))
# Other types that only make one file of the run's storage of another.
_PURE: Final = tuple(f"io.kestra.plugin.{one}." for one in ("compress", "serdes", "transform"))
_BY_TYPE: Final[Mapping[str, Any]] = {
    "STRING": TEXT,
    "INT": 1,
    "FLOAT": 1.5,
    "BOOL": True,
    "BOOLEAN": True,
    "DATE": "2024-01-01",
    "DATETIME": MOMENT,
    "TIME": "10:00:00",
    "DURATION": "PT1M",
    "URI": "https://example.com/made-up",
    "EMAIL": "someone@example.com",
    "SECRET": "a-made-up-secret",
}
_MAPS: Final = frozenset(("JSON", "YAML"))
_SCHEDULED: Final = {
    "date": MOMENT,
    "next": "2024-01-02T10:00:00Z",
    "previous": "2023-12-31T10:00:00Z",
}


def stays_out(task: Task) -> bool:
    """Whether a task is not run in a rehearsal: it does not run here at all, it reaches out of the
    state directory, runs a program, or only waits.
    """
    if "$ForEachItem" in task.type:  # a hidden part of one
        return False
    if isinstance(task, UnsupportedTask) or lacks_of(task):
        return True
    if not isinstance(task, RunnableTask):
        return False
    kind = kind_of(task)
    if kind.startswith(_CORE):
        if kind.startswith(f"{_CORE}namespace."):
            return task.outward  # namespace files lie beside the flow
        return kind.startswith(_OUTWARD) or (task.blocking and not task.outward)
    return not kind.startswith(_PURE) or task.blocking or task.outward


class Givens:
    """Makes what is given, of shapes."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self.made: dict[str, tuple[Shape, Any]] = {}  # by how it is written: what was made up

    def _make(self, name: str, shape: Shape, value: Any) -> Any:
        self.made[name] = (shape, value)
        return value

    def value(self, name: str, shape: Shape) -> Any:
        """A value that is given under this name."""
        return self._make(name, shape, self._maker.value(shape))

    # -- inputs

    def inputs(
        self, declared: list[Input], shapes: Shape, given: Mapping[str, Any], where: str
    ) -> dict[str, Any]:
        """A value for every required input that has none and was not given."""
        found: dict[str, Any] = {}
        for one in declared:
            if one.id in given or not one.required or one.defaults is not None:
                continue
            if getattr(one, "prefill", None) is not None:
                continue
            shape = shapes.part(one.id)
            value = self._input(one, shape)
            if value is not None:
                found[one.id] = self._make(f"{where}.{one.id}", shape, value)
        return found

    def _input(self, one: Input, shape: Shape) -> Any:  # noqa: C901, PLR0911  a case for each type
        kind = str(one.type)
        allowed = choices(getattr(one, "values", None) or getattr(one, "options", None))
        if allowed:
            fits = [each for each in shape.root.examples if each in allowed]
            first = (fits or allowed)[0]
            return [first] if kind == "MULTISELECT" else first
        if kind == "MULTISELECT":
            return []
        if kind == "ARRAY":
            item = str(getattr(one, "itemType", None) or "STRING")
            plain = item in _BY_TYPE and item != "STRING"
            known = shape.root.item is not None and not plain
            return self._maker.value(shape) if known else [_BY_TYPE.get(item, TEXT)] * 2
        if kind == "FILE":
            return self._local_file(one, shape)
        if kind in _MAPS:
            return self._json(shape)
        for name in ("min", "after", "max", "before"):
            if (limit := getattr(one, name, None)) is not None:
                return str(limit) if not isinstance(limit, (int, float)) else limit
        validator = getattr(one, "validator", None)
        if validator is not None:
            return text_for(validator, shape.root.examples)
        if kind in ("STRING", "SECRET") and (shape.root.parsed or shape.root.examples):
            return str(self._maker.value(shape))
        if kind == "STRING" and Kind.FILE in shape.root.kinds:
            return self._maker.file(shape)
        if kind in ("STRING", "SECRET") and shape.root.kinds & {Kind.NUMBER, Kind.MOMENT}:
            return str(self._maker.value(shape))
        examples = shape.root.examples
        if examples and kind in ("INT", "FLOAT") and isinstance(examples[0], (int, float)):
            return examples[0]
        return _BY_TYPE.get(kind, TEXT)

    def _json(self, shape: Shape) -> Any:
        root = shape.root
        known = root.parts or root.item is not None
        return self._maker.value(root) if known else {"id": 1, "name": "Ada"}

    def _local_file(self, one: Input, shape: Shape) -> str:
        allowed = getattr(one, "allowedFileExtensions", None) or ()
        extension = next(iter(allowed), getattr(one, "extension", None) or ".csv")
        return self._maker.local(shape, f"{one.id}{extension}")

    # -- the rest

    def trigger(self, asked: Asked) -> dict[str, Any] | None:
        """What the first trigger of the flow would tell, and all that is read of `trigger`."""
        triggers = [one for one in asked.flow.triggers if not getattr(one, "disabled", False)]
        read = asked.trigger.root.parts
        if not triggers and not read:
            return None
        kind = str(getattr(triggers[0], "type", "")) if triggers else ""
        known = {part: self._maker.value(shape) for part, shape in read.items()}
        if "Schedule" in kind:
            known = {**_SCHEDULED, **known}
        if kind.endswith("trigger.Flow"):
            known = {"executionId": TEXT, "namespace": TEXT, "flowId": TEXT, **known}
        if triggers:
            known = {"id": getattr(triggers[0], "id", TEXT), "type": kind, **known}
        for name, shape in read.items():
            self._make(f"trigger.{name}", shape, known[name])
        return known

    def below(self, shape: Shape, given: Mapping[str, Any], where: str) -> dict[str, Any]:
        """What is read below a variable, and nobody gave."""
        found = dict(given)
        for name, part in shape.root.parts.items():
            if name not in found:
                found[name] = self._make(f"{where}.{name}", part, self._maker.value(part))
        return found

    def outputs(self, asked: Asked, task: Task) -> dict[str, Any]:
        """The outputs of a task, as they are read."""
        shape = asked.outputs.part(task.id).innermost()
        if not (shape.parts or shape.item):
            return {}
        found = self._maker.value(shape)
        outputs = found if isinstance(found, dict) else {}
        if outputs:
            self._make(f"outputs.{task.id}", shape, outputs)
        return outputs


def flow_standing_in(
    namespace: str, flow_id: str, outputs: Shape, maker: Maker
) -> tuple[str, Flow]:
    """A flow in place of one that is not there, with the outputs that are read of it."""
    import json

    from kestrel_cli.flowfile import load_bytes

    values = maker.value(outputs) if outputs.root.parts else {}
    text = json.dumps(
        {
            "id": flow_id,
            "namespace": namespace,
            "tasks": [{"id": "nothing", "type": f"{_CORE}debug.Return"}],
            "outputs": [
                {
                    "id": name,
                    "type": "JSON" if isinstance(value, (dict, list)) else "STRING",
                    "value": value if isinstance(value, str) else json.dumps(value),
                }
                for name, value in values.items()
            ]
            if isinstance(values, dict)
            else [],
        }
    )
    return text, load_bytes(text.encode(), "made-up.yaml").flow
