"""Kestrel runs Kestra flows in this process: no server, no JVM, no Docker.

    import kestrel_cli

    flow = kestrel_cli.load("flow.yaml")
    execution = kestrel_cli.run(flow, inputs={"name": "Ada"})
    assert execution.state == kestrel_cli.State.SUCCESS

These names are the public ones; they are imported when they are first used.
"""

from __future__ import annotations

# Nothing is imported here, `typing` neither: until `__main__` has begun, Ctrl-C is a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from kestrel_cli.app.api import load, run
    from kestrel_cli.errors import KestrelError
    from kestrel_cli.model.execution import Execution, TaskRun
    from kestrel_cli.model.state import State
    from kestrel_cli.version import __version__

_PLACES: Final = {
    "Execution": "model.execution",
    "KestrelError": "errors",
    "State": "model.state",
    "TaskRun": "model.execution",
    "__version__": "version",
    "load": "app.api",
    "run": "app.api",
}

__all__ = ["Execution", "KestrelError", "State", "TaskRun", "__version__", "load", "run"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
