"""A bound against what would run away: bombs that take ten times longer for each further line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

# A slow or busy machine, or a tool that traces every line, is no failure; a bomb takes minutes.
_ROOM = 30


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fails when the block takes far more processor time than the `seconds` it should."""
    start = time.process_time()
    yield
    took = time.process_time() - start
    assert took < seconds * _ROOM, f"took {took:.2f} s"
