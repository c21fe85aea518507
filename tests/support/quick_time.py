"""Waits of a run that take no time: sleeping moves the clock instead."""

import time
from types import SimpleNamespace

import pytest

from kestrel_cli.app.engine.clock import Clock


def skip_waits(patch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone, what sleeps does not, and the run's clock is later by as much."""
    skipped = 0.0
    now = Clock.now

    def sleep(seconds: float) -> None:
        nonlocal skipped
        skipped += max(seconds, 0)

    stand_in = SimpleNamespace(**{**vars(time), "sleep": sleep})
    patch.setattr("kestrel_cli.worker.interrupts.time", stand_in)
    patch.setattr("kestrel_cli.worker.context.time", stand_in)
    patch.setattr(Clock, "now", lambda self: now(self) + round(skipped * 1_000_000))
