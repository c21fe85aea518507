"""The messages by which a script speaks to Kestra: lines `::{...}::`, of JSON with `outputs`,
`metrics` and `logs`.
"""

import json
import math
import re
from typing import Any, Final

from kestrel_cli.tasks.base import LEVELS, Duration, LogLevel, Metric, fresh, json_problem, record

MESSAGE: Final = b"::{"  # how one begins
_LEVELS: Final[dict[str, LogLevel]] = {**{level: level for level in LEVELS}, "WARNING": "WARN"}
_KINDS: Final = ("counter", "timer", "gauge")
_SHOWN: Final = 200
_SCIENTIFIC: Final = re.compile(r"[\d.eE+-]+", re.ASCII)


@record
class Message:
    """What one line says. Other keys than these are ignored."""

    outputs: dict[str, Any] = fresh(factory=dict)
    metrics: list[Metric] = fresh(factory=list)
    logs: list[tuple[LogLevel, str]] = fresh(factory=list)


def is_message(line: bytes) -> bool:
    """Whether a line, without its end, is meant as a message."""
    return line.startswith(MESSAGE) and line.endswith(b"}::")


def read_message(line: bytes) -> Message:
    """The message. Raises ValueError, in words for the user, when it is none."""
    try:
        said = json.loads(line[2:-2], parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it nests too deep") from None
    except ValueError as error:
        raise ValueError(json_problem(error)) from None
    return Message(
        _map(said.get("outputs"), "outputs"),
        [_metric(one) for one in _list(said.get("metrics"), "metrics")],
        [_log(one) for one in _list(said.get("logs"), "logs")],
    )


def shortened(line: bytes) -> str:
    """A line as a message about it shows it."""
    text = line.decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _no_number(text: str) -> Any:
    raise ValueError(f"`{text}` is no number in JSON")


def _map(value: object, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"`{name}` must be a map")
    return value


def _list(value: object, name: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"`{name}` must be a list")
    return value


def _metric(said: object) -> Metric:
    said = _map(said, "metrics[]")
    kind, name = said.get("type"), said.get("name")
    if kind not in _KINDS:
        raise ValueError(f"the `type` of a metric is one of {', '.join(_KINDS)}, not `{kind}`")
    if not isinstance(name, str):
        raise ValueError("a metric needs a `name`")
    tags = {str(tag): _text(value) for tag, value in _map(said.get("tags"), "tags").items()}
    return Metric(kind, name, _number(said.get("value"), kind), tags)


def _number(value: object, kind: str) -> float:
    """A number, its text, or for a timer an ISO duration; one that can be counted with."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("a metric needs a number as its `value`")
    if kind == "timer" and not (isinstance(value, str) and _SCIENTIFIC.fullmatch(value)):
        return Duration.parse(value).seconds
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("a metric needs a number as its `value`, and no infinite one")
    return Duration.parse(number).seconds if kind == "timer" else number


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _log(said: object) -> tuple[LogLevel, str]:
    said = _map(said, "logs[]")
    level = _LEVELS.get(str(said.get("level")).upper())
    if level is None:
        raise ValueError(f"the `level` of a log is one of {', '.join(LEVELS)}")
    message = said.get("message")
    return level, "" if message is None else _text(message)
