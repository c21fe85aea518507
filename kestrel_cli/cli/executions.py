"""`kestrel executions`: what ran here, one of the executions, its log."""

import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from kestrel_cli.app.history import (
    INCOMPLETE,
    is_running,
    path_of,
    story_of,
    summaries,
    summary_of,
    told_again,
)
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.running import settings, sinks, spare_the_collector
from kestrel_cli.errors import NothingMatched, UsageError
from kestrel_cli.model.history import Summary
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.reporters import history
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.console import Flags
from kestrel_cli.reporters.outputs import Sinks

_INCOMPLETE: Final = (
    "its journal could not be written to its end: what came later is not known\n"
    "hint: `kestrel replay {name}` runs it again"
)


class Action(StrEnum):
    LIST = "list"
    SHOW = "show"
    LOGS = "logs"
    PRUNE = "prune"
    FILES = "files"


def executions(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    execution: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The execution's id, or the beginning of it."),
    ] = None,
    path: Annotated[
        str | None,
        typer.Argument(metavar="[PATH]", help="Of `files`: the file to copy, or the end of it."),
    ] = None,
    output: Annotated[
        of.Output, typer.Option("--output", "-o", help="`text`, `json`; of one: all as in `run`.")
    ] = of.Output.TEXT,
    log_level: of.LeastLevel = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to list, the latest first.")] = 50,
    flow: Annotated[
        str | None, typer.Option(metavar="ID", help="List executions of this flow only.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Prune those that ended before that: `7d`, `12h`."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=0, help="Prune all but so many, the latest.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what `prune` would remove.")
    ] = False,
    paused: Annotated[
        bool, typer.Option("--paused", help="Prune those that are PAUSED, too.")
    ] = False,
    task: Annotated[
        str | None, typer.Option(metavar="TASK", help="The log of this task only.")
    ] = None,
    to: Annotated[str, typer.Option("--to", metavar="PATH", help="Where `files` copies to.")] = ".",
    force: Annotated[
        bool, typer.Option("--force", help="`files` writes over what is there.")
    ] = False,
    state_dir: of.StateDir = None,
    no_project_config: of.NoProjectConfig = False,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
) -> None:
    """List what ran here, show an execution as `run` shows it, or its log; remove old ones.

    `last` is the execution that was started last. `kestrel help history` tells more.

    \b
    Examples:
      kestrel executions
      kestrel executions show 4uQm -o json
      kestrel executions logs last --task load --log-level DEBUG
      kestrel executions files last report.csv --to reports/
      kestrel executions prune --older-than 7d --keep 10
    """
    with exit_codes():
        config = settings(ignore_project=no_project_config)
        place = state_dir or config.state_dir
        _refuse_options_of_others(action, older_than, keep, paused=paused, dry_run=dry_run)
        if task is not None and action is not Action.LOGS:
            raise UsageError(f"`executions {action.value} --task`: this is an option of `logs`")
        if path is not None and action is not Action.FILES:
            raise UsageError(f"`executions {action.value} {execution} {path}`: it takes one id")
        if action is Action.PRUNE:
            from kestrel_cli.cli.pruning import pruned

            if execution is not None:
                raise UsageError(f"`executions prune {execution}`: it takes no id")
            pruned(place, older_than, keep, paused=paused, dry=dry_run, output=output)
            return
        wanted = color.value if color is not None else config.color or "auto"
        level = log_level.value if log_level is not None else config.log_level or "INFO"
        flags = Flags(wanted, width, ascii_only)  # type: ignore[arg-type]  # one of them
        streams = sinks(output, flags, level, 0)
        spare_the_collector()
        if action is Action.LIST:
            _list(execution, place, output, streams, limit, flow)
        elif execution is None:
            raise UsageError(f"`executions {action.value}`: which one? give its id")
        elif action is Action.FILES:
            from kestrel_cli.cli.stored import show_files

            show_files(execution, path, place, to, force=force, output=output)
        elif action is Action.SHOW:
            _show(execution, place, output, streams)
        elif output.value not in history.LOGS:
            raise UsageError(f"`executions logs -o {output.value}`: use {_forms()}")
        else:
            _logs(execution, place, history.LOGS[output.value](streams), task)


def _logs(execution: str, place: str | None, shown: Reporter, task: str | None) -> None:
    if task is None:
        told_again(execution, place, os.environ, shown)
        return
    of_task = history.OfTask(task, shown)
    told_again(execution, place, os.environ, of_task)
    if not of_task.found:
        raise NothingMatched(f"`--task {task}`: the execution has no log of such a task")


def _refuse_options_of_others(
    action: Action, older_than: str | None, keep: int | None, *, paused: bool, dry_run: bool
) -> None:
    given = {
        "--older-than": older_than is not None,
        "--keep": keep is not None,
        "--paused": paused,
        "--dry-run": dry_run,
    }
    for name, is_given in given.items():
        if is_given and action is not Action.PRUNE:
            raise UsageError(f"`executions {action.value} {name}`: this is an option of `prune`")


def _list(
    execution: str | None,
    place: str | None,
    output: of.Output,
    streams: Sinks,
    limit: int,
    flow: str | None,
) -> None:
    if execution is not None:
        raise UsageError(f"`executions list {execution}`: a list takes no id; use `show` or `logs`")
    if output not in (of.Output.TEXT, of.Output.JSON):
        raise UsageError(f"`executions list -o {output.value}`: use `text` or `json`")
    found = [one for one in summaries(place, os.environ) if _is_of(one, flow)]
    if output is of.Output.JSON:
        history.write_list_json(found[:limit], sys.stdout)
    else:
        history.write_table(found[:limit], sys.stdout, streams.out_style)


def _show(execution: str, place: str | None, output: of.Output, streams: Sinks) -> None:
    story = story_of(execution, place, os.environ, logs=True)
    for one in story.told.values():
        streams.tails.take(one.lines, one.execution)
    shown = story.root.execution
    path = path_of(story.name, place, os.environ)
    if is_running(path):
        streams = changed(streams, now=time.time_ns() // 1000)
    history.show(shown, output.value, streams, code_of(shown.state))
    told = summary_of(path)
    if told is not None and told.state == INCOMPLETE:
        sys.stderr.write(f"{_INCOMPLETE.format(name=story.name)}\n")
    elif shown.state not in (*TERMINAL, State.PAUSED) and not shown.paused_below:
        sys.stderr.write(f"{_under_way(story.name, path)}\n")


def code_of(state: str) -> int:
    """The exit code that a run with this final state had."""
    return 0 if state in ("SUCCESS", "WARNING", "PAUSED") else 1


def _under_way(name: str, path: Path) -> str:
    """What becomes of an execution that has not ended."""
    if is_running(path):
        return f"the execution {name} is running"
    return f"its process ended before it did\nhint: `kestrel resume {name}` goes on with it"


def _forms() -> str:
    return " or ".join(f"`{name}`" for name in history.LOGS)


def _is_of(one: Summary, flow: str | None) -> bool:
    return flow in (None, one.flow_id, f"{one.namespace}.{one.flow_id}")
