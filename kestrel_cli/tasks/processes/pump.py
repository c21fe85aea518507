"""A thread that starts a child, reads what it writes and sees to its end.

Only that thread deals with the child, so that an exception in the middle of the task (a timeout, a
signal) can't leave one behind. The task's own thread takes events from a queue; the child is read
no faster than that (its pipes fill up, and it waits).
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from kestrel_cli.hands import HANDS
from kestrel_cli.tasks.base import record
from kestrel_cli.tasks.processes.child import Child
from kestrel_cli.tasks.processes.streams import Piece, Streams, streams_of

_AHEAD: Final = 16  # chunks that may wait for the task
_SOON: Final = 0.005  # seconds
_LOOK: Final = 0.1  # seconds between two looks whether a child that is silent has ended


@record
class Ended:
    """The child is gone. `left` says that processes it had started were ended after it, `held`
    that these had kept its output open. Without a code it could not be started: `error`.
    """

    code: int | None
    left: bool = False
    held: bool = False
    error: Exception | None = None


class Pump:
    """One child from its start to its end. `grace` is in seconds."""

    def __init__(
        self, argv: Sequence[str], folder: Path, environ: Mapping[str, str], grace: float
    ) -> None:
        self.events: SimpleQueue[int | Piece | Ended] = SimpleQueue()  # first the child's pid
        self._what = (argv, folder, environ)
        self._grace = grace
        self._untold: int | None = None  # its pid, before the task hears of it
        self._given = 0  # pieces
        self._credit: SimpleQueue[None] = SimpleQueue()  # one for each that was taken
        self._stops = 0
        self._turn: SimpleQueue[None] = SimpleQueue()  # whoever takes it says whether it begins
        self._turn.put(None)
        self.ended: Ended | None = None
        self._over: SimpleQueue[None] = SimpleQueue()
        self._streams: Streams | None = None

    def start(self) -> None:
        """Begin. An exception may come before that is in the hands of the thread: see `begun`."""
        HANDS.do("process", self._run)

    def begun(self) -> bool:
        """Whether the child was started, or is about to be: then its end is told, whatever happens.
        After a no it is never started.
        """
        try:
            self._turn.get_nowait()
        except Empty:
            return True
        return False

    def wait(self, seconds: float) -> None:
        """Until the child has ended, at most so long."""
        with suppress(Empty):
            self._over.get(timeout=seconds)

    def stop(self) -> None:
        """End the child: ask it, give it its grace, then kill; asked again, kill at once."""
        self._stops += 1
        self._credit.put(None)
        if self._streams is not None:
            self._streams.wake()

    def stop_once(self) -> None:
        """End the child as `stop` does, unless that has begun already."""
        if not self._stops:
            self.stop()

    def taken(self) -> None:
        """The task has dealt with a piece and can take another."""
        self._credit.put(None)

    def release(self) -> None:
        """Nobody will stop it any more: it has ended."""
        if self._streams is not None:
            self._streams.release()

    def _run(self) -> None:
        if self.begun():  # the task's thread was interrupted, and has called it off
            return
        ended = Ended(None)
        try:
            ended = self._live(Child(*self._what))
        except Exception as error:  # noqa: BLE001  the task's thread waits for an answer
            ended = Ended(None, error=error)
        finally:
            self.ended = ended
            self.events.put(ended)
            self._over.put(None)

    def _live(self, child: Child) -> Ended:
        streams = None
        try:
            self._untold = child.pid
            streams = self._streams = streams_of(*child.pipes, end=child.end)
            held = self._follow(child, streams)
            return self._finish(child, streams, held=held)
        finally:
            self._tell()
            if child.exit_code() is None:
                child.kill({})
            child.close()
            if streams is not None:
                streams.close()

    def _follow(self, child: Child, streams: Streams) -> bool:
        """Read until the child has ended or is to be ended; true when only its output stays open
        although it has ended.
        """
        until = None
        wait, reaped = 0.001, time.monotonic()
        while not self._stops:
            look = _LOOK if self._untold is None else _SOON
            for piece in streams.read(look if streams.open or child.end is not None else wait):
                self._give(piece)
            code, now = child.exit_code(), time.monotonic()
            if code is None:
                wait = min(wait * 2, _LOOK / 2)
                if now > reaped + _SOON:
                    self._tell()
                if now > reaped + _LOOK:
                    child.reap()
                    reaped = now
                continue
            if not streams.open:
                return False
            until = until or now + self._grace
            if now > until:
                return True
        return False

    def _tell(self) -> None:
        """That it was started: at the latest in a moment, but not earlier than need be, for the
        task's thread would be in our way.
        """
        if self._untold is not None:
            self.events.put(self._untold)
            self._untold = None

    def _give(self, piece: Piece) -> None:
        if piece[1]:
            self._tell()
            # `stop` ends one wait, and nobody may be there to end the next.
            if self._given >= _AHEAD and not self._stops:
                self._credit.get()
            self._given += 1
            self.events.put(piece)

    def _finish(self, child: Child, streams: Streams, *, held: bool) -> Ended:
        """Leave nobody behind."""
        left = child.has_left_somebody() if child.exit_code() is not None else False
        if child.exit_code() is None or left or held:
            self._end(child, streams)
        code = child.exit_code()
        return Ended(137 if code is None else code, left=left, held=held)

    def _end(self, child: Child, streams: Streams) -> None:
        """Ask, wait, kill. What is said in the meantime is passed on as far as it is taken."""
        self._tell()
        known = child.kin()
        child.interrupt(known)
        until = time.monotonic() + self._grace
        wait = 0.005
        while self._stops < 2 and time.monotonic() < until:
            self._offer(streams, wait)
            wait = min(wait * 1.5, _LOOK)
            if child.exit_code() is not None and not child.has_left_somebody():
                break
        child.kill(known)
        until = time.monotonic() + 1
        while (streams.open or child.exit_code() is None) and time.monotonic() < until:
            self._offer(streams, 0.01)

    def _offer(self, streams: Streams, seconds: float) -> None:
        for piece in streams.read(seconds):
            if self._given >= _AHEAD:
                try:
                    self._credit.get(block=False)
                except Empty:
                    continue
            self._given += 1
            self.events.put(piece)
