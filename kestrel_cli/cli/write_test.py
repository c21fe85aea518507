"""`kestrel run --write-test FILE`: a suite of what has just run."""

import shlex
from pathlib import Path

from kestrel_cli.app.fetch import storage_root
from kestrel_cli.app.request import Part, RunRequest, RunResult
from kestrel_cli.app.testing.writing.from_run import suite_from
from kestrel_cli.cli.guard import note, warn
from kestrel_cli.errors import UsageError
from kestrel_cli.model.masker import hidden
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.store.storage import Storage


def refuse_test_file(request: RunRequest, path: str) -> None:
    """Raise UsageError, before anything runs, when no suite can be written there."""
    if Path(path).exists():
        raise UsageError(f"`--write-test {path}`: this is there already, and is left as it is")
    if request.part != Part():
        raise UsageError(f"`--write-test {path}`: a test runs the whole flow, not a part of it")


def write_test(request: RunRequest, path: str, result: RunResult, *, quiet: bool) -> bool:
    """Write the suite; false when there is none."""
    if result.execution.state not in TERMINAL:
        warn(f"`--write-test {path}`: the execution is not at its end, so no test was written")
        return False
    storage = Storage(storage_root(request.state_dir, request.environ))
    text = suite_from(result.execution, request, storage, request.compat, None)
    try:
        with open(path, "x", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(hidden(text))
    except OSError as error:
        warn(f"`--write-test {path}`: {error.strerror or error}")
        return False
    if not quiet:
        note(f"{path} is a test of this run: `kestrel test {shlex.quote(path)}`")
    return True
