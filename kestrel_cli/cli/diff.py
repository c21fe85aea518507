"""`kestrel diff`: compare two executions field by field."""

import os
import sys
from typing import Annotated

import typer

from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.cli.look import flags_of
from kestrel_cli.cli.push import Form
from kestrel_cli.cli.running import settings, tell_of_state_dir
from kestrel_cli.cli.server_options import On, Server, Tenant, Where


def diff(
    here: Annotated[
        str, typer.Argument(metavar="A", help="A file of `-o json`, an id, or `last`.")
    ],
    there: Annotated[
        str, typer.Argument(metavar="B", help="The same; with a server an id of there.")
    ],
    on: On = None,
    server: Server = None,
    tenant: Tenant = None,
    output: Annotated[Form, typer.Option("--output", "-o", help="`text` or `json`.")] = Form.TEXT,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show expected differences one by one.")
    ] = False,
    state_dir: of.StateDir = None,
    no_project_config: of.NoProjectConfig = False,
    trust: of.Trust = False,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
) -> None:
    """Compare two executions: states, attempts, inputs, outputs, labels of each task run.

    Ids, moments, durations and storage paths count as equal; task runs are matched by task, loop
    value and parent. What two places always differ in is told as expected, and does not count. The
    exit code is 0 when they are equal, else 1. `kestrel help deploying` tells more.

    \b
    Examples:
      kestrel diff before.json after.json
      kestrel diff last 2hb5vGJTejn4P1P9irrVjx --on prod
      kestrel diff before.json last -o json
    """
    with exit_codes():
        from kestrel_cli.app.comparing.comparison import compare
        from kestrel_cli.app.comparing.sources import side_here, side_there
        from kestrel_cli.cli.diff_text import as_json, comparison_lines
        from kestrel_cli.model.state import TERMINAL
        from kestrel_cli.reporters.console import look_at, never_fails, style_for
        from kestrel_cli.reporters.painter import write_lines

        where = Where(on, server, tenant)
        elsewhere = where.is_elsewhere
        config = settings(ignore_project=no_project_config)
        tell_of_state_dir(config, state_dir, trust=trust)
        place = state_dir or config.state_dir
        left = side_here(here, place, os.environ)
        if elsewhere:
            from kestrel_cli.cli.elsewhere import finder

            right = side_there(there, finder(where, config))
        else:
            right = side_here(there, place, os.environ)
        for one in (left, right):
            if one.state not in TERMINAL:
                warn(f"{one.name} is {one.state}: it has not ended")
        found = compare(left.document, right.document)
        code = int(any(not one.expected for one in found))
        never_fails(sys.stdout)
        if output is Form.JSON:
            sys.stdout.write(as_json(left, right, found, code))
        else:
            flags = flags_of(color, width, ascii_only=ascii_only, config=config)
            style = style_for(os.environ, look_at(sys.stdout), flags)
            lines = comparison_lines(left, right, found, style, verbose=verbose)
            write_lines(lines, sys.stdout, style.colour)
        raise typer.Exit(code)
