"""What a flow of the corpus is given in place of the world: inputs, outputs of mocked tasks, files.

Everything is made up from the flow's own text, the same each time.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from kestrel_cli.flowfile import load_bytes
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.index import walk
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.task import RunnableTask, Task
from kestrel_cli.model.typed import choices
from kestrel_cli.tasks import registry
from kestrel_cli.tasks.flow.switch import Switch
from kestrel_cli.worker.services import Given
from tests.conformance.reads import (
    A_FILE,
    MADE_UP,
    MOMENT,
    Read,
    asked_for,
    grown,
    namespace_files,
)

_BY_TYPE: Final[Mapping[str, object]] = {
    "STRING": MADE_UP,
    "INT": 1,
    "FLOAT": 1.5,
    "BOOL": True,
    "BOOLEAN": True,
    "DATE": "2024-01-01",
    "DATETIME": MOMENT,
    "TIME": "10:00",
    "DURATION": "PT1M",
    "JSON": {"name": MADE_UP},
    "YAML": {"name": MADE_UP},
    "URI": "https://example.com/made-up",
    "EMAIL": "someone@example.com",
    "SECRET": "a-made-up-secret",
}
_TEXTS: Final = (MADE_UP, "1", "a", "A1", "Made-up-1", "2024-01-01", "someone@example.com")
_ROWS: Final = b"id,name\n1,Ada\n"
_ION: Final = b'{id:1,name:"Ada"}\n'
_INPUT: Final = re.compile(r"\s*\{\{\s*inputs\.(\w+)\s*\}\}\s*")
# What a task reads whose type has this word in it; the first one that fits counts.
_FORMS: Final = {
    "JsonTo": b'{"id": 1, "name": "Ada"}\n',
    "JsonReader": b'{"id": 1, "name": "Ada"}\n',
    "XmlTo": b"<rows><row><id>1</id></row></rows>",
    "YamlTo": b"id: 1\n",
    "IonTo": _ION,
    "Writer": _ION,
    "FilterItems": _ION,
    "DeduplicateItems": _ION,
}


# -- inputs


def inputs(
    declared: Iterable[Input], folder: Path, wanted: Mapping[str, str] | None = None
) -> dict[str, object]:
    """A value of its type for every required input that has none; the one that is `wanted` where
    any text will do.
    """
    found: dict[str, object] = {}
    for one in declared:
        if one.required and one.defaults is None:
            text = (wanted or {}).get(one.id)
            is_free = one.type == "STRING" and one.validator is None
            found[one.id] = text if is_free and text else _value(one, folder)
    return found


def wanted_inputs(flow: Flow, said: list[Read]) -> dict[str, str]:
    """Inputs that have to be the name of a file, or a case of a Switch."""
    found = {
        read.path[0]: A_FILE
        for read in said
        if read.root == "inputs" and read.value == A_FILE and read.path[0]
    }
    for task in flow.by_id.values():
        if isinstance(task, Switch) and task.cases and (name := _INPUT.fullmatch(str(task.value))):
            found.setdefault(name[1], next(iter(task.cases)))
    return found


def _value(one: Input, folder: Path) -> object:
    allowed = choices(one.values if one.values is not None else one.options)
    if allowed:
        return allowed[:1] if one.type == "MULTISELECT" else allowed[0]
    if one.type in ("ARRAY", "MULTISELECT"):
        return [_BY_TYPE.get(one.itemType or "STRING", MADE_UP)] if one.type == "ARRAY" else []
    if one.type == "FILE":
        extension = next(iter(one.allowedFileExtensions or ()), one.extension or ".csv")
        path = folder / f"made-up{extension}"
        path.write_bytes(_ROWS)
        return str(path)
    for name in ("min", "after", "max", "before"):
        if (limit := getattr(one, name)) is not None:
            return limit
    return _BY_TYPE.get(one.type) if one.validator is None else _matching(one.validator)


def _matching(validator: str) -> str:
    from kestrel_cli.expressions.java_regex import compiled

    pattern = compiled(validator)
    return next((text for text in _TEXTS if pattern.fullmatch(text)), MADE_UP)


# -- tasks


def is_outside(task: Task) -> bool:
    """Whether the task is mocked: it does not run here, or it waits for something outside."""
    return isinstance(task, UnsupportedTask) or (isinstance(task, RunnableTask) and task.blocking)


def mocks(flow: Flow, said: list[Read]) -> Iterator[Mock]:
    """One for each task that is mocked, with outputs that have what the flow reads of them."""
    loops = _loops(flow)
    for task in flow.by_id.values():
        if is_outside(task):
            yield _mock(task.id, _of_task(task.id, said, loops[task.id]), _form(flow, task))


def types_outside() -> Iterator[Mock]:
    """One for every type that runs here and is mocked all the same."""
    for name in registry.names():
        found = registry.find(name)
        if found is not None and issubclass(found, RunnableTask) and found.blocking:
            yield Mock(prefix=name)


def _loops(flow: Flow) -> dict[str, int]:
    """For each task how many loops are around it."""
    found: dict[str, int] = {}
    for holder, task in walk(flow):
        around = found[holder.id] if isinstance(holder, Task) else 0
        inside = isinstance(holder, Task) and type(holder).__name__.startswith(("ForEach", "Each"))
        found.setdefault(task.id, around + inside)
    return found


def _of_task(name: str, said: list[Read], loops: int) -> dict[str, Any]:
    """The outputs that a flow reads of a task, whatever the loop value."""
    found = []
    for read in said:
        if read.root == "outputs" and read.path[0] == name:
            path = read.path[1:]
            for _ in range(loops):
                path = path[1:] if len(path) > 1 and path[0] is None else path
            if path and path[0] is not None:
                found.append((path, read.value))
    outputs = grown(found) if found else {}
    return outputs if isinstance(outputs, dict) else {}


def _form(flow: Flow, task: Task) -> bytes:
    """The content of a file that a task makes, as the one needs it that reads it."""
    for other in flow.by_id.values():
        source = getattr(other, "from_", None)
        if isinstance(source, str) and task.id in source:
            for word, form in _FORMS.items():
                if word in other.type:
                    return form
    return _ROWS


def _mock(name: str, outputs: dict[str, Any], form: bytes) -> Mock:
    files = {}
    if outputs.pop("uri", None) is not None:
        files["uri"] = form
    if isinstance(named := outputs.get("outputFiles"), dict):
        files |= dict.fromkeys((one for one in named if one), form)
        del outputs["outputFiles"]
    return Mock(name, outputs=outputs, files=files)


# -- the rest of the world


def called_flow(namespace: str, flow_id: str, task: str | None, said: list[Read]) -> Loaded:
    """A flow that stands in for one that is not there, with the outputs that are read of it."""
    read = _of_task(task, said, 1).get("outputs") if task else None
    outputs = read if isinstance(read, dict) else {"result": MADE_UP}
    text = {
        "id": flow_id,
        "namespace": namespace,
        "tasks": [{"id": "nothing", "type": "io.kestra.plugin.core.debug.Return"}],
        "outputs": [
            {"id": name, "type": "STRING", "value": str(value)} for name, value in outputs.items()
        ],
    }
    return load_bytes(json.dumps(text).encode(), "made-up.yaml")


def below(said: Iterable[Read]) -> dict[str, Any]:
    """What a flow reads below a variable."""
    found = [(read.path, read.value) for read in said]
    grows = grown(found) if found else {}
    return grows if isinstance(grows, dict) else {}


def given(flow: Flow, text: str, folder: Path) -> Given:
    """Secrets, key-values that the flow does not set itself, and namespace files; no network."""
    place = folder / "namespace-files"
    for name in (A_FILE.removeprefix("nsfile:///"), *namespace_files(text)):
        path = place / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}" if path.suffix == ".json" else _ROWS)
    own = {str(getattr(task, "key", "")) for task in flow.by_id.values()}
    return Given(
        secrets={name: f"a-made-up-{name}" for name in asked_for("secret", text)},
        kv={name: MADE_UP for name in asked_for("kv", text) if name not in own},
        namespace_files=str(place),
        offline=True,
    )
