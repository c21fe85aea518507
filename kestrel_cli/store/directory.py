"""Where state lives on this machine: `$XDG_STATE_HOME/kestrel`, or what the user says. Nobody else
looks into it: every directory is made for the user alone.
"""

import os
import sys
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Final

_OWN: Final = 0o700


def state_directory(asked: str | None, environ: Mapping[str, str]) -> Path:
    """The directory for journals. Raises OSError when there is no home to put one in."""
    if asked:
        return Path(asked).expanduser()
    if base := environ.get("XDG_STATE_HOME"):
        return Path(base) / "kestrel"
    if sys.platform == "win32" and (base := environ.get("LOCALAPPDATA")):
        return Path(base) / "kestrel"
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111  Path.home() raises RuntimeError
    if not home or home == "~":
        raise OSError("no home directory")
    return Path(home) / ".local" / "state" / "kestrel"


def journal_path(state: Path, execution_id: str) -> Path:
    """Where the journal of an execution is."""
    return state / "executions" / execution_id / "journal.ndjson"


def make_private(path: Path) -> None:
    """Make a directory and all that are missing above it, for the user alone whatever the umask.
    Those that are there stay as they are. Raises OSError.
    """
    missing = list(takewhile(lambda one: not one.is_dir(), [path, *path.parents]))
    for one in reversed(missing):
        try:
            make_new(one)
        except FileExistsError:  # somebody else was quicker, or it is no directory
            if not one.is_dir():
                raise


def make_new(path: Path) -> None:
    """Make a directory that was not there, for the user alone. Raises OSError."""
    path.mkdir(mode=_OWN)
    if path.stat().st_mode & _OWN != _OWN:  # a umask that takes from the user, too
        path.chmod(_OWN)
