"""The log of an attempt as a file in internal storage (`logToFile`): while that can be written, the
lines are nowhere else; the attempt shows its address.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.task import LogLevel

if TYPE_CHECKING:
    from kestrel_cli.model.reach import Files, NewFile

_CANNOT = (TaskFailed, RenderError, OSError)


class LogFile:
    """Made with the first line, whole when it is closed. One that can't be written is given up,
    with a warning.
    """

    def __init__(
        self, files: "Callable[[], Files]", name: str, warn: Callable[[str], None]
    ) -> None:
        self._files = files
        self._name = name
        self._warn = warn
        self._open = ExitStack()
        self._file: NewFile | None = None
        self._given_up = False

    def write(self, at: int, level: LogLevel, message: str) -> bool:
        """Add a line; false when that can't be done."""
        if self._given_up:
            return False
        line = f"{iso_instant(at)} {level} {message}\n"
        try:
            if self._file is None:
                self._file = self._open.enter_context(self._files().create(self._name))
            self._file.stream.write(line.encode("utf-8", "backslashreplace"))
        except _CANNOT as error:
            with suppress(*_CANNOT):
                self._open.__exit__(type(error), error, None)
            self._give_up(error)
        return not self._given_up

    def close(self) -> str | None:
        """Its address; None when there is no file."""
        if self._file is None or self._given_up:
            return None
        try:
            self._open.close()
        except _CANNOT as error:
            self._give_up(error)
            return None
        return self._file.uri

    def _give_up(self, error: Exception) -> None:
        self._given_up = True
        self._warn(f"the log can't be kept as a file: {error}")
