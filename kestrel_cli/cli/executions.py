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
from kestrel_cli.cli.executions_pages import Executions
from kestrel_cli.cli.file_links import with_links
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.log_of_task import log_of
from kestrel_cli.cli.look import flags_of
from kestrel_cli.cli.running import (
    settings,
    sinks,
    spare_the_collector,
    tell_of_state_dir,
)
from kestrel_cli.cli.server_options import On, Server, Tenant, Where, refuse_here_only
from kestrel_cli.errors import UsageError
from kestrel_cli.model.history import Summary
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.reporters import history
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.outputs import Sinks
from kestrel_cli.reporters.pager import paged

COMMAND: Final = Executions
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
    DELETE = "delete"
    KILL = "kill"


def executions(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    execution: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The execution's id, or the beginning of it."),
    ] = None,
    more: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]", help="Of `files`: the file to copy. Of `delete`: further ids."
        ),
    ] = None,
    output: Annotated[
        of.Output, typer.Option("--output", "-o", help="`text`, `json`; of one: all as in `run`.")
    ] = of.Output.TEXT,
    log_level: of.LeastLevel = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many to list, the latest first.")
    ] = 50,
    flow: Annotated[
        str | None, typer.Option(metavar="ID", help="List executions of this flow only.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Prune those that ended before that: `7d`, `12h`."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Prune all but so many, the latest.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be removed.")
    ] = False,
    paused: Annotated[
        bool, typer.Option("--paused", help="Prune those that are PAUSED, too.")
    ] = False,
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="The log of this task only: `TASK`, `TASK[value]`."),
    ] = None,
    to: Annotated[str, typer.Option("--to", metavar="PATH", help="Where `files` copies to.")] = ".",
    force: Annotated[
        bool, typer.Option("--force", help="`files` writes over what is there.")
    ] = False,
    state_dir: of.StateDir = None,
    no_project_config: of.NoProjectConfig = False,
    trust: of.Trust = False,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
    no_pager: of.NoPager = False,
    on: On = None,
    server: Server = None,
    tenant: Tenant = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="`kill` does not wait for the end.")
    ] = False,
) -> None:
    """List what ran here, show an execution as `run` shows it, or its log; remove old ones.

    With --on they are those of a Kestra server, and there is `kill`; `restart`, `replay` and
    `resume` are the commands of these names.

    `last` is the execution that was started last. Each of `list`, `show`, `logs`, `files`, `delete`
    and `prune` has a page: `kestrel executions logs --help`. `kestrel help history` tells more.

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
        tell_of_state_dir(config, state_dir, trust=trust)
        place = state_dir or config.state_dir
        _refuse_options_of_others(
            action, older_than, keep, paused=paused, dry_run=dry_run, task=task
        )
        names = [*([] if execution is None else [execution]), *(more or [])]
        _refuse_wrong_names(action, names)
        where = _where(action, Where(on, server, tenant), state_dir)
        if action is Action.PRUNE:
            from kestrel_cli.cli.pruning import pruned

            pruned(place, older_than, keep, paused=paused, dry=dry_run, output=output)
            return
        if action is Action.DELETE:
            from kestrel_cli.cli.pruning import deleted

            deleted(names, place, dry=dry_run, output=output)
            return
        level = log_level.value if log_level is not None else config.log_level or "INFO"
        flags = flags_of(color, width, ascii_only=ascii_only, config=config)
        streams = sinks(output, flags, level, 0)
        if action is Action.FILES or no_pager:  # older pagers show the codes of links
            streams = changed(streams, out_style=with_links(streams.out_style, place))
        spare_the_collector()
        if where.is_elsewhere:
            from kestrel_cli.cli.elsewhere_executions import Asked, do_there

            asked = Asked(names, output, limit, flow, task, to, force, detach, no_pager)
            do_there(action.value, asked, where, config, streams)
        elif action is Action.LIST:
            _list(place, output, streams, limit, flow)
        elif action is Action.FILES:
            from kestrel_cli.cli.stored import show_files

            name = names[1] if len(names) > 1 else None
            links = streams.out_style.links is not None
            show_files(names[0], name, place, to, force=force, output=output, links=links)
        else:
            with paged(never=no_pager or output is not of.Output.TEXT) as out:
                note = _one(action, names[0], place, output, changed(streams, out=out), task)
            sys.stderr.write(note)


def _where(action: Action, where: Where, state_dir: str | None) -> Where:
    """Where to do it. Raises UsageError for what is not done there."""
    if where.is_elsewhere:
        refuse_here_only(action.value, state_dir)
    elif action is Action.KILL:
        raise UsageError(
            "`executions kill`: what runs here is ended by Ctrl-C or a signal; "
            "`--on` names a server"
        )
    return where


def _refuse_wrong_names(action: Action, names: list[str]) -> None:
    """Raise UsageError for more ids than the action takes, or fewer."""
    said = f"`executions {' '.join((action.value, *names))}`"
    if action is Action.PRUNE and names:
        raise UsageError(f"{said}: it takes no id; `delete` does")
    if action is Action.LIST and names:
        raise UsageError(f"{said}: a list takes no id; use `show` or `logs`")
    if action in (Action.SHOW, Action.LOGS, Action.KILL) and len(names) > 1:
        raise UsageError(f"{said}: it takes one id")
    if action is Action.FILES and len(names) > 2:
        raise UsageError(f"{said}: it takes one id and the name of a file")
    if not names and action in (Action.SHOW, Action.LOGS, Action.FILES, Action.KILL):
        raise UsageError(f"{said}: which one? give its id")


def _one(
    action: Action,
    execution: str,
    place: str | None,
    output: of.Output,
    streams: Sinks,
    task: str | None,
) -> str:
    """Show an execution, or its log; what is to be told once that is read."""
    if action is Action.SHOW:
        return _show(execution, place, output, streams)
    if output.value not in history.LOGS:
        raise UsageError(f"`executions logs -o {output.value}`: use {_forms()}")
    _logs(execution, place, history.LOGS[output.value](streams), task)
    return ""


def _logs(execution: str, place: str | None, shown: Reporter, task: str | None) -> None:
    with log_of(task, shown) as told:
        told_again(execution, place, os.environ, told)


def _refuse_options_of_others(
    action: Action,
    older_than: str | None,
    keep: int | None,
    *,
    paused: bool,
    dry_run: bool,
    task: str | None,
) -> None:
    if task is not None and action is not Action.LOGS:
        raise UsageError(f"`executions {action.value} --task`: this is an option of `logs`")
    given = {
        "--older-than": older_than is not None,
        "--keep": keep is not None,
        "--paused": paused,
        "--dry-run": dry_run,
    }
    for name, is_given in given.items():
        if name == "--dry-run" and action is Action.DELETE:
            continue
        if is_given and action is not Action.PRUNE:
            raise UsageError(f"`executions {action.value} {name}`: this is an option of `prune`")


def _list(
    place: str | None,
    output: of.Output,
    streams: Sinks,
    limit: int,
    flow: str | None,
) -> None:
    if output not in (of.Output.TEXT, of.Output.JSON):
        raise UsageError(f"`executions list -o {output.value}`: use `text` or `json`")
    found = [one for one in summaries(place, os.environ) if _is_of(one, flow)]
    if output is of.Output.JSON:
        history.write_list_json(found[:limit], sys.stdout)
    else:
        history.write_table(found[:limit], sys.stdout, streams.out_style)


def _show(execution: str, place: str | None, output: of.Output, streams: Sinks) -> str:
    story = story_of(execution, place, os.environ, logs=True)
    for one in story.told.values():
        streams.tails.take(one.lines, one.execution)
    shown = story.root.execution
    path = path_of(story.name, place, os.environ)
    if is_running(path):
        streams = changed(streams, now=time.time_ns() // 1000)
    history.show(shown, output.value, streams, history.code_of(shown.state))
    told = summary_of(path)
    if told is not None and told.state == INCOMPLETE:
        return f"{_INCOMPLETE.format(name=story.name)}\n"
    if shown.state not in (*TERMINAL, State.PAUSED) and not shown.paused_below:
        return f"{_under_way(story.name, path)}\n"
    return ""


def _under_way(name: str, path: Path) -> str:
    """What becomes of an execution that has not ended."""
    if is_running(path):
        return f"the execution {name} is running"
    return f"its process ended before it did\nhint: `kestrel resume {name}` goes on with it"


def _forms() -> str:
    return " or ".join(f"`{name}`" for name in history.LOGS)


def _is_of(one: Summary, flow: str | None) -> bool:
    return flow in (None, one.flow_id, f"{one.namespace}.{one.flow_id}")
