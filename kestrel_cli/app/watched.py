"""The files that decide what a run does: who changes one of them wants to see it again."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from kestrel_cli.app.outside import Outside
from kestrel_cli.app.preflight.reached import Reached, reached_flows
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import RenderError
from kestrel_cli.model.record import fresh, record

# An address of a file, or the path of one as a command names it.
_PATH: Final = re.compile(r"(?:file://)?(/[^\s\"'`<>|;&(){}\[\]]+)")


@record
class Watched:
    """Single files, folders with all that is in them, and folders of which YAML files count. Any of
    them may be missing.
    """

    files: list[Path]
    folders: list[Path]
    trees: list[Path] = fresh(factory=list)


def watched(request: RunRequest) -> Watched:
    """The flow's file and those of the flows that it calls by name, their namespace files, and
    files beside the flow that their texts name by an address or a whole path.
    """
    files: dict[Path, None] = {}
    folders: dict[Path, None] = {}
    for one in reached_flows(request, lambda _: False):
        file = Path(one.flow.where.file)
        files[file] = None
        files |= dict.fromkeys(_named_in(one, file.absolute().parent))
        with suppress(RenderError):
            outside = Outside(request.given, request.environ, flow=one.flow)
            folders[outside.files_of(one.flow.namespace)] = None
    return Watched(list(files), list(folders))


def _named_in(one: Reached, folder: Path) -> Iterator[Path]:
    """Files of this machine in a flow's text; only those in the folder of the flow, or below: what
    else a command names is a program, or changes while the flow runs.
    """
    for match in _PATH.finditer(one.text):
        path = Path(unquote(match[1]))
        with suppress(OSError, ValueError):
            if path.is_relative_to(folder) and path.is_file():
                yield path
