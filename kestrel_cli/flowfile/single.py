"""One runnable task from a text of its own."""

from typing import Any, Final

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError, TaskFailed
from kestrel_cli.flowfile import reader, resolve
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.flaws import made
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.task import RunnableTask, Task
from kestrel_cli.tasks import registry

_SHOWN: Final = 3  # flaws
_TEMPLATED: Final = "io.kestra.plugin.core.templating.TemplatedTask"


def runnable_task(text: str, owner: Task) -> RunnableTask:
    """The task that a YAML text describes; it stands where `owner` does and, unless it says so, has
    its id. Raises TaskFailed for what is no valid runnable task.
    """
    try:
        return _task(text, owner)
    except FlowFileError as error:
        found = [one for one in error.diagnostics if one.severity == "error"]
        said = "\n".join(_worded(one) for one in found[:_SHOWN])
        raise TaskFailed(f"the text is no valid task:\n{said}") from None


def _task(text: str, owner: Task) -> RunnableTask:
    root, findings = reader.read(text.encode("utf-8", "replace"), "spec")
    if not isinstance(root.items, dict):
        raise TaskFailed(f"a task must be a map with `type`, got: {text[:200]}")
    try:
        kind = resolve.task_type(root.value, root, findings)
        values = {"id": owner.id, **root.value}
        task = None if kind is None else _made(kind, values, root, findings)
    except StopReading:
        task = None
    if task is None or findings.failed:
        raise FlowFileError(findings.all())
    task.__dict__["where"] = owner.where
    return task


def _made(
    kind: type[Task], values: dict[str, Any], root: Node, findings: Findings
) -> RunnableTask | None:
    name = values["type"]
    if registry.canonical(name) == _TEMPLATED:
        raise TaskFailed(f"The templated task cannot be of type '{name}'")
    if issubclass(kind, UnsupportedTask):
        raise TaskFailed(resolve.reason(name))
    if not issubclass(kind, RunnableTask):
        raise TaskFailed(f"The templated task must be a runnable task, `{name}` is none")
    task = made(kind, values, root, findings)
    assert task is None or isinstance(task, RunnableTask)
    return task


def _worded(found: Diagnostic) -> str:
    hint = f" ({found.hint})" if found.hint else ""
    line = f"line {found.where.line}: " if found.where.line else ""
    return f"  {line}{found.message}{hint}"
