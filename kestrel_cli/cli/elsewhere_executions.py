"""`kestrel executions` with `--on`: what ran on a server, one of the executions, its log, its
files, its end.
"""

import json
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from kestrel_cli.app.elsewhere.again import killed
from kestrel_cli.app.elsewhere.files import chosen, fetched, files_of
from kestrel_cli.app.elsewhere.past import found, listed, told_whole
from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.cli.elsewhere import finder
from kestrel_cli.cli.log_of_task import log_of
from kestrel_cli.cli.options import Output
from kestrel_cli.cli.server_options import Where
from kestrel_cli.errors import UsageError
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.reporters import history
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.outputs import Sinks
from kestrel_cli.reporters.pager import paged
from kestrel_cli.server.documents import summary_of
from kestrel_cli.server.files import size_of
from kestrel_cli.store.config import Config

_LISTS: Final = ("list", "files", "kill")
_TWO: Final = (Output.TEXT, Output.JSON)


class Asked(NamedTuple):
    """What the command line says."""

    names: list[str]
    output: Output
    limit: int
    flow: str | None
    task: str | None
    to: str
    force: bool
    detach: bool
    no_pager: bool


def do_there(action: str, asked: Asked, where: Where, config: Config, streams: Sinks) -> None:
    """Do it on a server. Raises UsageError, NothingMatched, ServerError."""
    output = asked.output
    _refuse_form(action, output)
    place = finder(where, config)()
    match action:
        case "list":
            list_there(place, output, streams, asked.limit, asked.flow)
        case "files":
            files_there(place, asked.names, asked.to, force=asked.force, output=output)
        case "kill":
            kill_there(place, asked.names[0], output, wait=not asked.detach)
        case _:
            with paged(never=asked.no_pager or output is not Output.TEXT) as out:
                onto = changed(streams, out=out)
                note = ""
                if action == "show":
                    note = show_there(place, asked.names[0], output, onto)
                else:
                    logs_there(place, asked.names[0], output, onto, asked.task)
            sys.stderr.write(note)


def _refuse_form(action: str, output: Output) -> None:
    """Raise UsageError for a form that this action does not have."""
    if action == "logs" and output.value not in history.LOGS:
        forms = " or ".join(f"`{name}`" for name in history.LOGS)
        raise UsageError(f"`executions logs -o {output.value}`: use {forms}")
    if action in _LISTS and output not in _TWO:
        raise UsageError(f"`executions {action} -o {output.value}`: use `text` or `json`")


def list_there(place: Place, output: Output, streams: Sinks, limit: int, flow: str | None) -> None:
    """The latest executions of a server. Raises ServerError."""
    summaries = listed(place, flow, limit)
    form = "json" if output is Output.JSON else "table"
    history.LISTS[form](summaries, streams)


def show_there(place: Place, name: str, output: Output, streams: Sinks) -> str:
    """One of them as `run` shows it; what is to be told once that is read. Raises ServerError."""
    document = found(place, name)
    execution = told_whole(place, document, [streams.tails]).execution
    is_over = execution.state in TERMINAL
    if not is_over:
        streams = changed(streams, now=time.time_ns() // 1000)
    history.show(execution, output.value, streams, history.code_of(execution.state))
    if is_over or execution.state is State.PAUSED:
        return ""
    return f"the execution {execution.id} on {place.host} is {execution.state}\n"


def logs_there(place: Place, name: str, output: Output, streams: Sinks, task: str | None) -> None:
    """Its log. Raises NothingMatched, ServerError."""
    with log_of(task, history.LOGS[output.value](streams)) as told:
        execution = told_whole(place, found(place, name), [told]).execution
        told.close(execution, 0)


def files_there(place: Place, names: list[str], to: str, *, force: bool, output: Output) -> None:
    """List the files that its outputs name, or copy one. Raises NothingMatched, ServerError."""
    document = found(place, names[0])
    execution = str(document.get("id"))
    files = files_of(document)
    if len(names) > 1:
        wanted = chosen(files, names[1])
        for copied in fetched(place, execution, wanted, Path(to), force=force):
            sys.stdout.write(f"{one_line(str(copied))}\n")
        return
    sizes = [size_of(place.server, execution, one.uri) for one in files]
    if output is Output.JSON:
        shown = [
            {"name": one.path, "bytes": size, "uri": one.uri}
            for one, size in zip(files, sizes, strict=True)
        ]
        sys.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")
        return
    texts = ["" if size is None else f"{size:,}" for size in sizes]
    width = max(map(len, texts), default=0)
    for one, text in zip(files, texts, strict=True):
        sys.stdout.write(f"{text:>{width}}  {one_line(one.path)}\n")


def kill_there(place: Place, name: str, output: Output, *, wait: bool) -> None:
    """End it, and tell what it is then. Raises NothingMatched, Conflict, ServerError."""
    told = summary_of(killed(place, name, wait=wait), place.host)
    if output is Output.JSON:
        history.write_list_json([told], sys.stdout)
    else:
        flow = f"{told.namespace}.{told.flow_id}"
        sys.stdout.write(f"{one_line(told.id)}  {one_line(flow)}  {one_line(told.state)}\n")
