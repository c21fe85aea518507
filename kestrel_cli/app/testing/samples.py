"""Fixtures to copy: what a suite says in place of a task, with the outputs that the flow reads."""

from typing import Any

from kestrel_cli.app.reading.outputs import outputs_read
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import Task
from kestrel_cli.reporters.yaml_document import yaml_text
from kestrel_cli.tasks.foreign import described
from kestrel_cli.tasks.foreign.samples import sample_outputs


def fixture_of(flow: Flow, task: Task, value: str | None = None) -> dict[str, Any]:
    """A fixture of a task run; its outputs are those that expressions of the flow read, with values
    of their kinds where these are known.
    """
    read = outputs_read(flow).get(task.id, {})
    found: dict[str, Any] = {"id": task.id}
    if value is not None:
        found["value"] = value
    if read:
        samples = sample_outputs(described(task.type), read)
        nested = {name: value for name, value in read.items() if isinstance(value, (dict, list))}
        found["outputs"] = {**samples, **nested}
    return found


def fixture_text(flow: Flow, task: Task, value: str | None = None) -> str:
    """The same as YAML, as it stands below a case."""
    listed = yaml_text([fixture_of(flow, task, value)])
    return "fixtures:\n  tasks:\n" + "\n".join(f"    {line}" for line in listed.splitlines())
