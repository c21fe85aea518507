"""Mocks from the command line.

    --mock TASK=JSON            the outputs of a task; `TASK[value]` is one iteration of a loop
    --mock TASK=@file.json      the same from a file, JSON or YAML
    --mock-type PREFIX=JSON     for every type that begins with this text

The JSON is the map of outputs, or says more with these keys only:

    {"outputs": {...}, "state": "FAILED", "error": "why", "files": {"uri": "text",
     "outputFiles": {"a.csv": "@local.csv"}}}

`files` become files in internal storage, a text that begins with `@` names one to copy.
"""

from collections.abc import Sequence
from typing import Any, Final

from kestrel_cli.app.parts import selected
from kestrel_cli.cli.bounded import read_whole
from kestrel_cli.errors import UsageError
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State

_KEYS: Final = {"outputs", "state", "error", "files"}
_STATES: Final = (State.SUCCESS, State.WARNING, State.FAILED)


def read_mocks(options: Sequence[str]) -> list[Mock]:
    """What `--mock` says. Raises UsageError."""
    found = []
    for option in options:
        name, text = _split(option)
        task, values = selected(name)
        if len(values) > 1:
            raise UsageError(f"`--mock {name}`: name the value of the task run itself only")
        found.append(_mock(Mock(task=task, value=values[0] if values else None), "--mock", text))
    return found


def read_mocks_of_types(options: Sequence[str]) -> list[Mock]:
    """What `--mock-type` says. Raises UsageError."""
    found = []
    for option in options:
        prefix, text = _split(option)
        found.append(_mock(Mock(prefix=prefix), "--mock-type", text))
    return found


def _split(option: str) -> tuple[str, str]:
    """Name and value; an `=` in brackets belongs to a loop value."""
    depth = 0
    for at, letter in enumerate(option):
        depth += (letter == "[") - (letter == "]")
        if letter == "=" and depth <= 0:
            return option[:at], option[at + 1 :]
    return option, ""


def _mock(mock: Mock, option: str, text: str) -> Mock:
    name = f"{option} {mock.task or mock.prefix}"
    return _said(mock, name, _value(name, text))


def mock_of(mock: Mock, option: str, said: object) -> Mock:
    """The mock with what a file says of it. Raises UsageError."""
    name = f"{option}: {mock.task}"
    return _said(mock, name, _map(name, "it", said))


def _said(mock: Mock, name: str, said: dict[str, Any]) -> Mock:
    if said.get("state") in _STATES and not said.keys() <= _KEYS:
        strange = ", ".join(f"`{key}`" for key in said if key not in _KEYS)
        raise UsageError(
            f"`{name}`: {strange} beside `state`: a mock has {', '.join(sorted(_KEYS))}; "
            "outputs of these names go into `outputs`"
        )
    if not said or not said.keys() <= _KEYS:
        mock.outputs = said
        return mock
    mock.outputs = _map(name, "outputs", said.get("outputs"))
    mock.error = None if said.get("error") is None else str(said["error"])
    state = said.get("state", "FAILED" if mock.error is not None else "SUCCESS")
    if state not in _STATES:
        raise UsageError(f"`{name}`: `state` must be one of {', '.join(_STATES)}")
    mock.state = State(state)
    files = _map(name, "files", said.get("files"))
    for key, content in files.items():
        held = _map(name, key, content) if key == "outputFiles" else {key: content}
        mock.files |= {one: _bytes(name, value) for one, value in held.items()}
    return mock


def _value(name: str, text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    from kestrel_cli.worker.yaml_text import read_yaml

    source = _file(name, text[1:]).decode("utf-8", "replace") if text.startswith("@") else text
    try:
        found = read_yaml(source)  # JSON is YAML, too
    except ValueError as error:
        raise UsageError(f"`{name}`: this is neither JSON nor YAML: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f'`{name}`: expected a map, such as {{"name": "value"}}')
    return {str(key): value for key, value in found.items()}


def _map(name: str, key: str, value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f"`{name}`: `{key}` must be a map")
    return value


def _bytes(name: str, value: object) -> bytes:
    text = value if isinstance(value, str) else ""
    if not isinstance(value, str):
        import json

        text = json.dumps(value)
    return _file(name, text[1:]) if text.startswith("@") else text.encode()


def _file(name: str, path: str) -> bytes:
    try:
        return read_whole(path)
    except OSError as error:
        raise UsageError(f"`{name}`: {path}: {error.strerror or error}") from None


def read_resumes(options: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The inputs of `--resume TASK=JSON`, by task. Raises UsageError."""
    found = {}
    for option in options:
        name, text = _split(option)
        found[name] = _value(f"--resume {name}", text)
    return found
