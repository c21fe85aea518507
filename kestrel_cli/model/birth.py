"""What an execution is born with: facts, known before it begins and never changed after.

Whoever makes an execution (of a request, of a call, of an execution that is followed) makes one of
these; the journal keeps it as it is, and the same execution is made of it when that is read back.
"""

from typing import Any

from kestrel_cli.model.record import fresh, frozen


@frozen
class Caller:
    """The task run that started an execution: the number of its execution, its own, and which of
    its calls this was.
    """

    execution: int
    run: int
    nth: int


@frozen
class Birth:
    """The facts. `number` is the execution's place among those of its run, `at` its creation in
    microseconds since 1970.

    `flow` is the number of the flow among those of the run; None for an iteration of Loop, which
    runs the body of the task that called it. `given` is what the run was given (of the first
    execution only): options with which another process goes on with it.
    """

    number: int
    id: str
    at: int
    flow: int | None
    namespace: str = ""
    flow_id: str = ""
    file: str = ""
    inputs: dict[str, Any] = fresh(factory=dict)
    labels: list[tuple[str, str]] = fresh(factory=list)
    trigger: dict[str, Any] | None = None
    kind: str | None = None
    item: dict[str, Any] | None = None  # of an iteration of Loop: its value, index, key, parents
    caller: Caller | None = None
    follows: int | None = None  # the number of the RETRIED execution that this one replays
    parent_id: str | None = None  # the execution that this one replays
    original_id: str | None = None  # the first one of a row of replays
    original_at: int | None = None
    attempt_number: int = 1
    given: dict[str, Any] = fresh(factory=dict)
    taken: dict[str, Any] = fresh(factory=dict)  # over of an earlier execution: `model/taken.py`
