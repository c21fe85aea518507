"""Python packages that come with extras of Kestrel, and are not installed."""

from collections.abc import Callable

from kestrel_cli.model.task import Task


def missing_extras(task: Task) -> list[str]:
    """What `libraries` of a task names, by module and extra, and Python does not find."""
    libraries: Callable[[], list[tuple[str, str]]] | None = getattr(task, "libraries", None)
    if libraries is None:
        return []
    from kestrel_cli.extras import how_to_install, is_there

    return [
        f"task `{task.id}` needs the Python package `{module}`, which is not installed: "
        f"{how_to_install(extra)}"
        for module, extra in libraries()
        if not is_there(module)
    ]
