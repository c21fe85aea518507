"""Executions that a task run starts: what it asks for, and what came of them."""

from typing import Any

from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State


@record
class Call:
    """An execution that a task run starts: of the flow of that name, or, without one, of the tasks
    of the task itself, for one `item`.
    """

    namespace: str = ""
    flow: str = ""
    inputs: dict[str, Any] = fresh(factory=dict)
    labels: list[tuple[str, str]] = fresh(factory=list)
    inherit_labels: bool = False
    item: dict[str, Any] | None = None
    variables: dict[str, Any] = fresh(factory=dict)  # of the trigger, besides the usual ones

    def link(self, execution: str | None) -> str:
        """The execution that came of it, by its id, as Kestra's log links to it."""
        return f'[[link execution="{execution}" flowId="{self.flow}" namespace="{self.namespace}"]]'


@record
class Calls:
    """The executions that a task run starts, `limit` at once (0: all), and whether it waits."""

    calls: list[Call]
    limit: int = 1
    wait: bool = True


@record
class CallResult:
    """What came of one of them: how it ended, and the `outputs` that its caller gets.

    `error` without an `execution` says why it was not started; beside one, why its caller can make
    nothing of it.
    """

    call: Call
    state: State
    execution: str | None = None
    outputs: dict[str, Any] | None = None
    error: str | None = None
