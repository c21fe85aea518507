"""`kestrel version`: what this program is made of."""

import json
import platform
import sys
from typing import Annotated

import typer

from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.errors import UsageError
from kestrel_cli.version import __version__


def version(
    output: Annotated[str, typer.Option("--output", "-o", help="`text` or `json`.")] = "text",
) -> None:
    """Show the version, as text or JSON.

    \b
    Examples:
      kestrel version
      kestrel version -o json
    """
    with exit_codes():
        if output not in ("text", "json"):
            raise UsageError(f"`--output {output}`: use `text` or `json`")
        if output == "text":
            sys.stdout.write(f"kestrel {__version__}\n")
            return
        from importlib.metadata import version as version_of

        libraries = ("typer", "rich", "ruamel.yaml", "jinja2", "pydantic")
        facts = {
            "version": __version__,
            "python": platform.python_version(),
            "kestra": ["1.3", "2.0"],
            "libraries": {name: version_of(name) for name in libraries},
        }
        sys.stdout.write(json.dumps(facts, indent=2) + "\n")
