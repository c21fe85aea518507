"""Waits of a run that take no time: sleeping moves the clock instead."""

import time
from types import SimpleNamespace

import pytest

from kestrel_cli.app.engine.clock import Clock
from kestrel_cli.worker.flight import Flight


def skip_waits(patch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone, what sleeps does not, and the run's clock is later by as much.

    Threads that sleep side by side must wake in their order: a long one takes a fifth of its time
    there, more than the second after which some promises end a flow.
    """
    skipped = 0.0
    now = Clock.now

    def sleep(seconds: float) -> None:
        nonlocal skipped
        skipped += max(seconds, 0)

    stand_in = SimpleNamespace(**{**vars(time), "sleep": sleep})
    patch.setattr("kestrel_cli.worker.interrupts.time", stand_in)
    patch.setattr("kestrel_cli.worker.context.time", stand_in)
    wait = Flight.sleep
    patch.setattr(
        Flight, "sleep", lambda self, seconds: wait(self, seconds / 5 if seconds > 5 else seconds)
    )
    for name in ("now", "running"):
        patch.setattr(Clock, name, lambda self: now(self) + round(skipped * 1_000_000))
