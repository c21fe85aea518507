"""What a run was given, as its journal keeps it: it holds for everything that is done with the run
later, unless the user says something else then.

One table says it all: which part of a request is kept, under which name, and how it becomes JSON
and a value again. Secrets are never kept.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from kestrel_cli.app.request import USUAL_DEPTH, Part, RunRequest
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import State

_OLDEST: Final = 1  # generation of expressions


def _same(value: Any) -> Any:
    return value


def _kept_alone(_now: Any, kept: Any) -> Any:
    return kept


class Kept(NamedTuple):
    """How one part of a request is kept. A value that is `plain` is kept only when it was said.

    `joined` makes one of what holds now and what was kept, where the user has not said it anew.
    """

    name: str
    plain: Any
    to_json: Callable[[Any], Any] = _same
    from_json: Callable[[Any], Any] = _same
    joined: Callable[[Any, Any], Any] = _kept_alone


def _part_told(part: Part) -> list[Any]:
    return [part.only, part.start, part.until]


def _part(told: list[Any]) -> Part:
    return Part(*told)


def _mocks_told(mocks: list[Mock]) -> list[list[Any]]:
    return [_mock_told(mock) for mock in mocks]


def _mocks(told: list[list[Any]]) -> list[Mock]:
    return [_mock(*one) for one in told]


def _mock_told(mock: Mock) -> list[Any]:
    files = {name: b64encode(data).decode() for name, data in mock.files.items()}
    return [mock.task, mock.value, mock.prefix, mock.outputs, mock.state, files, mock.error]


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


def _absolute(folder: str) -> str:
    return str(Path(folder).absolute())


def _the_first_that_fits(now: list[Mock], kept: list[Mock]) -> list[Mock]:
    return [*now, *kept]


def _newer_first(now: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    return {**kept, **now}


# Where it is in a request -> how it is kept.
KEPT: Final = {
    "part": Kept("part", Part(), _part_told, _part),
    "mocks.listed": Kept("mocks", [], _mocks_told, _mocks, _the_first_that_fits),
    "mocks.unsupported": Kept("mockUnsupported", False),
    "flows_dir": Kept("flowsDir", None, _absolute),
    "max_depth": Kept("maxDepth", USUAL_DEPTH),
    "compat": Kept("compat", _OLDEST),
    "seed": Kept("seed", None),
    "frozen_at": Kept("frozenAt", None),
    "timeout": Kept("timeout", None),
    "pauses.policy": Kept("pause", "fail"),
    "sequential": Kept("sequential", False),
    "fail_on_warning": Kept("failOnWarning", False),
    "given.kv": Kept("kv", {}, dict, dict, _newer_first),
    "given.namespace_files": Kept("namespaceFiles", None, _absolute),
    "given.offline": Kept("offline", False),
    "given.settings.containers": Kept("containers", "auto"),
    "given.settings.kill-grace": Kept("killGrace", None),
    "given.settings.max-download": Kept("maxDownload", None),
}


def kept_options(request: RunRequest) -> dict[str, Any]:
    """What the user has said, and what differs from a plain run, as JSON."""
    found: dict[str, Any] = {}
    for path, how in KEPT.items():
        value = _at(request, path)
        if value is not None and (path in request.said or not _is_plain(value, how)):
            found[how.name] = how.to_json(value)
    return found


def _is_plain(value: Any, how: Kept) -> bool:
    return bool(value == how.plain) or (how.plain == [] and not value)


def take_options(request: RunRequest, kept: dict[str, Any]) -> RunRequest:
    """The request with what a journal kept. What the user says now wins; mocks and key-values that
    are given now come before those that were kept.
    """
    taken = request
    for path, how in KEPT.items():
        if how.name in kept and path not in request.said:
            value = how.from_json(kept[how.name])
            taken = _put(taken, path, how.joined(_at(taken, path), value))
    return taken


def _at(held: Any, path: str) -> Any:
    for name in path.split("."):
        held = held.get(name) if isinstance(held, dict) else getattr(held, name)
    return held


def _put(held: Any, path: str, value: Any) -> Any:
    """A copy with another value at the end of a path."""
    first, _, rest = path.partition(".")
    if rest:
        value = _put(_at(held, first), rest, value)
    if isinstance(held, dict):
        return {**held, first: value}
    return changed(held, **{first: value})
