"""Limits on time, for what must never take long."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fails when the block takes more processor time; not while a tool traces every line."""
    start = time.process_time()
    yield
    took = time.process_time() - start
    assert took < seconds or sys.gettrace() is not None, f"took {took:.2f} s"
