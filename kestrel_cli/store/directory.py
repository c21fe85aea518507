"""Where state lives on this machine: `$XDG_STATE_HOME/kestrel`, or what the user says."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


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
