"""`kestrel push`: hand flows and the files of their namespaces to a Kestra server."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.look import flags_of
from kestrel_cli.cli.options import AsciiOnly, ColorWhen, Compat, NoProjectConfig, Width
from kestrel_cli.cli.running import settings
from kestrel_cli.cli.server_options import On, Server, Tenant


class Form(StrEnum):
    """How a push is shown."""

    TEXT = "text"
    JSON = "json"


def push(
    paths: Annotated[
        list[str], typer.Argument(metavar="FLOW|DIR...", help="Flow files, or folders of them.")
    ],
    on: On = None,
    server: Server = None,
    tenant: Tenant = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change there; send nothing.")
    ] = False,
    no_files: Annotated[
        bool, typer.Option("--no-files", help="Leave the files of the namespaces alone.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Send nothing more once something is refused.")
    ] = False,
    skip_non_flows: Annotated[
        bool, typer.Option("--skip-non-flows", help="Pass over YAML files that are no flows.")
    ] = False,
    output: Annotated[Form, typer.Option("--output", "-o", help="`text` or `json`.")] = Form.TEXT,
    compat: Compat = None,
    color: ColorWhen = None,
    width: Width = None,
    ascii_only: AsciiOnly = False,
    no_project_config: NoProjectConfig = False,
) -> None:
    """Create or update flows on a Kestra server; nothing is ever deleted there.

    Flows are checked here, then on the server. Called flows go first, what is the same there is
    not sent. Files in `_files/NAMESPACE/` beside the flows become files of that namespace. The exit
    code is 0, 1 when the server refuses something, 3 for errors found here, 69 when the server
    can't be reached. `kestrel help deploying` tells more.

    \b
    Examples:
      kestrel push flow.yaml --on prod
      kestrel push flows/ --on prod --dry-run
      kestrel push flows/ --server https://kestra.example.com -o json
    """
    with exit_codes():
        from kestrel_cli.cli.pushing import Wishes, pushed
        from kestrel_cli.reporters.console import look_at, never_fails, style_for

        config = settings(ignore_project=no_project_config)
        never_fails(sys.stdout)
        flags = flags_of(color, width, ascii_only=ascii_only, config=config)
        wishes = Wishes(
            on,
            server,
            tenant,
            dry=dry_run,
            files=not no_files,
            fail_fast=fail_fast,
            skip_non_flows=skip_non_flows,
            as_json=output is Form.JSON,
            compat=compat or config.compat or 1,
            flags=flags,
        )
        style = style_for(os.environ, look_at(sys.stdout), flags)
        raise typer.Exit(pushed(paths, wishes, config, style))
