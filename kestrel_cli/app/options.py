"""The options of a run that its journal keeps, so that it can be gone on with: part and mocks,
and whether it waits when it is paused.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from kestrel_cli.app.request import Mocks, Part, RunRequest
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State


def kept_options(request: RunRequest) -> dict[str, Any]:
    """What differs from a plain run, as JSON."""
    kept = _kept_ways(request)
    part, mocks = request.part, request.mocks
    if part != Part():
        kept["part"] = [part.only, part.start, part.until]
    if mocks.listed:
        kept["mocks"] = [_told(mock) for mock in mocks.listed]
    if mocks.unsupported:
        kept["mockUnsupported"] = True
    if request.library is not None:
        kept["flowsDir"] = str(Path(request.library.folder).absolute())
    if request.given.kv:
        kept["kv"] = dict(request.given.kv)
    if request.compat != 1:
        kept["compat"] = request.compat
    return kept


def _kept_ways(request: RunRequest) -> dict[str, Any]:
    """How it runs."""
    kept: dict[str, Any] = {}
    pauses = request.pauses
    if pauses is not None and (pauses.waits or pauses.hurries):
        kept["pause"] = "wait" if pauses.waits else "skip"
    if request.sequential:
        kept["sequential"] = True
    if request.fail_on_warning:
        kept["failOnWarning"] = True
    return kept


def _told(mock: Mock) -> list[Any]:
    files = {name: b64encode(data).decode() for name, data in mock.files.items()}
    return [mock.task, mock.value, mock.prefix, mock.outputs, mock.state, files, mock.error]


def take_options(request: RunRequest, about: dict[str, Any]) -> None:
    """Give a request the options that a journal kept."""
    if "part" in about:
        request.part = Part(*about["part"])
    listed = [_mock(*told) for told in about.get("mocks", ())]
    request.mocks = Mocks([*request.mocks.listed, *listed], request.mocks.unsupported)
    request.mocks.unsupported |= bool(about.get("mockUnsupported"))
    request.given.kv = {**about.get("kv", {}), **request.given.kv}
    request.sequential |= bool(about.get("sequential"))
    request.fail_on_warning |= bool(about.get("failOnWarning"))
    request.compat = about.get("compat", request.compat)


def _mock(
    task: str | None,
    value: str | None,
    prefix: str | None,
    outputs: dict[str, Any],
    state: str,
    files: dict[str, str],
    error: str | None,
) -> Mock:
    made = {name: b64decode(text) for name, text in files.items()}
    return Mock(task, value, prefix, outputs, State(state), made, error)
