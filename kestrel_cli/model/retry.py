"""Retry policies as a flow declares them (spec/engine.md 5).

The arithmetic is in `scheduler/retry.py`.
"""

from typing import Annotated, Literal

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Bounds, OldName

Behavior = Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"]
Attempts = Annotated[int | None, Bounds(least=1), OldName("maxAttempt")]


class Constant(Model):
    """Wait `interval` after every failed attempt."""

    type: Literal["constant"]
    interval: Duration
    maxAttempts: Attempts = None
    maxDuration: Duration | None = None
    warningOnRetry: bool = False
    behavior: Behavior = "RETRY_FAILED_TASK"


class Exponential(Model):
    """Wait `interval`, then `delayFactor` times longer after each attempt,
    at most `maxInterval`.
    """

    type: Literal["exponential"]
    interval: Duration
    maxInterval: Duration
    delayFactor: float = 2.0
    maxAttempts: Attempts = None
    maxDuration: Duration | None = None
    warningOnRetry: bool = False
    behavior: Behavior = "RETRY_FAILED_TASK"


class Random(Model):
    """Wait a random time from `minInterval` up to, not including, `maxInterval`."""

    type: Literal["random"]
    minInterval: Duration
    maxInterval: Duration
    maxAttempts: Attempts = None
    maxDuration: Duration | None = None
    warningOnRetry: bool = False
    behavior: Behavior = "RETRY_FAILED_TASK"


Retry = Constant | Exponential | Random
