"""Long text at a terminal: page by page, in the user's own pager, else in `less`.

    KESTREL_PAGER, PAGER    the command; empty or `cat`: no pager
    NO_PAGER                set to anything but no: no pager

A text that fits on the screen stays on it, as git has it: that is for `less` to see, with `-FRX`.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO, cast

from kestrel_cli.reporters.console import look_at, said_yes, style_for

if TYPE_CHECKING:
    from subprocess import Popen

_USUAL: Final = "less"
_NONE: Final = ("", "cat")


def command(environ: Mapping[str, str]) -> str | None:
    """The pager that the user wants; None for none."""
    if said_yes(environ, "NO_PAGER"):
        return None
    for name in ("KESTREL_PAGER", "PAGER"):
        if name in environ:
            wanted = environ[name].strip()
            return None if wanted in _NONE else wanted
    import shutil

    return _USUAL if shutil.which(_USUAL, path=environ.get("PATH")) else None


def show(text: str, *, never: bool = False) -> None:
    """Write text to stdout, page by page where a person sits at a terminal."""
    with paged(never=never) as out:
        out.write(text)


@contextmanager
def paged(*, never: bool = False) -> Iterator[TextIO]:
    """Where to write a long page: a pager that shows it on stdout, or stdout itself in a pipe, in
    CI, on a dumb terminal and where nobody wants a pager. The user may leave it before all is read.
    """
    person = style_for(os.environ, look_at(sys.stdout)).person
    wanted = command(os.environ) if person and not never else None
    if wanted is None:
        yield sys.stdout
        return
    pager = _Pager(wanted)
    try:
        yield cast("TextIO", pager)
    except BrokenPipeError:
        if not pager.begun:  # it was another pipe
            raise
    finally:
        pager.close()


class _Pager:
    """Starts with the first text, so that a mistake found before is told on the terminal."""

    encoding = "utf-8"

    def __init__(self, wanted: str) -> None:
        self._command = wanted
        self._process: Popen[str] | None = None
        self.begun = False

    def write(self, text: str) -> int:
        stream = self._stream()
        return stream.write(text)

    def flush(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.flush()

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        """Wait until the user has read it. Ctrl-C is for the pager, which means something by it."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        while True:
            try:
                self._process.wait()
            except KeyboardInterrupt:
                continue
            return

    def _stream(self) -> TextIO:
        if self._process is None:
            import subprocess

            sys.stdout.flush()
            self._process = subprocess.Popen(  # as git and man do, it is a line for the shell
                self._command,
                shell=True,
                stdin=subprocess.PIPE,
                encoding="utf-8",
                errors="backslashreplace",
                env={"LESS": "FRX", **os.environ},
            )
            self.begun = True
        stream = self._process.stdin
        assert stream is not None  # it is a pipe
        return cast("TextIO", stream)
