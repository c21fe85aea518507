"""From a list of commands to what is started: one text for one interpreter."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Final

from kestrel_cli.tasks.base import record

# Interpreters that read a file of commands with `.`; the last argument before the commands is -c.
_SHELLS: Final = frozenset(["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"])


@record
class Invocation:
    """What to start. `hidden` stands before messages of the interpreter and says nothing to the
    user: the name of the file that the commands went through.
    """

    argv: list[str]
    hidden: bytes | None = None


def joined(lines: Sequence[str], target: str) -> str:
    """All commands as one text, with the ends of line of the system that runs them."""
    windows = target == "WINDOWS" or (target == "AUTO" and sys.platform == "win32")
    return ("\r\n" if windows else "\n").join(lines)


def invocation(
    interpreter: Sequence[str], text: str, private: Path, name: str = "commands"
) -> Invocation:
    """How to have the interpreter run the text.

    A shell gets it from a file in the `private` folder that only the user can read: so it may be of
    any length, and what is secret in it does not show in the list of processes. All still runs in
    one shell, whose name (`$0`) is its own.
    """
    interpreter = [_found(interpreter[0]), *interpreter[1:]] if interpreter else []
    if not _reads_files(interpreter):
        return Invocation([*interpreter, text])
    place = private / name
    write_private(place, text)
    path = place.as_posix()
    return Invocation([*interpreter, f". {shlex.quote(path)}"], f"{path}: ".encode())


def write_private(place: Path, text: str) -> None:
    """A new file for the user alone."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
        file.write(text.encode("utf-8", "surrogatepass"))


def _reads_files(interpreter: Sequence[str]) -> bool:
    if len(interpreter) < 2:
        return False
    option = interpreter[-1]
    name = PurePath(interpreter[0]).name.removesuffix(".exe")
    return name in _SHELLS and option.startswith("-") and option.endswith("c")


def _found(program: str) -> str:
    """`/bin/sh` where there is none (Windows): any `sh` on the PATH."""
    if program == "/bin/sh" and sys.platform == "win32":
        import shutil

        return shutil.which("sh") or shutil.which("bash") or program
    return program
