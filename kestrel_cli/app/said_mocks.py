"""What is said of a mock, in whatever place, becomes one.

It is the map of outputs, or says more with these keys only:

    {"outputs": {...}, "state": "FAILED", "error": "why", "files": {"uri": "text",
     "outputFiles": {"a.csv": "@local.csv"}}}

`files` become files in internal storage, a text that begins with `@` names one to copy.
"""

from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.app.parts import selected
from kestrel_cli.errors import UsageError
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State

_KEYS: Final = {"outputs", "state", "error", "files"}
_STATES: Final = (State.SUCCESS, State.WARNING, State.FAILED)
Read = Callable[[str], bytes]  # a file that is named; raises OSError


def mock_for(selector: str) -> Mock:
    """An empty mock of `TASK` or `TASK[value]`. Raises UsageError."""
    task, values = selected(selector)
    if len(values) > 1:
        raise UsageError(f"`--mock {selector}`: name the value of the task run itself only")
    return Mock(task=task, value=values[0] if values else None)


def completed(mock: Mock, name: str, said: object, read: Read) -> Mock:
    """The mock with what is said of it; `name` is how messages call it. Raises UsageError."""
    return _completed(mock, name, map_of(name, "it", said), read)


def _completed(mock: Mock, name: str, said: dict[str, Any], read: Read) -> Mock:
    if said.get("state") in _STATES and not said.keys() <= _KEYS:
        strange = ", ".join(f"`{key}`" for key in said if key not in _KEYS)
        raise UsageError(
            f"`{name}`: {strange} beside `state`: a mock has {', '.join(sorted(_KEYS))}; "
            "outputs of these names go into `outputs`"
        )
    if not said or not said.keys() <= _KEYS:
        mock.outputs = said
        return mock
    mock.outputs = map_of(name, "outputs", said.get("outputs"))
    mock.error = None if said.get("error") is None else str(said["error"])
    state = said.get("state", "FAILED" if mock.error is not None else "SUCCESS")
    if state not in _STATES:
        raise UsageError(f"`{name}`: `state` must be one of {', '.join(_STATES)}")
    mock.state = State(state)
    files = map_of(name, "files", said.get("files"))
    for key, content in files.items():
        held = map_of(name, key, content) if key == "outputFiles" else {key: content}
        mock.files |= {one: _bytes(name, value, read) for one, value in held.items()}
    return mock


def map_of(name: str, key: str, value: object) -> dict[str, Any]:
    """A part that is a map; nothing is an empty one. Raises UsageError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f"`{name}`: `{key}` must be a map")
    return value


def file_of(name: str, path: str, read: Read) -> bytes:
    """What is in a file. Raises UsageError."""
    try:
        return read(path)
    except OSError as error:
        raise UsageError(f"`{name}`: {path}: {error.strerror or error}") from None


def _bytes(name: str, value: object, read: Read) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return file_of(name, value[1:], read) if value.startswith("@") else value.encode()
    import json

    return json.dumps(value).encode()
