"""Which cases failed last, for `--lf`: a file for each working directory in the state directory."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from kestrel_cli.model.test_results import SuiteResult, TestState
from kestrel_cli.store.directory import make_private, state_directory

_BAD: Final = (TestState.FAILED, TestState.ERROR)
Key = tuple[str, str]
"""The file of a suite, absolute, and the id of a case."""


def last_failed(state_dir: str | None, environ: Mapping[str, str]) -> set[Key]:
    """The cases that failed when they last ran here; none when nothing is known."""
    try:
        listed = json.loads(_file(state_dir, environ).read_text(encoding="utf-8"))
        return {(str(file), str(case)) for file, case in listed}
    except (OSError, ValueError, TypeError):
        return set()


def keep_failed(
    results: Iterable[SuiteResult], state_dir: str | None, environ: Mapping[str, str]
) -> None:
    """Remember what failed; cases that did not run now stay as they were. Where nothing can be
    written nothing is remembered.
    """
    known = last_failed(state_dir, environ)
    for suite in results:
        for case in suite.cases:
            key = key_of(suite.file, case.case.id)
            (known.add if case.state in _BAD else known.discard)(key)
    with suppress(OSError):
        file = _file(state_dir, environ)
        make_private(file.parent)
        file.write_text(json.dumps(sorted(known)), encoding="utf-8")


def key_of(file: str, case: str) -> Key:
    """How a case is known."""
    return str(Path(file).absolute()), case


def _file(state_dir: str | None, environ: Mapping[str, str]) -> Path:
    here = hashlib.sha256(str(Path.cwd()).encode()).hexdigest()[:16]
    return state_directory(state_dir, environ) / "tests" / f"{here}.json"
