"""Kestrel runs Kestra flows in this process: no server, no JVM, no Docker.

    import kestrel_cli

    flow = kestrel_cli.load("flow.yaml")
    execution = kestrel_cli.run(flow, inputs={"name": "Ada"}, mocks={"extract": {"rows": []}})
    assert execution.state == "SUCCESS"
    assert execution.task("load").outputs == {"count": 0}

These names are the public ones; they are imported when they are first used.
"""

from __future__ import annotations

# Nothing is imported here, `typing` neither: until `__main__` has begun, Ctrl-C is a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from kestrel_cli.app.api import Mock, load, run
    from kestrel_cli.app.execution import Execution, TaskRun
    from kestrel_cli.app.heard import Log
    from kestrel_cli.app.kestrel import Kestrel
    from kestrel_cli.app.testing.from_python import test
    from kestrel_cli.errors import FlowFileError, KestrelError, NothingMatched
    from kestrel_cli.model.state import State
    from kestrel_cli.model.test_results import CaseResult, SuiteResult, TestState
    from kestrel_cli.version import __version__

_PLACES: Final = {
    "CaseResult": "model.test_results",
    "Execution": "app.execution",
    "FlowFileError": "errors",
    "Kestrel": "app.kestrel",
    "KestrelError": "errors",
    "Log": "app.heard",
    "Mock": "app.api",
    "NothingMatched": "errors",
    "State": "model.state",
    "SuiteResult": "model.test_results",
    "TaskRun": "app.execution",
    "TestState": "model.test_results",
    "__version__": "version",
    "load": "app.api",
    "run": "app.api",
    "test": "app.testing.from_python",
}

__all__ = [
    "CaseResult",
    "Execution",
    "FlowFileError",
    "Kestrel",
    "KestrelError",
    "Log",
    "Mock",
    "NothingMatched",
    "State",
    "SuiteResult",
    "TaskRun",
    "TestState",
    "__version__",
    "load",
    "run",
    "test",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
