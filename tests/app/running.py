"""Runs for tests of the use cases: a collecting reporter, a request, a journal that may fail."""

import re
from collections.abc import Iterable
from typing import Any

from kestrel_cli.app.run import RunRequest, RunResult, run
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.store.journal import Closed, FlowText


class Collect:
    """A reporter that keeps what it is told, as short texts."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.closed: list[int] = []
        self.begun: list[tuple[Execution, Execution | None, int | None]] = []

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        self.begun.append((execution, parent, run))

    def on_event(self, event: Event, execution: Execution) -> None:
        number = getattr(event, "run", None)
        name = type(event).__name__
        self.told.append(name if number is None else f"{name} {_named(execution, number)}")

    def on_log(self, line: LogLine, execution: Execution) -> None:
        where = "" if line.run is None else f" {_named(execution, line.run)}"
        self.told.append(f"{line.level}{where}: {line.message}")

    def close(self, execution: Execution, exit_code: int) -> None:
        self.closed.append(exit_code)

    def logged(self) -> list[str]:
        """The messages at INFO or above."""
        return [
            told.partition(": ")[2]
            for told in self.told
            if told.startswith(("INFO", "WARN", "ERR"))
        ]


def links_named(messages: list[str]) -> list[str]:
    """Messages in which links to executions are the ids of their flows."""
    link = r'\[\[link execution="\w{22}" flowId="(\w+)" namespace="company\.team"\]\]'
    return [re.sub(link, r"\1", message) for message in messages]


class Book:
    """A journal that keeps its calls and fails where it is told to."""

    def __init__(self, fails: Iterable[str] = ()) -> None:
        self.calls: list[str] = []
        self.births: list[Birth] = []
        self.closed: list[Closed] = []
        self.failing = False  # it may catch up
        self._fails = fails
        self.lost = False

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self._fails:
            raise OSError(28, "No space left on device")

    def flow(self, flow: FlowText) -> None:
        self._call(f"flow {flow.number}")

    def birth(self, birth: Birth, _: Any = None, *, held: bool = False) -> None:
        self.births.append(birth)
        self._call(f"birth {birth.number}")

    def append(self, number: int, entry: Event | LogLine, _: Any = None) -> None:
        self._call(f"append {number} {type(entry).__name__}")

    def flush(self) -> None:
        self._call("flush")

    def close(self, closed: Closed | None = None) -> None:
        if closed is not None:
            self.closed.append(closed)
            self._call("close")


def _named(execution: Execution, number: int) -> str:
    run = execution.runs[number]
    return run.task.id if run.value is None else f"{run.task.id}[{run.value}]"


def running(flow: Flow, reporter: Any = None, **more: Any) -> RunResult:
    """Run a flow without a journal and without the real environment, unless told otherwise."""
    reporters = (reporter,) if reporter else ()
    return run(
        RunRequest(flow, **{"reporters": reporters, "environ": {}, "journaled": False, **more})
    )
