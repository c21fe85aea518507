"""What the loop hands to `perform`: effects, and what came back through the inbox.

Everything here is data. Whatever ends later (threads, timers, executions that were called, a
service level, somebody who wants it all to end) comes back as one of these, with the execution
that it belongs to.
"""

from kestrel_cli.model.effect import Effect
from kestrel_cli.model.flow import Sla
from kestrel_cli.model.record import record
from kestrel_cli.worker.flight import Flight, Landed


@record
class Wake:
    """The moment has come that a task run waited for."""

    run: int


@record
class ChildEnded:
    """The `nth` execution of a call has ended."""

    run: int
    nth: int


@record
class TimeUp:
    """The time of an attempt on a thread is over."""

    flight: Flight


@record
class GiveUp:
    """An attempt on a thread was told to end and has not done so: it is left alone."""

    flight: Flight


@record
class Look:
    """Something has happened: look whether what the service levels assert still holds."""


@record
class Overdue:
    """The execution has taken longer than a service level allows."""

    sla: Sla


@record
class Stop:
    """The execution is to end; `reason` completes "the execution is killed: ..."."""

    reason: str


@record
class Restart:
    """The execution had ended, and goes on from its failed task runs."""


Work = Effect | Wake | ChildEnded | Landed | TimeUp | GiveUp | Look | Overdue | Stop | Restart
