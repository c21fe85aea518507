"""The program run from outside: in this process (quick) or as one of its own (the real thing)."""

import gc
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "kestrel_cli")


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


def environment(folder: Path, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment, with state in `folder`; a change to None takes a name away."""
    environ = {**os.environ, "XDG_STATE_HOME": str(folder / ".state")}
    for name, value in (changes or {}).items():
        environ.pop(name, None)
        if value is not None:
            environ[name] = value
    return environ


def run_here(
    arguments: Sequence[str],
    folder: Path,
    env: Mapping[str, str | None] | None = None,
    stdin: str = "",
    *,
    together: bool = False,
) -> Result:
    """Run a command line in this process, in `folder`, with streams of its own.

    `together`: what goes to stderr is in `out`, where a terminal would show it.
    """
    from kestrel_cli.cli.main import run_command_line

    out, err, source = _stream(), _stream(), _stream(stdin)
    if together:
        err = out
    with (
        chdir(folder),
        mock.patch.dict(os.environ, environment(folder, env), clear=True),
        mock.patch.multiple(sys, stdout=out, stderr=err, stdin=source),
    ):
        try:
            code = run_command_line(list(arguments))
        finally:  # the program tunes the collector for its own life
            gc.unfreeze()
    return Result(code, _text(out), "" if together else _text(err))


def run_process(
    arguments: Sequence[str],
    folder: Path,
    env: Mapping[str, str | None] | None = None,
    stdin: str = "",
) -> Result:
    """Run `python -m kestrel_cli` in `folder`."""
    ended = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=process_environment(folder, env),
        input=stdin.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Result(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def process_environment(
    folder: Path, env: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """`environment` for a process: it finds the package from any directory."""
    return environment(folder, {"PYTHONPATH": str(ROOT), **(env or {})})


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="\n")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
