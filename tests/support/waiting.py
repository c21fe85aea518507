"""Waiting for what a test needs, and saying so when it does not come."""

import time
from collections.abc import Callable

import pytest


def wait_until(true: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Wait until something is true; the test fails, with what it waited for, when it never is."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            pytest.fail(f"waited {seconds:g} seconds in vain: {what}")
        time.sleep(0.01)
