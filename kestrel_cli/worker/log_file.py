"""The log of an attempt as a file in internal storage (`logToFile`, spec/engine.md 4)."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.task import LogLevel

if TYPE_CHECKING:
    from kestrel_cli.model.reach import Files, NewFile


class LogFile:
    """Made with the first line, whole when it is closed."""

    def __init__(self, files: "Callable[[], Files]", name: str) -> None:
        self._files = files
        self._name = name
        self._open = ExitStack()
        self._file: NewFile | None = None

    def write(self, at: int, level: LogLevel, message: str) -> None:
        """Add a line. Raises TaskFailed when the file can't be written."""
        if self._file is None:
            self._file = self._open.enter_context(self._files().create(self._name))
        line = f"{iso_instant(at)} {level} {message}\n"
        self._file.stream.write(line.encode("utf-8", "backslashreplace"))

    def close(self) -> str | None:
        """Its address; None when nothing was logged."""
        if self._file is None:
            return None
        self._open.close()
        return self._file.uri
