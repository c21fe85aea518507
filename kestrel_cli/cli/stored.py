"""`kestrel executions files`: the files of an execution, listed or copied."""

import json
import os
import sys
from pathlib import Path

from kestrel_cli.app.fetch import chosen, copy_to, stored_of
from kestrel_cli.cli.file_links import link_to
from kestrel_cli.cli.options import Output
from kestrel_cli.errors import UsageError
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.hyperlinks import linked


def show_files(
    execution: str,
    name: str | None,
    place: str | None,
    to: str,
    *,
    force: bool,
    output: Output,
    links: bool,
) -> None:
    """List what an execution has stored, or copy what has this name and tell where it is now; names
    are `links` to the files. Raises NothingMatched, UsageError, StoreError.
    """
    if output not in (Output.TEXT, Output.JSON):
        raise UsageError(f"`executions files -o {output.value}`: use `text` or `json`")
    files = stored_of(execution, place, os.environ)
    if name is not None:
        for copied in copy_to(chosen(files, name), Path(to), force=force):
            sys.stdout.write(f"{_linked(str(copied), copied, links)}\n")
    elif output is Output.JSON:
        listed = [{"name": one.name, "bytes": one.size, "path": str(one.path)} for one in files]
        sys.stdout.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    else:
        width = max((len(f"{one.size:,}") for one in files), default=0)
        for one in files:
            sys.stdout.write(f"{one.size:>{width},}  {_linked(one.name, one.path, links)}\n")


def _linked(name: str, path: Path, links: bool) -> str:
    return linked(one_line(name), link_to(path) if links else None)
