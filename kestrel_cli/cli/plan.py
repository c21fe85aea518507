"""`kestrel plan`: what stands in the way of a run, and what would run; nothing is executed."""

import json
import os
import sys
from typing import Annotated, Final

import typer

from kestrel_cli.app.plan.plan import document
from kestrel_cli.app.plan.plan import plan as plan_of
from kestrel_cli.app.plan.text import ASCII, Look, words
from kestrel_cli.cli import options as of
from kestrel_cli.cli.run import GivenInputs, asked_run
from kestrel_cli.cli.run_options import Imagines, RunOptions
from kestrel_cli.cli.running import settings
from kestrel_cli.errors import UsageError
from kestrel_cli.model.masker import hidden
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Flags, look_at, never_fails, style_for

COMMAND: Final = Imagines


def plan(
    context: typer.Context,
    flow_file: Annotated[
        str, typer.Argument(metavar="FLOW", help="The flow file; `-` reads standard input.")
    ],
    inputs: of.Inputs = None,
    inputs_file: of.InputsFile = None,
    allow_unknown_inputs: of.AllowUnknownInputs = False,
    mocks: of.MocksFile = None,
) -> None:
    """Show what stands in the way of a run, and what would run; nothing is executed.

    First comes the list of what `run` would refuse: mocks that match nothing, subflows, types,
    programs, packages, secrets, inputs, namespace files, expressions. Then the tree of tasks with
    their properties, loop values and branches, as far as literals, inputs and variables decide
    them. The exit code is the one that `run` would refuse with, else 0.

    \b
    Examples:
      kestrel plan flow.yaml -i name=Ada
      kestrel plan flow.yaml --mock 'extract={}' -o json
    """
    options: RunOptions = context.obj
    if options.output not in (of.Output.TEXT, of.Output.JSON):
        raise UsageError(f"`--output {options.output.value}`: a plan is `text` or `json`")
    config = settings(ignore_project=options.no_project_config)
    said = GivenInputs(inputs or [], inputs_file, not allow_unknown_inputs)
    request = asked_run(options, config, flow_file, said, mocks)
    found = plan_of(request)
    never_fails(sys.stdout)
    if options.output is of.Output.JSON:
        text = json.dumps(document(found), indent=2, ensure_ascii=False, default=str)
    else:
        style = style_for(os.environ, look_at(sys.stdout), Flags(ascii=options.ascii_only))
        look = Look() if style.unicode else ASCII
        text = "\n".join(clean(line) for line in words(found, look))
    sys.stdout.write(hidden(text) + "\n")
    if found.exit_code:
        raise typer.Exit(found.exit_code)
