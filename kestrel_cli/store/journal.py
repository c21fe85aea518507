"""The journal of a run: every event and log line of its executions, appended before anybody is
shown it.

One JSON array a line; each line begins with the letter of its kind. The first line tells the
format. `F` holds the text of a flow file, `N` begins an execution, `@` says whose the lines after
it are, `Z` closes the journal for now. A torn last line (the process was killed in the middle of a
write) is left out when the journal is read. The lines of events are in `journal_lines.py`.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.record import fresh, record
from kestrel_cli.store.journal_lines import Shown, encode, entry_of, line_of, whole
from kestrel_cli.store.locks import hold

FORMAT: Final = 2
_FLUSH_AT: Final = 64
_TRIES: Final = 5  # to lock it


@record
class FlowText:
    """The text of a flow file, as the run had it; executions name it by its number."""

    number: int
    file: str
    text: str
    defaults: list[dict[str, Any]] = fresh(factory=list)  # of the settings then


@record
class Birth:
    """An execution begins; `about` is what it was created with."""

    number: int
    about: dict[str, Any]


@record
class Closed:
    """The run is over for now: what a list of runs tells of it without reading on."""

    at: int
    state: str
    runs: int


class Journal:
    """Appends to a file, for one process at a time.

    `flush` must be called before anything appended is shown, or done to the world.
    """

    def __init__(
        self, path: Path, *, replace: bool = False, go_on: bool = False, durable: bool = False
    ) -> None:
        """Open a new journal; `replace` allows for an old one there, `go_on` continues it.

        With `durable` every flush reaches the disk. Raises OSError; BlockingIOError when another
        process writes to it.
        """
        self.path = path
        self._durable = durable
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        how = 0 if go_on else os.O_CREAT if replace else os.O_CREAT | os.O_EXCL
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | how, 0o600)
        hold(self._file, _TRIES)
        self._closed = False
        self._lines = ['["@",0]' if go_on else encode(["J", FORMAT])]
        self._of = 0  # whose lines these are
        try:
            if go_on:
                os.ftruncate(self._file, whole_length(path))
            elif replace:
                os.ftruncate(self._file, 0)
            if durable:
                _sync_folder(path.parent)
        except OSError:
            os.close(self._file)
            raise

    def flow(self, flow: FlowText) -> None:
        """Keep the text of a flow file."""
        more = [flow.defaults] if flow.defaults else []
        self._lines.append(encode(["F", flow.number, flow.file, flow.text, *more]))

    def birth(self, birth: Birth) -> None:
        """Begin an execution; what follows belongs to it."""
        self._lines.append(encode(["N", birth.number, birth.about]))
        self._of = birth.number

    def append(self, number: int, entry: Event | LogLine, shown: Shown = whole) -> None:
        """Take down an entry of an execution, its values as `shown` gives them; it reaches the
        file with the next flush, or soon.
        """
        if number != self._of:
            self._of = number
            self._lines.append(f'["@",{number}]')
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
            if self._durable:
                os.fsync(self._file)

    def close(self, closed: Closed | None = None) -> None:
        """Flush and close; a second time does nothing. Raises OSError."""
        try:
            if closed is not None:
                self._lines.append(encode(["Z", closed.at, closed.state, closed.runs]))
            self.flush()
        finally:
            if not self._closed:  # else its number may be another file's
                self._closed = True
                os.close(self._file)


def _sync_folder(folder: Path) -> None:
    """The name of the new file reaches the disk, too."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def whole_length(path: Path) -> int:
    """Where the last whole line of a journal ends. Raises OSError."""
    data = path.read_bytes()
    return data.rfind(b"\n") + 1


Line = FlowText | Birth | Closed | Event | LogLine


def read(path: Path) -> Iterator[tuple[int, int, Line]]:
    """The whole lines of a journal: line number, number of the execution, what it says.

    Raises OSError; ValueError for a journal of another format or with a damaged line.
    """
    lines = path.read_bytes().split(b"\n")[:-1]  # what follows the last line break is torn
    if not lines:
        raise ValueError(f"{path}: the journal is empty")
    if _format(lines[0]) != FORMAT:
        raise ValueError(f"{path}: not a journal of format {FORMAT}")
    return _read(path, lines)


def _format(line: bytes) -> object:
    try:
        kind, version, *_ = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    return version if kind == "J" else None


def _read(path: Path, lines: list[bytes]) -> Iterator[tuple[int, int, Line]]:
    of = 0
    for number, line in enumerate(lines[1:], start=2):
        try:
            if line.startswith((b'["@"', b'["N"', b'["F"', b'["Z"')):
                kind, *values = json.loads(line)
                if kind == "@":
                    of = int(values[0])
                    continue
                entry = _MADE[kind](*values)
                if isinstance(entry, Birth):
                    of = entry.number
                yield number, of, entry
            else:
                yield number, of, entry_of(line.decode())
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise ValueError(f"{path}: the journal is damaged at line {number}: {error}") from None


_MADE: Final[dict[str, Callable[..., Line]]] = {"F": FlowText, "N": Birth, "Z": Closed}


def ending(path: Path) -> Closed | None:
    """How a journal that is not written to was closed; None when its process died. Raises OSError.

    Only the end of the file is read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 4096, 0))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    if not last.startswith(b'["Z"'):
        return None
    try:
        return Closed(*json.loads(last)[1:])
    except (ValueError, TypeError):
        return None


def opening(path: Path) -> Birth | None:
    """What the first execution of a journal was created with. Raises OSError."""
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b'["N"'):
                try:
                    return Birth(*json.loads(line)[1:])
                except (ValueError, TypeError):
                    return None
    return None
