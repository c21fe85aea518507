"""Work before an execution has begun: a signal, or the run's own time limit, ends the command."""

from collections.abc import Callable
from typing import TypeVar

from kestrel_cli.app.request import NO_SIGNAL, TIMED_OUT
from kestrel_cli.errors import Interrupted
from kestrel_cli.worker.interrupts import AttemptKilled, Interrupts

T = TypeVar("T")


def until_interrupted(interrupts: Interrupts, work: Callable[[], T], *, begins: bool = True) -> T:
    """What `work` gives. Raises Interrupted when a signal or the time limit comes meanwhile, or has
    come before; not so unless it `begins`: then the work is left to come to its end.
    """
    try:
        if begins:
            interrupts.begin()
        found = work()
        interrupts.end()  # not in a `finally`: what a signal raises here is to be caught, too
    except AttemptKilled:
        interrupts.end()
        asked = interrupts.signal or NO_SIGNAL
        raise Interrupted(TIMED_OUT if asked == NO_SIGNAL else 128 + asked) from None
    except BaseException:
        interrupts.end()
        raise
    return found
