"""A gate in front of the streams of reporters: what has to happen before anything is shown."""

from collections.abc import Callable
from typing import Any, TextIO


class Gate:
    """`before` is called ahead of every write. A run sets it to the flush of its journal. `writes`
    counts them.
    """

    def __init__(self) -> None:
        self.writes = 0
        self.before: Callable[[], None] = _nothing

    def guarded(self, stream: TextIO) -> TextIO:
        """The same stream behind this gate."""
        return _Guarded(stream, self)  # type: ignore[return-value]  # everything else is the stream's


class _Guarded:
    def __init__(self, stream: TextIO, gate: Gate) -> None:
        self._stream = stream
        self._gate = gate

    def write(self, text: str) -> int:
        self._gate.before()
        self._gate.writes += 1
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _nothing() -> None:
    """There is no journal yet."""
