"""The journal of one execution: every event and log line, appended before anybody is shown it.

One JSON array a line. The first line tells what was run; after it, each line begins with the letter
of its kind. A torn last line (the process was killed in the middle of a write) is left out when the
journal is read.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    KillRequested,
    LogLine,
    Refused,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Metric

FORMAT: Final = 1
_FLUSH_AT: Final = 64
Shown = Callable[[Any], Any]


def _whole(value: Any) -> Any:
    """Nothing is hidden."""
    return value


def _encoder() -> Callable[[Any], str]:
    """JSON text of a value. The C encoder is made once: `JSONEncoder.encode` makes a new one for
    every
    call.
    """
    slow = json.JSONEncoder(separators=(",", ":"), default=str)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return slow.encode
    quote = json.encoder.encode_basestring_ascii
    fast = make(None, str, quote, None, ":", ",", False, False, True)
    return lambda value: "".join(fast(value, 0))


_encode: Final = _encoder()


class Journal:
    """Appends to a file.

    `flush` must be called before anything appended is shown, or done to the world.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        """Open a new journal; `replace` allows for an old one there. Raises OSError."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        how = os.O_TRUNC if replace else os.O_EXCL
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | how, 0o600)
        self._lines: list[str] = []

    def begin(self, header: dict[str, Any]) -> None:
        """Write what is being run."""
        self._lines.append(_encode(["J", FORMAT, header]))
        self.flush()

    def append(self, entry: Event | LogLine, shown: Shown = _whole) -> None:
        """Take down an entry, its values as `shown` gives them;
        it reaches the file with the next flush, or soon.
        """
        self._lines.append(line_of(entry, shown))
        if len(self._lines) >= _FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Bring everything appended into the file, in one write. Raises OSError."""
        if self._lines:
            data = ("\n".join(self._lines) + "\n").encode()
            self._lines.clear()
            while data:
                data = data[os.write(self._file, data) :]

    def close(self) -> None:
        """Flush and close. Raises OSError."""
        try:
            self.flush()
        finally:
            os.close(self._file)


def line_of(entry: Event | LogLine, shown: Shown = _whole) -> str:
    """The journal line of an entry, its values as `shown` gives them."""
    match entry:
        case AttemptStarted():
            return f'["S",{entry.run},{entry.at}]'
        case LogLine():
            return _encode(["L", entry.run, entry.at, entry.level, entry.message, entry.attempt])
        case AttemptEnded():
            metrics = [[m.kind, m.name, m.value, m.tags] for m in entry.metrics]
            outputs = shown(entry.outputs)
            return _encode(
                ["E", entry.run, entry.at, entry.state, outputs, metrics, entry.error, entry.draw]
            )
        case _:
            return _encode(_rare(entry, shown))


def _rare(entry: Event, shown: Shown) -> list[Any]:
    match entry:
        case Expanded():
            lanes = [[n.block, n.next, n.stop, shown(n.value), n.iteration] for n in entry.lanes]
            return ["X", entry.run, entry.at, lanes, entry.limit, shown(entry.outputs)]
        case Skipped():
            return ["K", entry.run, entry.at]
        case Refused():
            outputs = shown(entry.outputs)
            return ["R", entry.run, entry.at, entry.error, entry.attempted, outputs]
        case TimerFired():
            return ["T", entry.run, entry.at]
        case Begun():
            return ["B", entry.at]
        case KillRequested():
            return ["Q", entry.at]
        case Concluded():
            return ["C", entry.at, shown(entry.outputs), entry.error]
        case _:
            raise TypeError(f"{type(entry).__name__} has its own line")


_READ: Final = {
    "S": AttemptStarted,
    "K": Skipped,
    "R": Refused,
    "T": TimerFired,
    "B": Begun,
    "Q": KillRequested,
}


def entry_of(line: str) -> Event | LogLine:
    """The entry of a journal line. Raises ValueError for anything else."""
    try:
        return _entry(*json.loads(line))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not a journal entry: {line[:100]}") from error


def _entry(kind: str, *values: Any) -> Event | LogLine:
    match kind:
        case "E":
            run, at, state, outputs, metrics, error, draw = values
            measured = [Metric(*metric) for metric in metrics] or ()
            return AttemptEnded(run, at, State(state), outputs, measured, error, draw)
        case "L":
            return LogLine(*values)
        case "X":
            run, at, lanes, limit, outputs = values
            return Expanded(run, at, [Lane(*lane) for lane in lanes], limit, outputs)
        case "C":
            return Concluded(*values)
        case _ if kind in _READ:
            entry: Event = _READ[kind](*values)
            return entry
        case _:
            raise ValueError(f"unknown journal entry {kind!r}")


def read(path: Path) -> tuple[dict[str, Any], Iterator[Event | LogLine]]:
    """A journal's header and its whole entries. Raises OSError, ValueError."""
    lines = path.read_bytes().split(b"\n")[:-1]  # what follows the last line break is torn
    if not lines:
        raise ValueError(f"{path}: the journal is empty")
    try:
        kind, version, header = json.loads(lines[0])
    except (ValueError, TypeError, RecursionError):
        kind, version, header = None, None, {}
    if kind != "J" or version != FORMAT:
        raise ValueError(f"{path}: not a journal of format {FORMAT}")
    return header, (entry_of(line.decode()) for line in lines[1:])
