"""Script tasks made in Python, for tests that need no file."""

from typing import Any

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.tasks.registry import find
from tests.support.reach import ReachingContext

SCRIPTS = "io.kestra.plugin.scripts."
PROCESS = {"type": "io.kestra.plugin.core.runner.Process"}
DOCKER = {"type": "io.kestra.plugin.scripts.runner.docker.Docker"}


def script(type_name: str, **properties: Any) -> RunnableTask:
    """A task by the last parts of its name (`shell.Commands`) or by all of it, run as a process
    unless the properties say otherwise.
    """
    full = type_name if type_name.startswith("io.") else SCRIPTS + type_name
    cls = find(full)
    assert cls is not None, full
    if "taskRunner" in cls.properties and "runner" not in properties:
        properties.setdefault("taskRunner", PROCESS)
    made = made_of(cls, {"id": "script", "type": full, **properties})
    made.__dict__["where"] = Position("test.yaml", 1, 1)
    assert isinstance(made, RunnableTask)
    return made


def said(ctx: ReachingContext, *levels: str) -> list[str]:
    """What the log holds of some levels: those that a user sees."""
    return [text for level, text in ctx.logs if level in (levels or ("INFO", "ERROR", "WARN"))]


def content(ctx: ReachingContext, uri: str) -> str:
    """The text of a stored file."""
    with ctx.files.open(uri) as file:
        return file.read().decode()
