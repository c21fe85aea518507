"""Namespace files that expressions read and that are not there."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kestrel_cli.app.outside import Outside
from kestrel_cli.app.preflight.finding import Finding
from kestrel_cli.app.preflight.reached import Reached
from kestrel_cli.app.preflight.standing import Level
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import RenderError
from kestrel_cli.model.texts import texts_of

# `read('name')` as it stands: what looks before it reads is passed over.
_READ: Final = re.compile(r"""(?<![\w.])read\(\s*(['"])([^'"\\{}]+)\1\s*\)""")
_LOOKS: Final = re.compile(r"\?|\bif\b|\bdefault\b|\bfileExists\b")
_OTHER: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/(?!//)|(?:kestra|file)://")


def missing_files(request: RunRequest, flows: Sequence[Reached]) -> Iterator[Finding]:
    """Files that the tasks of the flows read by their names. None of them is missed where a task
    puts files there.
    """
    if any(_may_write(one.task.type) for reached in flows for one in reached.tasks):
        return
    for reached in flows:
        if "read" not in reached.text:
            continue
        outside = Outside(request.given, request.environ, flow=reached.flow)
        for one in reached.tasks:
            for text in texts_of(one.task):
                for name in _read_in(text):
                    if _is_missing(outside, name):
                        stops = one.level is Level.SURE and not one.soft
                        message = f"The file {name!r} does not exist: task `{one.task.id}` reads it"
                        hint = _where(request, reached, name)
                        yield Finding("file", message, one.task.where, hint, stops)


def _read_in(text: str) -> list[str]:
    if "read" not in text or _LOOKS.search(text):
        return []
    return [name for _, name in _READ.findall(text) if not _OTHER.match(name)]


def _is_missing(outside: Outside, name: str) -> bool:
    try:
        return not outside.file_exists(name)
    except RenderError:
        return False  # the run says what is wrong with the name


def _where(request: RunRequest, reached: Reached, name: str) -> str:
    folder = request.given.namespace_files
    if folder is not None and reached.is_own:
        return f"put it into `{folder}`"
    return (
        f"put it into the folder `_files/{reached.flow.namespace}` next to the flow file, "
        f"or name a folder that has `{name}` with `--namespace-files`"
    )


def _may_write(type_name: str) -> bool:
    """Whether a task of this type may put files into a namespace."""
    return ".namespace." in type_name or ".git." in type_name
