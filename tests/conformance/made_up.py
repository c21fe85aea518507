"""What a flow of the corpus is given in place of the world: inputs, outputs of mocked tasks, files.

Everything is made up from the flow's own text, the same each time.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.index import walk
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.task import RunnableTask, Task
from kestrel_cli.model.typed import choices
from kestrel_cli.tasks import registry
from tests.conformance.reads import MOMENT, Read, grown

_BY_TYPE: Final[Mapping[str, object]] = {
    "INT": 1,
    "FLOAT": 1.5,
    "BOOL": True,
    "BOOLEAN": True,
    "DATE": "2024-01-01",
    "DATETIME": MOMENT,
    "TIME": "10:00",
    "DURATION": "PT1M",
    "JSON": {"name": "made up"},
    "YAML": {"name": "made up"},
    "ARRAY": [],
    "URI": "https://example.com/made-up",
    "EMAIL": "someone@example.com",
    "SECRET": "a-made-up-secret",
}
_TEXTS: Final = ("made up", "1", "a", "someone@example.com", "2024-01-01", "made-up", "A1")
ROWS: Final = b"id,name\n1,Ada\n"
# What a task reads whose type has this word in it; the first one that fits counts.
_FORMS: Final = {
    "JsonTo": b'{"id": 1, "name": "Ada"}\n',
    "JsonReader": b'{"id": 1, "name": "Ada"}\n',
    "XmlTo": b"<rows><row><id>1</id></row></rows>",
    "YamlTo": b"id: 1\n",
    "IonTo": b'{id:1,name:"Ada"}\n',
    "Writer": b'{id:1,name:"Ada"}\n',
}


def inputs(declared: Iterable[Input], folder: Path) -> dict[str, object]:
    """A value of its type for every required input that has none."""
    found: dict[str, object] = {}
    for one in declared:
        if one.type == "FORM":
            found |= {f"{one.id}.{name}": value for name, value in _children(one, folder)}
        elif one.required and one.defaults is None:
            found[one.id] = _value(one, folder)
    return found


def _children(form: Input, folder: Path) -> Iterator[tuple[str, object]]:
    from kestrel_cli.worker.input_names import _as_input

    made = [_as_input(form.id, child) for child in form.inputs or ()]
    yield from inputs(made, folder).items()


def _value(one: Input, folder: Path) -> object:
    allowed = choices(one.values if one.values is not None else one.options)
    if allowed:
        return allowed[:1] if one.type == "MULTISELECT" else allowed[0]
    if one.type == "MULTISELECT":
        return []
    if one.type == "FILE":
        extension = next(iter(one.allowedFileExtensions or ()), one.extension or ".csv")
        path = folder / f"made-up{extension}"
        path.write_bytes(ROWS)
        return str(path)
    for name in ("min", "after", "max", "before"):
        if (limit := getattr(one, name)) is not None:
            return limit
    return _BY_TYPE.get(one.type) or _text(one)


def _text(one: Input) -> str:
    if one.validator is None:
        return _TEXTS[0]
    from kestrel_cli.expressions.java_regex import compiled

    pattern = compiled(one.validator)
    return next((text for text in _TEXTS if pattern.fullmatch(text)), _TEXTS[0])


def mocks(flow: Flow, said: list[Read]) -> Iterator[Mock]:
    """One for each task that does not run, with outputs that have what the flow reads of them."""
    loops = _loops(flow)
    for task in flow.by_id.values():
        if is_outside(task):
            below = _of_task(task.id, said, loops.get(task.id, 0))
            yield _mock(task.id, grown(below) if below else {}, _form(flow, task))


def types_outside() -> Iterator[str]:
    """Every type that runs here and is mocked all the same."""
    for name in registry.names():
        found = registry.find(name)
        if found is not None and issubclass(found, RunnableTask) and found.blocking:
            yield name


def is_outside(task: Task) -> bool:
    """Whether the task is mocked: it does not run here, or it waits for something outside."""
    from kestrel_cli.tasks.unsupported import UnsupportedTask

    return isinstance(task, UnsupportedTask) or (isinstance(task, RunnableTask) and task.blocking)


def _loops(flow: Flow) -> dict[str, int]:
    """For each task how many loops are around it."""
    found: dict[str, int] = {}
    for holder, task in walk(flow):
        around = found.get(holder.id, 0) if isinstance(holder, Task) else 0
        inside = isinstance(holder, Task) and type(holder).__name__.startswith(("ForEach", "Each"))
        found.setdefault(task.id, around + inside)
    return found


def _of_task(name: str, said: list[Read], loops: int) -> list[tuple[tuple[str | None, ...], Any]]:
    found = []
    for read in said:
        if read.root == "outputs" and read.path[0] == name and len(read.path) > 1:
            path = read.path[1:]
            for _ in range(loops):
                if len(path) > 1 and path[0] is None:
                    path = path[1:]
            if path[0] is not None:
                found.append((path, read.value))
    return found


def _form(flow: Flow, task: Task) -> bytes:
    """The content of a file that a task makes, as the one needs it that reads it."""
    for other in flow.by_id.values():
        source = getattr(other, "from_", None)
        if isinstance(source, str) and task.id in source:
            for word, form in _FORMS.items():
                if word in other.type:
                    return form
    return ROWS


def _mock(name: str, outputs: Any, form: bytes) -> Mock:
    if not isinstance(outputs, dict):
        return Mock(name)
    files = {}
    if "uri" in outputs:
        files["uri"] = form
        del outputs["uri"]
    named = outputs.get("outputFiles")
    if isinstance(named, dict):
        files |= dict.fromkeys((one for one in named if one), form)
        del outputs["outputFiles"]
    return Mock(name, outputs=outputs, files=files)


def subflow(task: Task, said: list[Read]) -> Mock:
    """What stands in for a call of a flow that is not there."""
    below = _of_task(task.id, said, 1)
    outputs = grown(below) if below else {}
    return Mock(task.id, outputs={"executionId": "made-up", "state": "SUCCESS", **outputs})
