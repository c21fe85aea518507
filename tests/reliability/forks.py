"""Commands run by the program `zygote.py`: quick to start, and killed when the test says so."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.cli import ROOT

PROGRAM = Path(__file__).with_name("zygote.py")
KILLED = -9


class Zygote:
    """The program, ready to fork."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, folder: Path, *arguments: str, **how: Any) -> int:
        """Run a command line in a folder; its exit code, or minus the signal that ended it."""
        order = {"folder": str(folder), "arguments": arguments, **how}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def started() -> Iterator[Zygote]:
    """The program, as long as it is needed."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        try:
            yield Zygote(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)
