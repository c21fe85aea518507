"""A restart or replay runs the flow as it was: told when its file has another text by now."""

import shlex
import time
from contextlib import suppress
from typing import Final

from kestrel_cli.app.story import Story
from kestrel_cli.cli.guard import warn
from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile.source import decode, read_bytes
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import State
from kestrel_cli.reporters.clean import one_line

_NEWEST: Final = "-"


def tell_of_change(story: Story, execution: str, task: str | None = None) -> None:
    """Warn of a flow file that has changed since, with what runs the new one: from `task` on, with
    the outputs of the execution, which is named as the user did.
    """
    root = story.root.execution
    file = root.flow.where.file
    text = story.texts.get(root.birth.flow or 0, "")
    if not file or file == "-" or not text or not _differs(file, text):
        return
    command = ["kestrel", "run", file]
    if task is not None:
        name = "last" if execution == _NEWEST else execution
        command += ["--from", task, "--outputs-of", name]
    warn(
        f"the flow runs as it was at {_moment(root.created_at)}; {one_line(file)} has changed "
        f"since: `{one_line(shlex.join(command))}` runs the new one"
    )


def first_failed(execution: Execution) -> str | None:
    """The first task of the flow that failed."""
    failed = (one for one in execution.listed() if one.parent is None and not one.gone)
    return next((one.task.id for one in failed if one.state is State.FAILED), None)


def _differs(file: str, text: str) -> bool:
    with suppress(FlowFileError):  # it is gone, or can't be read: there is nothing else to run
        return decode(read_bytes(file), file).text != text
    return False


def _moment(micros: int) -> str:
    """The minute, with its date unless that is today."""
    then, now = time.localtime(micros // 1_000_000), time.localtime()
    form = "%H:%M" if then[:3] == now[:3] else "%Y-%m-%d %H:%M"
    return time.strftime(form, then)
