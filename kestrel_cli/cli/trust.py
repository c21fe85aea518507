"""`kestrel trust`: whose settings may decide what runs."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.errors import CannotStart, NothingMatched, UsageError
from kestrel_cli.store import trust as store
from kestrel_cli.store.config import project_file


def trust(
    folder: Annotated[
        str | None, typer.Argument(metavar="DIR", help="The directory. [default: this one]")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the directories that are trusted.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Trust the directory no longer.")
    ] = False,
) -> None:
    """Accept that the settings of a directory change what runs.

    A run warns when `kestrel.toml` or `[tool.kestrel]` of pyproject.toml changes what runs
    (`plugin-defaults`, `state-dir`, `containers` and others) and lies neither beside nor above the
    flow file. It does not warn of directories that are trusted here, nor with `--trust`;
    `--no-project-config` ignores such a file.

    \b
    Examples:
      kestrel trust ~/work/shop
      kestrel trust --list
      kestrel trust --remove ~/work/shop
    """
    with exit_codes():
        if listed:
            if folder is not None or remove:
                raise UsageError("`trust --list` takes nothing else")
            sys.stdout.write("".join(f"{one}\n" for one in store.trusted(os.environ)))
            return
        given = Path(folder or ".")
        if remove:
            _remove(given)
            return
        if not given.is_dir():
            raise CannotStart(f"`trust {given}`: no such directory")
        found = project_file(given)
        if found is None:
            raise NothingMatched(
                f"{given.resolve()} has no settings: no kestrel.toml, and no [tool.kestrel] in "
                "pyproject.toml, there or above"
            )
        store.trust(found.parent, os.environ)
        sys.stdout.write(f"trusted: {found.parent.resolve()}\n")


def _remove(given: Path) -> None:
    found = project_file(given)
    places = [given, *([found.parent] if found is not None else [])]
    for one in places:
        if store.distrust(one, os.environ):
            sys.stdout.write(f"no longer trusted: {one.resolve()}\n")
            return
    raise NothingMatched(f"{given.resolve()} is not trusted")
