"""Mocks from the command line.

    --mock TASK=JSON            the outputs of a task; `TASK[value]` is one iteration of a loop
    --mock TASK=@file.json      the same from a file, JSON or YAML
    --mock-type PREFIX=JSON     for every type that begins with this text

What the JSON may be is said in `app/said_mocks.py`.
"""

from collections.abc import Sequence
from typing import Any

from kestrel_cli.app.said_mocks import completed, file_of, mock_for
from kestrel_cli.cli.bounded import read_whole
from kestrel_cli.errors import UsageError
from kestrel_cli.model.mock import Mock


def read_mocks(options: Sequence[str]) -> list[Mock]:
    """What `--mock` says. Raises UsageError."""
    found = []
    for option in options:
        name, text = _split(option)
        found.append(_mock(mock_for(name), "--mock", text))
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
    return completed(mock, name, _value(name, text), read_whole)


def mock_of(mock: Mock, option: str, said: object) -> Mock:
    """The mock with what a file says of it. Raises UsageError."""
    name = f"{option}: {mock.task}"
    return completed(mock, name, said, read_whole)


def _value(name: str, text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    from kestrel_cli.worker.yaml_text import read_yaml

    if text.startswith("@"):
        text = file_of(name, text[1:], read_whole).decode("utf-8", "replace")
    try:
        found = read_yaml(text)  # JSON is YAML, too
    except ValueError as error:
        raise UsageError(f"`{name}`: this is neither JSON nor YAML: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f'`{name}`: expected a map, such as {{"name": "value"}}')
    return {str(key): value for key, value in found.items()}


def read_resumes(options: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The inputs of `--resume TASK=JSON`, by task. Raises UsageError."""
    found = {}
    for option in options:
        name, text = _split(option)
        found[name] = _value(f"--resume {name}", text)
    return found
