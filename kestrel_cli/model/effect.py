"""What the scheduler asks the driver to do next."""

from dataclasses import dataclass

from kestrel_cli.model.state import State


@dataclass(slots=True)
class Expand:
    """Render what a flowable task run holds; answer with Expanded, Skipped or Refused."""

    run: int


@dataclass(slots=True)
class RunAttempt:
    """Run a task once; answer with AttemptStarted and AttemptEnded, or with Skipped or Refused."""

    run: int


@dataclass(slots=True)
class WaitUntil:
    """Answer with TimerFired at that moment (microseconds since 1970)."""

    run: int
    at: int


@dataclass(slots=True)
class Kill:
    """Interrupt the attempt of a task run; it still answers with AttemptEnded, state KILLED."""

    run: int


@dataclass(slots=True)
class Conclude:
    """Render the flow's outputs; answer with Concluded."""


@dataclass(slots=True)
class End:
    """Nothing is left to do; the execution has reached this state."""

    state: State


Effect = Expand | RunAttempt | WaitUntil | Kill | Conclude | End
