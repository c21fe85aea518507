"""How much may come out of a packed file, which may be made to fill disks."""

from typing import Final, Protocol

from kestrel_cli.tasks.base import RunContext, TaskFailed

_RATIO: Final = 250  # no text is packed better than this; what is, holds one thing over and over
_ALWAYS: Final = 64 << 20
_CHUNK: Final = 1 << 18
MAX_ENTRIES: Final = 100_000


class Budget:
    """Bytes that may still come out of a file of `packed` bytes."""

    def __init__(self, packed: int) -> None:
        self.limit = max(_ALWAYS, _RATIO * packed)
        self._left = self.limit

    def take(self, count: int) -> None:
        """Raise TaskFailed when that is more than is left."""
        self._left -= count
        if self._left < 0:
            raise TaskFailed(
                f"the file unpacks to more than {self.limit >> 20} MB, which is {_RATIO} times its "
                "size or more: it is refused"
            )


class Source(Protocol):
    """What can be read."""

    def read(self, count: int, /) -> bytes:
        """The next bytes, at most `count`; none at the end."""


class Watched:
    """A source that stops at the end of the attempt."""

    def __init__(self, ctx: RunContext, inner: Source) -> None:
        self._ctx = ctx
        self._inner = inner

    def read(self, count: int) -> bytes:
        """The next bytes, at most `count`; none at the end."""
        self._ctx.check()
        return self._inner.read(count)


class Sink(Protocol):
    """What can be written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of it."""


def pour(ctx: RunContext, source: Source, sink: Sink, budget: Budget | None = None) -> int:
    """Copy all that there is; returns the number of bytes. Raises TaskFailed."""
    total = 0
    watched = Watched(ctx, source)
    while chunk := watched.read(_CHUNK):
        if budget is not None:
            budget.take(len(chunk))
        sink.write(chunk)
        total += len(chunk)
    return total
