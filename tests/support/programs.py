"""Programs that play others: what they are asked is written down; and real ones where they are."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.reach import ReachingContext

_PLAYED = r"""#!PYTHON -S
import json, os, sys
with open("ASKED", "a") as file:
    environ = dict(os.environ)
    file.write(json.dumps({"args": sys.argv[1:], "env": environ, "cwd": os.getcwd()}) + "\n")
BODY
"""


class Played:
    """A program on the PATH of a context that writes down every call. `body` is Python: what it
    does then.
    """

    def __init__(self, folder: Path, name: str, body: str = "") -> None:
        self.folder = folder
        self._asked = folder / f"{name}.asked"
        folder.mkdir(exist_ok=True)
        text = _PLAYED.replace("PYTHON", sys.executable).replace("ASKED", str(self._asked))
        place = folder / name
        place.write_text(text.replace("BODY", body))
        place.chmod(0o755)

    @property
    def calls(self) -> list[dict[str, object]]:
        """All calls, oldest first: `args`, `env`, `cwd`."""
        if not self._asked.exists():
            return []
        return [json.loads(line) for line in self._asked.read_text().splitlines()]

    @property
    def args(self) -> list[list[str]]:
        """The arguments of all calls."""
        return [call["args"] for call in self.calls]  # type: ignore[misc]


def context_with(tmp_path: Path, *folders: Path, **environ: str) -> ReachingContext:
    """An attempt that finds programs in these folders first."""
    path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
    around = {**os.environ, "PATH": path, "HOME": str(tmp_path), **environ}
    return ReachingContext(tmp_path, environ=around)


def folder_of(program: str) -> Path:
    """Where a real program is; the test is skipped where it is not installed."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    found = shutil.which(program, path=beside)
    if found is None:
        pytest.skip(f"`{program}` is not installed: `pip install -e '.[programs]'`")
    return Path(found).parent
