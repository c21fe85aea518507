"""`kestrel executions`: what ran here, one of the executions, its log."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from kestrel_cli.app.history import is_running, path_of, story_of, summaries, told_again
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.running import settings, sinks
from kestrel_cli.errors import UsageError
from kestrel_cli.model.history import Summary
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.reporters import history
from kestrel_cli.reporters.console import Flags


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    SHOW = "show"
    LOGS = "logs"


def executions(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    execution: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The execution's id, or the beginning of it."),
    ] = None,
    output: Annotated[
        of.Output, typer.Option("--output", "-o", help="`text`, `json`; of one: all as in `run`.")
    ] = of.Output.TEXT,
    log_level: of.LeastLevel = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to list, the latest first.")] = 50,
    flow: Annotated[
        str | None, typer.Option(metavar="ID", help="List executions of this flow only.")
    ] = None,
    state_dir: of.StateDir = None,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
) -> None:
    """List what ran here, show an execution as `run` shows it, or its log.

    \b
    Examples:
      kestrel executions
      kestrel executions show 4uQm -o json
      kestrel executions logs 4uQm --log-level DEBUG
    """
    with exit_codes():
        config = settings()
        place = state_dir or config.state_dir
        wanted = color.value if color is not None else config.color or "auto"
        level = log_level.value if log_level is not None else config.log_level or "INFO"
        flags = Flags(wanted, width, ascii_only)  # type: ignore[arg-type]  # one of them
        streams = sinks(output, flags, level, 0)
        if action is Action.LIST:
            if execution is not None:
                raise UsageError(
                    f"`executions list {execution}`: a list takes no id; use `show` or `logs`"
                )
            if output not in (of.Output.TEXT, of.Output.JSON):
                raise UsageError(f"`executions list -o {output.value}`: use `text` or `json`")
            found = [one for one in summaries(place, os.environ) if _is_of(one, flow)]
            if output is of.Output.JSON:
                history.write_list_json(found[:limit], sys.stdout)
            else:
                history.write_table(found[:limit], sys.stdout, streams.out_style)
            return
        if execution is None:
            raise UsageError(f"`executions {action.value}`: which one? give its id")
        if action is Action.SHOW:
            story = story_of(execution, place, os.environ)
            shown = story.root.execution
            history.show(shown, output.value, streams, code_of(shown.state))
            if shown.state not in (*TERMINAL, State.PAUSED) and not shown.paused_below:
                sys.stderr.write(f"{_under_way(story.name, place)}\n")
            return
        if output.value not in history.LOGS:
            raise UsageError(f"`executions logs -o {output.value}`: use {_forms()}")
        told_again(execution, place, os.environ, history.LOGS[output.value](streams))


def code_of(state: str) -> int:
    """The exit code that a run with this final state had."""
    return 0 if state in ("SUCCESS", "WARNING", "PAUSED") else 1


def _under_way(name: str, place: str | None) -> str:
    """What becomes of an execution that has not ended."""
    if is_running(path_of(name, place, os.environ)):
        return f"the execution {name} is running"
    return f"its process ended before it did\nhint: `kestrel resume {name}` goes on with it"


def _forms() -> str:
    return " or ".join(f"`{name}`" for name in history.LOGS)


def _is_of(one: Summary, flow: str | None) -> bool:
    return flow in (None, one.flow_id, f"{one.namespace}.{one.flow_id}")
