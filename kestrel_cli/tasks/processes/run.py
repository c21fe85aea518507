"""Running one command to its end for a task, however that end comes."""

import errno
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Final

from kestrel_cli.tasks.base import RunContext, TaskFailed, record
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.pump import Ended, Pump

GRACE: Final = 5.0  # seconds between asking a process to end and killing it
_LAST_WORDS: Final = 1 << 20
_LARGEST: Final = 1 << 17  # bytes of one argument or variable, the least of all systems
# A wait ends by itself now and then: not every system interrupts it, and an exception that tells
# of the end may get lost (in a destructor, say).
_SLICE: Final = 0.2 if sys.platform == "win32" else 1.0
_STUCK: Final = min(0.5, _SLICE)  # of silence amid a line: it may be a question


@record
class Command:
    """What to start where. `shown` is how the log names it; `undo` is called when the command does
    not end by itself (it may take a moment, and may fail).
    """

    argv: Sequence[str]
    folder: Path
    environ: Mapping[str, str]
    shown: str = ""
    undo: Callable[[], None] | None = None


def grace_of(ctx: RunContext) -> float:
    """The user's grace for processes: the setting `kill-grace`, in seconds."""
    with suppress(ValueError):
        return max(float(ctx.about.settings.get("kill-grace", GRACE)), 0.0)
    return GRACE


def run_command(ctx: RunContext, command: Command, feed: Feed) -> int:
    """The exit code, after the whole process tree has ended and all it wrote is in the feed.

    Raises TaskFailed when it can't be started; lets the exception pass that ends the attempt.
    """
    pump = Pump(command.argv, command.folder, command.environ, grace_of(ctx))
    ended, undisturbed = None, False
    try:
        with ctx.ending(pump.stop):
            pump.start()
            ended = _followed(ctx, command, feed, pump)
            ctx.check()
        undisturbed = True
    finally:
        if not undisturbed:
            _put_an_end(command, feed, pump, ended)
        pump.release()
    if ended.error is not None:
        raise TaskFailed(_why_not(command, ended.error)) from ended.error
    feed.finish()
    _tell(ctx, ended)
    return 137 if ended.code is None else ended.code


def _followed(ctx: RunContext, command: Command, feed: Feed, pump: Pump) -> Ended:
    shown, wait = "", _STUCK
    try:
        while True:
            try:
                event = pump.events.get(timeout=wait)
            except Empty:
                ctx.check()
                begun, wait = feed.begun(), _SLICE
                if begun != shown:
                    ctx.unfinished(begun)
                    shown = begun
                continue
            wait = _STUCK
            if shown:
                ctx.unfinished("")
                shown = ""
            match event:
                case Ended():
                    return event
                case int():
                    ctx.log("DEBUG", f"Starting command with pid {event} [{command.shown}]")
                case stream, data:
                    feed.take(stream, data)
                    pump.taken()
    finally:
        if shown:
            ctx.unfinished("")


def _put_an_end(command: Command, feed: Feed, pump: Pump, ended: Ended | None) -> None:
    """The attempt is to end: so is the command. Asked for the end once more, it is killed."""
    try:
        pump.stop_once()
        if ended is None and pump.begun():
            _last_words(feed, pump)
    except BaseException:
        pump.stop()
        pump.wait(1)
        raise
    finally:
        if command.undo is not None:
            command.undo()


def _last_words(feed: Feed, pump: Pump) -> None:
    """What it says until it has ended, as far as that is not very much."""
    said: list[tuple[int, bytes]] = []
    room = _LAST_WORDS
    while True:
        try:
            event = pump.events.get(timeout=0.1)
        except Empty:
            # An exception may come after a queue has given something and before it is in our hands.
            if pump.ended is not None:
                break
            continue
        if isinstance(event, Ended):
            break
        if isinstance(event, tuple):
            pump.taken()
            room -= len(event[1])
            if room > 0:
                said.append(event)
    feed.hurry()
    for stream, data in said:
        with suppress(BaseException):  # the log tells every time that the attempt is to end
            feed.take(stream, data)
    with suppress(BaseException):
        feed.finish()


def _tell(ctx: RunContext, ended: Ended) -> None:
    if ended.held:
        ctx.log(
            "WARN",
            "the command has ended, but processes that it had started kept its output open; "
            "they were ended",
        )
    elif ended.left:
        ctx.log("DEBUG", "processes that the command had left behind were ended")


def _why_not(command: Command, error: Exception) -> str:
    """Why the command could not be started, and what to do."""
    program = command.argv[0]
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.E2BIG:
        return _too_big(command)
    if code == errno.ENOENT and not command.folder.is_dir():
        return "the working directory is gone"
    if code == errno.ENOENT:
        return f"the program `{program}` was not found: install it, or give its path"
    if code in (errno.EACCES, errno.ENOEXEC):
        return f"the program `{program}` can't be run: {str(error.strerror).lower()}"  # type: ignore[attr-defined]
    return f"the command can't be started: {error}"


def _too_big(command: Command) -> str:
    big = [name for name, value in command.environ.items() if len(value) + len(name) > _LARGEST]
    if big:
        return (
            f"the environment variable `{max(big, key=lambda name: len(command.environ[name]))}` "
            f"is larger than the system allows: hand the value over in a file (`inputFiles`)"
        )
    if any(len(part) > _LARGEST for part in command.argv):
        return "the command is longer than the system allows: put it into a file (`inputFiles`)"
    return (
        "the command and its environment together are larger than the system allows: "
        "hand over large values in files (`inputFiles`)"
    )
