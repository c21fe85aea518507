"""`kestrel init`: a directory to begin with."""

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from kestrel_cli.app.beginning.begin import Done, Wish, begin, next_steps
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.errors import UsageError
from kestrel_cli.reporters.clean import one_line

_ID: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}")
_NAMESPACE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,149}")


class Ci(StrEnum):
    """A CI system that gets a file."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


def init(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where; it is made when it is not there.")
    ] = ".",
    ci: Annotated[
        Ci | None,
        typer.Option(help="Whose file for CI. [default: by the repository's files and remote]"),
    ] = None,
    name: Annotated[str, typer.Option(metavar="ID", help="The id of the flow.")] = "hello",
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", metavar="NAME", help="The namespace of the flow.")
    ] = "company.team",
) -> None:
    """Write what a project begins with: a flow, a unit test of it, a secrets file that git ignores,
    settings, and a file for CI. A file that is there already is left as it is.

    \b
    Examples:
      kestrel init
      kestrel init reports --ci github
      kestrel init . --name nightly -n acme.sales
    """
    with exit_codes():
        if not _ID.fullmatch(name):
            raise UsageError(f"`--name {name}`: an id has letters, digits, `_` and `-`")
        if not _NAMESPACE.fullmatch(namespace):
            raise UsageError(f"`--namespace {namespace}`: write it as `company.team`")
        wish = Wish(Path(folder), name, namespace, None if ci is None else ci.value)
        found = []
        for done in begin(wish):
            found.append(done)
            sys.stdout.write(f"{_line(done)}\n")
        if ci is None and not any(one.for_ci for one in found):
            sys.stdout.write("no file for CI: `--ci github` or `--ci gitlab` writes one\n")
        steps = "".join(f"  {one_line(step)}\n" for step in next_steps(wish))
        sys.stdout.write(f"\nNow type\n{steps}")


def _line(done: Done) -> str:
    path = done.path
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{done.how:<5}  {one_line(str(shown))}: {done.about}"
