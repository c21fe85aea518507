"""Reading both output streams of a child without ever waiting for one of them alone."""

import os
import selectors
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


def streams_of(*pipes: IO[bytes]) -> Streams:
    """The way to read that this system has."""
    return Threaded(*pipes) if sys.platform == "win32" else Selected(*pipes)


class Selected:
    """By `select` or what is better here."""

    def __init__(self, *pipes: IO[bytes]) -> None:
        self.open = len(pipes)
        self._pipes = pipes
        self._selector = selectors.DefaultSelector()
        self._ear, self._mouth = os.pipe()
        self._selector.register(self._ear, selectors.EVENT_READ, -1)
        for number, pipe in enumerate(pipes):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, number)

    def read(self, seconds: float) -> list[Piece]:
        pieces: list[Piece] = []
        for key, _ in self._selector.select(seconds):
            if key.data < 0:
                os.read(self._ear, CHUNK)
                continue
            with suppress(BlockingIOError):
                data = _read(key.fd)
                pieces.append((key.data, data))
                if not data:
                    self._selector.unregister(key.fileobj)
                    self.open -= 1
        return pieces

    def wake(self) -> None:
        with suppress(OSError):
            os.write(self._mouth, b".")

    def close(self) -> None:
        self._selector.close()
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
