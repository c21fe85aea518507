"""One execution under way: what it needs to run, as data."""

from kestrel_cli.app.engine.todo import Todo
from kestrel_cli.app.world import World
from kestrel_cli.expressions.variables import Surroundings
from kestrel_cli.model.event import Expanded, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow, Sla
from kestrel_cli.model.record import entity, fresh
from kestrel_cli.store.slots import Slot
from kestrel_cli.store.tickets import Ticket
from kestrel_cli.worker.attempt import Worker
from kestrel_cli.worker.flight import Flight


@entity
class Live:
    """An execution with its worker and its outside. `parent` is the one that called it."""

    execution: Execution
    flow: Flow
    todo: Todo
    around: Surroundings
    world: World
    worker: Worker
    errors: list[LogLine]  # what errorLogs() gives, as the run goes on
    parent: "Live | None" = None
    depth: int = 0  # executions around this one
    warnings: list[str] = fresh(factory=list)  # what opens its log
    refused: str | None = None  # why it is to fail before it begins
    told: bool = False  # the reporters know that it begins
    ended: bool = False
    successor: "Live | None" = None  # what follows it when it ended RETRIED
    children: "dict[tuple[int, int], Live]" = fresh(factory=dict)  # by task run and call
    flights: dict[int, Flight] = fresh(factory=dict)  # attempts on threads, by task run
    expansions: dict[int, Expanded] = fresh(factory=dict)  # of one that was read back
    place: Slot | None = None  # among the executions of its flow that may run at once
    ticket: Ticket | None = None  # in the line of those that wait for a place
    assertions: list[Sla] = fresh(factory=list)  # that still hold
    looked: bool = False  # before it began
    looks: bool = False  # whether these hold is to be looked at already
    complaints: set[str] = fresh(factory=set)  # warnings that were said once
    said: list[LogLine] = fresh(factory=list)  # by a process that died before what they tell of

    def leave(self) -> None:
        """Give back its place, or that in the line."""
        if self.ticket is not None:
            self.ticket.leave()
            self.ticket = None
        if self.place is not None:
            self.place.leave()
