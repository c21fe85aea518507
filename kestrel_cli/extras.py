"""Libraries that only some task types need; the user installs them as an extra of Kestrel."""

from importlib import import_module
from typing import Any

from kestrel_cli.errors import TaskFailed


def library(module: str, extra: str) -> Any:
    """The module. Raises TaskFailed, with the command that installs it, when it is not there."""
    try:
        return import_module(module)
    except ImportError as error:
        missing = (error.name or module).partition(".")[0]
        raise TaskFailed(
            f"this task needs the Python package `{missing}`, which is not installed: "
            f"{how_to_install(extra)}"
        ) from None


def how_to_install(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'kestrel-flow[{extra}]'"


def is_there(module: str) -> bool:
    """Whether a package is installed; it is not imported."""
    from importlib.util import find_spec

    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
