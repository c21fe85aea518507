"""Reading both output streams of a child without ever waiting for one of them alone."""

import os
import select
import sys
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Final, Protocol

CHUNK: Final = 1 << 16
Piece = tuple[int, bytes]  # the number of a stream and what it gave; nothing at its end


class Streams(Protocol):
    """Output streams, by number. One thread reads; any thread may wake it."""

    open: int

    def read(self, seconds: float) -> list[Piece]:
        """What there is, after waiting for it at most so long; each stream's end is told once."""

    def wake(self) -> None:
        """Let the wait that is under way, or the next one, end at once."""

    def close(self) -> None:
        """Read no more."""

    def release(self) -> None:
        """Nobody will wake it any more."""


def streams_of(*pipes: IO[bytes], end: int | None = None) -> Streams:
    """The way to read that this system has. `end` is a descriptor that becomes readable when there
    is nothing more to wait for: the waits end then.
    """
    return Threaded(*pipes) if sys.platform == "win32" else Selected(*pipes, end=end)


class Selected:
    """By `poll`."""

    def __init__(self, *pipes: IO[bytes], end: int | None = None) -> None:
        self.open = len(pipes)
        self._pipes = pipes
        self._numbers = {pipe.fileno(): number for number, pipe in enumerate(pipes)}
        self._end = end
        self._ear, self._mouth = os.pipe()
        self._poll = select.poll()
        for descriptor in self._numbers:
            os.set_blocking(descriptor, False)
            self._poll.register(descriptor, select.POLLIN)
        self._poll.register(self._ear, select.POLLIN)
        if end is not None:
            self._poll.register(end, select.POLLIN)

    def read(self, seconds: float) -> list[Piece]:
        pieces: list[Piece] = []
        for descriptor, _ in self._poll.poll(seconds * 1000):
            if descriptor == self._ear:
                os.read(descriptor, CHUNK)
            elif descriptor == self._end:
                self._poll.unregister(descriptor)
            else:
                with suppress(BlockingIOError):
                    data = _read(descriptor)
                    pieces.append((self._numbers[descriptor], data))
                    if not data:
                        self._poll.unregister(descriptor)
                        self.open -= 1
        return pieces

    def wake(self) -> None:
        with suppress(OSError):
            os.write(self._mouth, b".")

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.close()
        # The mouth stays until nobody can wake us any more: its number may be somebody else's then.
        os.close(self._ear)

    def release(self) -> None:
        """Nobody will wake it any more."""
        mouth, self._mouth = self._mouth, -1
        with suppress(OSError):
            os.close(mouth)


class Threaded:
    """By a thread for each stream, where pipes can't be selected (Windows)."""

    def __init__(self, *pipes: IO[bytes]) -> None:
        self.open = len(pipes)
        self._pipes = pipes
        self._pieces: SimpleQueue[Piece | None] = SimpleQueue()
        self._credit: SimpleQueue[None] = SimpleQueue()  # one for each piece that may wait
        for number, pipe in enumerate(pipes):
            self._credit.put(None)
            threading.Thread(target=self._pump, args=(number, pipe), daemon=True).start()

    def _pump(self, number: int, pipe: IO[bytes]) -> None:
        data = b"."
        while data:
            self._credit.get()
            data = _read(pipe.fileno())
            self._pieces.put((number, data))

    def read(self, seconds: float) -> list[Piece]:
        try:
            piece = self._pieces.get(timeout=seconds)
        except Empty:
            return []
        if piece is None:
            return []
        self._credit.put(None)
        self.open -= not piece[1]
        return [piece]

    def wake(self) -> None:
        self._pieces.put(None)

    def close(self) -> None:
        """Read no more; what a thread still reads from is closed with the process's end."""
        if not self.open:
            for pipe in self._pipes:
                pipe.close()

    def release(self) -> None:
        """There is nothing to let go of."""


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except BlockingIOError:
        raise
    except OSError:  # how the end of a pipe looks on some systems
        return b""
