"""Retry policies as a flow declares them. A failed task follows its own, else that of the nearest
flowable around it that has one, else the flow's.

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
    """Wait `interval`, after each attempt `delayFactor` times longer, at most `maxInterval`."""

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
