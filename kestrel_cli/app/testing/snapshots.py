"""Snapshots: what the execution of each case came to, kept beside its suite and compared.

    tests/orders.test.yaml
    tests/__snapshots__/orders.test.yaml/few.json       the case `few`

A case has a file of its own, so that a review shows which ones have changed, and processes that run
cases of one suite do not write the same file.
"""

import difflib
import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import quote

from kestrel_cli.app.testing.collect import Collected
from kestrel_cli.errors import StoreError
from kestrel_cli.model.record import frozen
from kestrel_cli.model.suite import Assertion, TestCase
from kestrel_cli.model.test_results import AssertionResult, CaseResult, TestState
from kestrel_cli.reporters.testing.normalised import normalised
from kestrel_cli.reporters.wording import counted

FOLDER: Final = "__snapshots__"
_ROWS: Final = 40  # of a diff
_COMPARED: Final = 4000  # rows on each side
_LONGEST: Final = 100  # characters of the name of a file


@frozen
class Snapshots:
    """How snapshots are treated. `update`: what has come out takes the place of what was kept;
    `strict`: one that is missing is a failure.
    """

    update: bool = False
    strict: bool = False

    def judge(self, one: Collected, result: CaseResult) -> None:
        """Compare the case's execution with its snapshot; a difference is an assertion that does
        not hold. Of a case that fails nothing is kept. Raises StoreError.
        """
        execution, case = result.execution, result.case
        if execution is None or result.state not in (TestState.SUCCESS, TestState.FAILED):
            return
        text = normalised(execution, (one.flow.text, _said(case)))
        path = file_of(one.path, case.id)
        kept = _read(path)
        if kept == text:
            result.snapshot = "same"
        elif self.update or (kept is None and not self.strict):
            if result.state is not TestState.SUCCESS:
                result.snapshot = "not kept"
                return
            _write(path, text)
            result.snapshot = "written" if kept is None else "updated"
        else:
            result.snapshot = "missing" if kept is None else "differs"
            result.results.append(_difference(case, path, kept, text))
            result.state = TestState.FAILED


def file_of(suite: str, case: str) -> Path:
    """Where the snapshot of a case is kept."""
    name = quote(case, safe=" ")
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{sha256(case.encode()).hexdigest()[:8]}"
    return _folder_of(suite) / f"{name}.json"


def _folder_of(suite: str) -> Path:
    path = Path(suite)
    return path.parent / FOLDER / path.name


def _is_elsewhere(folder: Path) -> bool:
    """Whether a link leads away from the suite: what lies there is no snapshot of ours."""
    return folder.is_symlink() or folder.parent.is_symlink()


def obsolete(suites: Sequence[Collected]) -> list[Path]:
    """Snapshots beside these suites that are of no case, or of no suite."""
    found: list[Path] = []
    for one in suites:
        if _is_elsewhere(_folder_of(one.path)):
            continue
        known = {file_of(one.path, case.id) for case in one.suite.testCases}
        found += sorted(set(_folder_of(one.path).glob("*.json")) - known)
    for folder in {_folder_of(one.path).parent for one in suites}:
        if folder.is_symlink():
            continue
        gone = [one for one in folder.glob("*/") if not (folder.parent / one.name).exists()]
        gone = [one for one in gone if not one.is_symlink()]
        found += sorted(path for one in gone for path in one.glob("*.json"))
    return found


def removed(paths: Sequence[Path]) -> None:
    """Remove them, and folders that are empty then."""
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        for one in (folder, folder.parent):
            if one.is_dir() and not any(one.iterdir()):
                one.rmdir()


def _said(case: TestCase) -> str:
    fixtures = case.fixtures
    if fixtures is None:
        return ""
    tasks = [(one.value, one.outputs) for one in fixtures.tasks]
    trigger = fixtures.trigger.variables if fixtures.trigger is not None else None
    return repr([fixtures.inputs, fixtures.files, tasks, trigger])


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"the snapshot `{path}` can't be read: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    if _is_elsewhere(path.parent):
        raise StoreError(f"the snapshot `{path}` can't be written: its folder is a link")
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, "utf-8", "backslashreplace")
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"the snapshot `{path}` can't be written: {error.strerror}") from None


# -- what differs


def _difference(case: TestCase, path: Path, kept: str | None, text: str) -> AssertionResult:
    """As an assertion in Kestra's shape: `equalTo` the snapshot, the diff in its message."""
    shown = f"the snapshot {path}"
    value = "{{ execution }}"
    said = {"value": value, "equalTo": shown}
    assertion = Assertion(
        value=value,
        equalTo=shown,
        where=case.where,
        source=f"- id: {case.id}",
        texts=said,
        written=said,
    )
    if kept is None:
        message = f"there is no snapshot {path}\n`kestrel test --snapshot --update` writes it"
        actual = "nothing to compare with"
    else:
        rows = list(_diff(kept.splitlines(), text.splitlines()))
        less, more = (sum(row.startswith(sign) for row in rows) for sign in "-+")
        actual = f"{counted(less, 'row')} less, {counted(more, 'row')} more"
        told = "\n".join(_first(rows))
        message = f"what came out is not {shown}:\n{told}"
        message += "\n`kestrel test --snapshot --update` keeps what came out"
    return AssertionResult(
        "equalTo", shown, actual, False, None, None, message, assertion, whole=True
    )


def _diff(kept: list[str], now: list[str]) -> Iterator[str]:
    """The rows of a unified diff, without its head."""
    rows = difflib.unified_diff(kept[:_COMPARED], now[:_COMPARED], lineterm="", n=2)
    yield from islice(rows, 2, None)
    if kept[:_COMPARED] == now[:_COMPARED]:
        yield f"@@ beyond row {_COMPARED} @@"


def _first(rows: list[str]) -> Iterator[str]:
    yield from rows[:_ROWS]
    if len(rows) > _ROWS:
        yield f"... and {counted(len(rows) - _ROWS, 'row')} more"
