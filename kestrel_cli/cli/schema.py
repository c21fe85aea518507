"""`kestrel schema`: JSON Schemas, for editors and for programs."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.options import NoPlugins


class What(StrEnum):
    """What the schema describes."""

    FLOW = "flow"
    TEST = "test"
    CONFIG = "config"
    EXECUTION = "execution"
    EVENT = "event"


def schema(
    what: Annotated[
        What,
        typer.Argument(
            help="A flow file, a test suite, kestrel.toml, `-o json`, or a line of `-o ndjson`."
        ),
    ],
    _no_plugins: NoPlugins = False,
) -> None:
    """Print a JSON Schema (draft-07) of flows, test suites, settings, executions or events.

    An editor with the YAML language server completes and checks flows by it, when this is the first
    line of a flow file:

    \b
      # yaml-language-server: $schema=flow.schema.json

    \b
    Examples:
      kestrel schema flow > flow.schema.json
      kestrel schema config > kestrel.schema.json
      kestrel schema execution
    """
    with exit_codes():
        from kestrel_cli.app import schemas

        made = {
            What.FLOW: schemas.flow_schema,
            What.TEST: schemas.suite_schema,
            What.CONFIG: schemas.config_schema,
            What.EXECUTION: schemas.execution_schema,
            What.EVENT: schemas.event_schema,
        }[what]()
        sys.stdout.write(schemas.written(made) + "\n")
