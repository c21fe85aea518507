"""What a driver asks of others: how paused task runs go on, and what looks at its execution."""

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from kestrel_cli.app.driver import Driver
    from kestrel_cli.model.event import Resumed, Violated
    from kestrel_cli.model.execution import TaskRun
    from kestrel_cli.model.state import State


class Pauses(Protocol):
    """How the user wants paused task runs to go on."""

    @property
    def waits(self) -> bool:
        """Whether an execution is left PAUSED when nobody resumes it."""

    @property
    def hurries(self) -> bool:
        """Whether no pause lasts, not even one with a duration."""

    @property
    def refused(self) -> bool:
        """Whether an execution was left PAUSED because what was given does not fit."""

    def event(self, run: "TaskRun", inputs: dict[str, Any], state: "State") -> "Resumed":
        """The run goes on in this state."""

    def answer(self, driver: "Driver", run: int) -> "Resumed | None":
        """The event that resumes it; None: leave the execution PAUSED."""


class Watch(Protocol):
    """Looks at an execution after each of its events: its service levels."""

    def begin(self, driver: "Driver") -> None:
        """The execution begins, or goes on."""

    def look(self, driver: "Driver") -> "Violated | None":
        """What does not hold any more."""
