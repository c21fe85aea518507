"""Who looks on while a run goes on: a status on a terminal, a line now and then in a log; and what
is said at once to somebody who wants it to end.
"""

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

from kestrel_cli.app.engine.clock import Clock
from kestrel_cli.app.request import RunRequest
from kestrel_cli.cli.options import Output
from kestrel_cli.cli.run_options import RunOptions, seconds
from kestrel_cli.cli.signals import Listener
from kestrel_cli.model.record import changed
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.console import Flags, Style, look_at, style_for
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.reporters.heartbeat import Heartbeat
from kestrel_cli.reporters.lookout import Lookout
from kestrel_cli.store.config import Config
from kestrel_cli.worker.bugs import keep

if TYPE_CHECKING:
    from kestrel_cli.reporters.screen import Screen
    from kestrel_cli.reporters.status import Status

_SILENT: Final = 2  # so often `--quiet`: nothing is told
_USUAL: Final = 30.0  # seconds
_NEVER: Final = ("0", "0s")


class Onlooker(Listener):
    """Who looks on. In itself it is nobody, and nothing is said."""

    reporter: Reporter | None = None
    leaves = False  # signals are answered elsewhere

    def request(self, request: RunRequest) -> RunRequest:
        """The same request; what it asks somebody is asked where no status is in the way."""
        self.leaves = request.interrupts.leaves
        return request


class _Logged(Onlooker):
    """Its log is written somewhere, and this writes to it now and then."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat
        self.reporter = heartbeat

    def asked_to_end(self, number: int, times: int) -> None:
        if self.leaves:
            return
        text = _words(number, times, lambda: self._heartbeat.working)
        if text is not None:
            echo = "\n" if number == signal.SIGINT else ""  # behind its ^C
            with suppress(OSError):
                os.write(2, f"{echo}{text}\n".encode())  # sys.stderr may be amid a write


class _Shown(Onlooker):
    """It has a status on a screen."""

    def __init__(self, status: "Status") -> None:
        self._status = status
        self.reporter = status

    def request(self, request: RunRequest) -> RunRequest:
        ask, screen = request.pauses.ask, self._status.screen

        def alone(work: Callable[[], Any]) -> Any:
            with screen.kept_off():
                return work()

        request = changed(super().request(request), alone=alone)
        if ask is None:
            return request

        def asked(*given: Any) -> Any:
            with screen.kept_off():
                return ask(*given)

        return changed(request, pauses=changed(request.pauses, ask=asked))

    def asked_to_end(self, number: int, times: int) -> None:
        if self.leaves:
            return
        self._status.stopping = True
        text = _words(number, times, lambda: self._status.underway.working)
        if text is not None and not self._status.screen.is_kept_off:
            self._status.post(lambda: _say(text))
        self._status.look()

    def leave(self) -> None:
        self._status.screen.drop()


def heartbeat_of(options: RunOptions, config: Config) -> float:
    """After how many seconds of silence a log has a line; 0: never. Raises UsageError."""
    said = options.heartbeat or config.heartbeat
    if said is None:
        return 0.0 if options.quiet else _USUAL
    return 0.0 if said.strip() in _NEVER else seconds(said, "--heartbeat")


@contextmanager
def onlooker_of(
    options: RunOptions, flags: Flags, gate: Gate, heartbeat: float
) -> Iterator[Onlooker]:
    """While this lasts, what is written to a terminal passes above a status, if it has one."""
    if options.quiet >= _SILENT:
        yield Onlooker()
    elif (found := _terminal(options, flags)) is None:
        heart = Heartbeat(gate, sys.stderr, heartbeat, Clock().now)
        with _at_work(heart) if heartbeat else nullcontext():
            yield _Logged(heart)
    else:
        from kestrel_cli.cli.suspending import suspended_in_good_order
        from kestrel_cli.reporters.screen import Screen
        from kestrel_cli.reporters.status import Status

        stream, style = found
        screen = Screen(stream)
        status = Status(screen, style, Clock().now)
        with _written_over(screen, stream), suspended_in_good_order(status), _at_work(status):
            yield _Shown(status)


@contextmanager
def _at_work(lookout: Lookout) -> Iterator[None]:
    lookout.begin()
    try:
        yield
    finally:
        lookout.end()
        if lookout.error is not None:
            keep(lookout.error)


def _terminal(options: RunOptions, flags: Flags) -> tuple[TextIO, Style] | None:
    """Where the status is: on the terminal that the log lines go to, or that of stderr."""
    lines_on_stdout = options.output is Output.TEXT and options.print_ is None
    for stream in [sys.stdout, sys.stderr] if lines_on_stdout else [sys.stderr]:
        style = style_for(os.environ, look_at(stream), flags)
        if style.person:
            return stream, style
    return None


@contextmanager
def _written_over(screen: "Screen", stream: TextIO) -> Iterator[None]:
    """The streams that lead to the screen's terminal are written over it, pipes beside it."""
    before = sys.stdout, sys.stderr
    device = _device(stream)
    for name, one in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        if one is stream or (device is not None and _device(one) == device):
            setattr(sys, name, screen.over(one))
        elif _is_pipe(one):
            setattr(sys, name, screen.beside(one))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _device(stream: TextIO) -> int | None:
    try:
        return os.fstat(stream.fileno()).st_rdev if stream.isatty() else None
    except (OSError, ValueError):
        return None


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _words(number: int, times: int, working: Callable[[], int]) -> str | None:
    """What is said at once to somebody who is there; None when nobody is, or all is said."""
    by_hand = number == signal.SIGINT
    if not (by_hand or number == signal.SIGTERM) or not _is_terminal(2):
        return None
    again = "press again" if by_hand else "press Ctrl-C"
    if times:
        return f"killing what still runs; {again} to leave at once"
    count = working()
    what = f"stopping {count} task{'s' if count != 1 else ''}" if count else "stopping"
    return f"{what}; {again} to kill"


def _say(text: str) -> None:
    """Over what the terminal has put there for the key."""
    sys.stderr.write(f"\r{text}\x1b[K\n")
    sys.stderr.flush()


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
