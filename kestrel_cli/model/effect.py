"""What the scheduler asks for next. The engine performs effects and answers with events."""

from collections.abc import Sequence
from typing import Final

from kestrel_cli.model.record import record
from kestrel_cli.model.state import State


@record
class Begin:
    """Let the execution begin, when its time and its turn have come; answer with Begun or Queued.
    The one effect that comes of a birth, not of a step.
    """


@record
class Expand:
    """Render what a flowable task run holds; answer with Expanded, Skipped or Refused."""

    run: int


@record
class RunAttempt:
    """Run a task once; answer with AttemptStarted and AttemptEnded, or with Skipped or Refused. A
    task that starts executions answers with AttemptStarted and Called.
    """

    run: int


@record
class Launch:
    """Start the `nth` execution of a call; answer with Launched, or with CalledEnded when it can't
    be started. `again`: the one of that number that ended before a restart goes on.
    """

    run: int
    nth: int
    again: bool = False


@record
class Gather:
    """All executions of a call have ended; answer with AttemptEnded."""

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
    """Interrupt the attempt of a task run; it still answers with AttemptEnded, state KILLED. Or,
    with `nth`, kill that execution of its call; it still answers with CalledEnded.
    """

    run: int
    nth: int | None = None


@record
class Conclude:
    """Render the flow's outputs; answer with Concluded."""


@record
class Hear:
    """The execution has ended: which listeners of the flow want to run? Answer with Heard."""


@record
class Follow:
    """The execution is RETRIED: make the one that replays it; answer with Followed."""

    at: int  # when that one is to begin


@record
class End:
    """Nothing is left to do; the execution has reached this state. Whoever called it hears of it
    as CalledEnded.
    """

    state: State


Effect = (
    Begin
    | Expand
    | RunAttempt
    | Launch
    | Gather
    | WaitUntil
    | Ask
    | Judge
    | Kill
    | Conclude
    | Hear
    | Follow
    | End
)

# What waits for its turn, in the order in which it was created; all else is done at once.
_IN_ORDER: Final = (RunAttempt, Expand, Launch)


def as_put(effects: Sequence[Effect]) -> Sequence[Effect]:
    """The effects of a step in the order in which they are put one by one on what is to be done:
    those that wait for their turn first in, first out; of the rest the last one put is done first.
    """
    if len(effects) < 2:
        return effects
    waiting = [effect for effect in effects if isinstance(effect, _IN_ORDER)]
    at_once = [effect for effect in effects if not isinstance(effect, _IN_ORDER)]
    return [*waiting, *reversed(at_once)]
