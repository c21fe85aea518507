"""Files of differences: one row of Ion for each file that is other than it was."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from kestrel_cli.tasks.base import RunContext, ion
from kestrel_cli.tasks.git.program import Git

_HUNK: Final = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@", re.MULTILINE)
_FILE: Final = re.compile(r"^diff --git ", re.MULTILINE)
_DIFF: Final = ("diff", "--cached", "--no-renames", "--no-color", "--no-ext-diff")


def stored_rows(ctx: RunContext, rows: Iterable[Mapping[str, str]]) -> str:
    """The address of a new file of rows."""
    with ctx.files.create(".ion") as file:
        for row in rows:
            file.stream.write(ion.write(dict(row)).encode("utf-8", "replace") + b"\n")
    return file.uri


def added_rows(git: Git, folder: Path) -> list[dict[str, str]]:
    """What was added to the next commit: for each file how many lines are new, gone and changed."""
    names = (git.answer(folder, *_DIFF, "--name-only", "-z") or "").split("\0")
    texts = _FILE.split(git.answer(folder, *_DIFF, "--unified=0") or "")[1:]
    rows = [_row(name, text) for name, text in zip(filter(None, names), texts, strict=False)]
    return sorted(rows, key=lambda row: row["file"])


def _row(name: str, text: str) -> dict[str, str]:
    new = gone = changed = 0
    for hunk in _HUNK.finditer(text):
        before, after = (1 if count is None else int(count) for count in hunk.groups())
        new += max(after - before, 0)
        gone += max(before - after, 0)
        changed += after if after == before else 0
    return {"file": name, "additions": f"+{new}", "deletions": f"-{gone}", "changes": str(changed)}
