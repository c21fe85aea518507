"""Points at mistakes of templates in the text of a flow file."""

from kestrel_cli.errors import RenderError
from kestrel_cli.model.task import Task
from kestrel_cli.worker.failures import Point


def pointer(text: str) -> Point:
    """For one flow file; without its text there is nothing to point at."""
    if not text:
        return lambda _, __: ""

    def point(task: Task, error: RenderError) -> str:
        from kestrel_cli.flowfile.pointing import name_length, pointed

        template = error.template or ""
        length = name_length(template, error.at)
        return pointed(text.splitlines(), task.where, template, error.at, length)

    return point
