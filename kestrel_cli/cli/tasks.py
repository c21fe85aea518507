"""`kestrel tasks`: which task types there are, and all about one."""

import json
import os
import sys
from typing import Annotated, Any

import typer

from kestrel_cli.app.task_types import describe_type, list_types
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.options import Color, ColorWhen, NoPager, NoPlugins, Width
from kestrel_cli.errors import UsageError
from kestrel_cli.model.task_facts import ForeignFacts
from kestrel_cli.reporters.console import Flags, look_at, never_fails, style_for
from kestrel_cli.reporters.pager import show
from kestrel_cli.reporters.task_pages import (
    foreign_data,
    foreign_lines,
    list_data,
    list_lines,
    page_data,
    page_lines,
)


def tasks(
    type_name: Annotated[
        str | None,
        typer.Argument(
            metavar="TYPE", help="A type, or the end of its name: `ForEach`, `http.Request`."
        ),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="List the known types that do not run here, too.")
    ] = False,
    output: Annotated[str, typer.Option("--output", "-o", help="`text` or `json`.")] = "text",
    _no_plugins: NoPlugins = False,
    color: ColorWhen = None,
    width: Width = None,
    no_pager: NoPager = False,
) -> None:
    """List the task types that run here, or describe one: properties, outputs, an example; of one
    that does not run here what it is, what it outputs, and a mock.

    \b
    Examples:
      kestrel tasks
      kestrel tasks ForEach
      kestrel tasks io.kestra.plugin.core.http.Request -o json
    """
    with exit_codes():
        if output not in ("text", "json"):
            raise UsageError(f"`--output {output}`: use `text` or `json`")
        if all_ and type_name is not None:
            raise UsageError("`--all` is for the list: leave out the type")
        never_fails(sys.stdout)
        flags = Flags((color or Color.AUTO).value, width)
        style = style_for(os.environ, look_at(sys.stdout), flags)
        style.wraps |= width is not None
        if type_name is None:
            found = list_types(with_unsupported=all_)
            data, lines = list_data(found), list_lines(found, style)
        else:
            facts = describe_type(type_name)
            if isinstance(facts, ForeignFacts):
                data, lines = foreign_data(facts), foreign_lines(facts, style)
            else:
                data, lines = page_data(facts), page_lines(facts, style)
        text = _json(data) if output == "json" else "\n".join(lines)
        show(f"{text}\n", never=no_pager or output == "json")


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
