"""`kestrel executions prune` and `delete`: what is taken away, told."""

import json
import os
import sys
import time
from collections.abc import Iterable

from kestrel_cli.app.delete import delete
from kestrel_cli.app.prune import Removed, Wanted, prune
from kestrel_cli.cli.options import Output
from kestrel_cli.cli.run_options import seconds
from kestrel_cli.errors import UsageError


def pruned(
    place: str | None,
    older_than: str | None,
    keep: int | None,
    *,
    paused: bool,
    dry: bool,
    output: Output,
) -> None:
    """Take executions away, or only tell which. Raises UsageError, CannotStart."""
    if older_than is None and keep is None:
        raise UsageError("`executions prune`: which ones? give `--older-than` or `--keep`")
    if output not in (Output.TEXT, Output.JSON):
        raise UsageError(f"`executions prune -o {output.value}`: use `text` or `json`")
    before = None
    if older_than is not None:
        before = int((time.time() - seconds(older_than, "--older-than")) * 1_000_000)
    _tell(
        prune(Wanted(before, keep or 0, paused), place, os.environ, dry=dry), dry=dry, output=output
    )


def deleted(names: list[str], place: str | None, *, dry: bool, output: Output) -> None:
    """Take these executions away, or only tell of them. Raises NothingMatched, UsageError,
    CannotStart.
    """
    if not names:
        raise UsageError("`executions delete`: which ones? give their ids")
    if output not in (Output.TEXT, Output.JSON):
        raise UsageError(f"`executions delete -o {output.value}`: use `text` or `json`")
    _tell(delete(names, place, os.environ, dry=dry), dry=dry, output=output)


def _tell(removed: Iterable[Removed], *, dry: bool, output: Output) -> None:
    found = []
    for one in removed:
        found.append(one)
        if output is Output.TEXT:
            sys.stdout.write(f"{_line(one, dry=dry)}\n")
    if output is Output.JSON:
        listed = [_shape(one) for one in found]
        sys.stdout.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(f"{_total(found, dry=dry)}\n")


def _line(one: Removed, *, dry: bool) -> str:
    told = one.summary
    doing = "would remove" if dry else "removed"
    name = f"{told.namespace}.{told.flow_id}"
    return f"{doing} {told.id}  {name}  {told.state}  {one.size:,} bytes"


def _total(found: list[Removed], *, dry: bool) -> str:
    count = len(found)
    what = f"{count} execution{'' if count == 1 else 's'}"
    size = sum(one.size for one in found)
    return f"{'would remove ' if dry else ''}{what}{'' if dry else ' removed'}: {size:,} bytes"


def _shape(one: Removed) -> dict[str, object]:
    told = one.summary
    return {
        "id": told.id,
        "namespace": told.namespace,
        "flowId": told.flow_id,
        "state": told.state,
        "bytes": one.size,
    }
