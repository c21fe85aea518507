"""The states of executions, task runs and attempts, and every legal step between them.

The names are those of Kestra's page "Task Runs". SUBMITTED (there is no queue here), BREAKPOINT and
RESUBMITTED are only met in executions of a server: no step of ours leads to them.
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
    SUBMITTED = "SUBMITTED"
    BREAKPOINT = "BREAKPOINT"
    RESUBMITTED = "RESUBMITTED"

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

# The worst state in its body is the state of a flowable, and of the flow: never that of its
# `errors` or `finally`. SKIPPED, CANCELLED and RETRIED children count as SUCCESS.
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

_ENDS: Final = frozenset(
    {State.SUCCESS, State.WARNING, State.FAILED, State.CANCELLED, State.RETRIED}
)
# What a restart or a replay makes of a run that had ended; a state may also be set by hand.
_AGAIN: Final = frozenset({State.RESTARTED, State.RUNNING, State.SUCCESS, State.WARNING})

# Task runs: from -> to. What is missing here is a bug of the engine, never a case to handle.
TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    # Ends that are no failure: the fixture of a test stood in for the run.
    State.CREATED: frozenset(
        {State.RUNNING, State.SKIPPED, State.FAILED, State.KILLED}
        | {State.SUCCESS, State.WARNING, State.CANCELLED}
    ),
    # SKIPPED: a flowable that a replay has opened again, and whose runIf is false.
    State.RUNNING: _ENDS | {State.KILLING, State.PAUSED, State.SKIPPED},
    State.PAUSED: _ENDS | {State.RUNNING, State.KILLING, State.KILLED},
    State.KILLING: frozenset({State.KILLED}),
    State.FAILED: _AGAIN | {State.RETRYING, State.RETRIED},
    State.RETRYING: frozenset({State.CREATED, State.KILLED}),
    State.RESTARTED: frozenset({State.RUNNING, State.SKIPPED, State.FAILED, State.KILLED}),
    State.SUCCESS: _AGAIN,
    State.WARNING: _AGAIN,
    State.SKIPPED: _AGAIN,
    State.KILLED: _AGAIN,
    State.CANCELLED: _AGAIN,
}

EXECUTION_TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.CREATED: frozenset(
        {State.RUNNING, State.QUEUED, State.KILLING, State.SUCCESS, State.FAILED, State.CANCELLED}
    ),
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: (_ENDS | {State.RETRYING, State.KILLING, State.PAUSED}) - {State.RETRIED},
    State.PAUSED: frozenset(
        {State.RESTARTED, State.RUNNING, State.KILLING, State.FAILED, State.CANCELLED}
    ),
    State.RESTARTED: (_ENDS | {State.RUNNING, State.KILLING}) - {State.RETRIED},
    State.RETRYING: (_ENDS | {State.RUNNING, State.KILLING}) - {State.RETRIED},
    State.KILLING: frozenset({State.KILLED}),
    State.SUCCESS: frozenset({State.RESTARTED}),
    State.WARNING: frozenset({State.RESTARTED}),
    State.FAILED: frozenset({State.RESTARTED, State.RETRYING, State.RETRIED}),
    State.KILLED: frozenset({State.RESTARTED}),
    State.CANCELLED: frozenset({State.RESTARTED}),
}
