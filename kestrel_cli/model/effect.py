"""What the scheduler asks the driver to do next."""

from kestrel_cli.model.record import record
from kestrel_cli.model.state import State


@record
class Expand:
    """Render what a flowable task run holds; answer with Expanded, Skipped or Refused."""

    run: int


@record
class RunAttempt:
    """Run a task once; answer with AttemptStarted and AttemptEnded, or with Skipped or Refused."""

    run: int


@record
class WaitUntil:
    """Answer with TimerFired at that moment (microseconds since 1970)."""

    run: int
    at: int


@record
class Ask:
    """Find out how a paused task run goes on; answer with Resumed, some time."""

    run: int


@record
class Judge:
    """Let a flowable look at what its body left; answer with Judged."""

    run: int


@record
class Kill:
    """Interrupt the attempt of a task run; it still answers with AttemptEnded, state KILLED."""

    run: int


@record
class Conclude:
    """Render the flow's outputs; answer with Concluded."""


@record
class End:
    """Nothing is left to do; the execution has reached this state."""

    state: State


Effect = Expand | RunAttempt | WaitUntil | Ask | Judge | Kill | Conclude | End
