"""The states of executions, task runs and attempts, and every legal step between them.

Source: the page "Task Runs" and spec/engine.md 2.1. SUBMITTED is left out: there is no queue here.
"""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """A state of an execution, a task run or an attempt; printed by name."""

    CREATED = "CREATED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    RESTARTED = "RESTARTED"
    KILLING = "KILLING"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"
    KILLED = "KILLED"
    CANCELLED = "CANCELLED"
    QUEUED = "QUEUED"
    RETRYING = "RETRYING"
    RETRIED = "RETRIED"
    SKIPPED = "SKIPPED"

    __str__ = str.__str__
    __hash__ = str.__hash__


TERMINAL: Final = frozenset(
    {
        State.SUCCESS,
        State.WARNING,
        State.FAILED,
        State.KILLED,
        State.CANCELLED,
        State.RETRIED,
        State.SKIPPED,
    }
)

# Worst first wins when a container's state is derived from its children (spec/engine.md 2.4).
# SKIPPED, CANCELLED and RETRIED children count as SUCCESS.
SEVERITY: Final = {
    State.KILLED: 4,
    State.FAILED: 3,
    State.WARNING: 2,
    State.PAUSED: 1,
    State.SUCCESS: 0,
    State.SKIPPED: 0,
    State.CANCELLED: 0,
    State.RETRIED: 0,
}

# Task runs: from -> to. What is missing here is a bug of the engine, never a case to handle.
TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.CREATED: frozenset({State.RUNNING, State.SKIPPED, State.FAILED, State.KILLED}),
    State.RUNNING: frozenset({State.SUCCESS, State.WARNING, State.FAILED, State.KILLING}),
    State.KILLING: frozenset({State.KILLED}),
    State.FAILED: frozenset({State.RETRYING}),
    State.RETRYING: frozenset({State.CREATED, State.KILLED}),
}

EXECUTION_TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.CREATED: frozenset({State.RUNNING, State.SUCCESS, State.FAILED, State.KILLING}),
    State.RUNNING: frozenset(
        {State.SUCCESS, State.WARNING, State.FAILED, State.RETRYING, State.KILLING}
    ),
    State.RETRYING: frozenset({State.RUNNING, State.KILLING}),
    State.KILLING: frozenset({State.KILLED}),
}
