"""The lines of a journal: an event or log entry to JSON and back."""

import json
from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    Judged,
    KillRequested,
    LogLine,
    Lost,
    OpenFrame,
    Queued,
    Refused,
    Reopened,
    Resumed,
    Skipped,
    TimerFired,
    Violated,
)
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Change, Metric

Shown = Callable[[Any], Any]


def whole(value: Any) -> Any:
    """Nothing is hidden."""
    return value


def _encoder() -> Callable[[Any], str]:
    """JSON text of a value. The C encoder is made once: `JSONEncoder.encode` makes a new one for
    every call.
    """
    slow = json.JSONEncoder(separators=(",", ":"), default=str)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return slow.encode
    quote = json.encoder.encode_basestring_ascii
    fast = make(None, str, quote, None, ":", ",", False, False, True)
    return lambda value: "".join(fast(value, 0))


encode: Final = _encoder()


def line_of(entry: Event | LogLine, shown: Shown = whole) -> str:
    """The journal line of an entry, its values as `shown` gives them."""
    match entry:
        case AttemptStarted():
            return f'["S",{entry.run},{entry.at}]'
        case LogLine():
            return encode(["L", entry.run, entry.at, entry.level, entry.message, entry.attempt])
        case AttemptEnded():
            metrics = [[m.kind, m.name, m.value, m.tags] for m in entry.metrics]
            outputs = shown(entry.outputs)
            parts: list[Any] = ["E", entry.run, entry.at, entry.state, outputs, metrics]
            parts += (entry.error, entry.draw)
            if entry.change is not None or entry.log_file is not None:
                parts += (_changed(entry.change, shown), entry.log_file)
            return encode(parts)
        case _:
            return encode(_rare(entry, shown))


def _rare(entry: Event, shown: Shown) -> list[Any]:
    match entry:
        case Expanded():
            lanes = _lanes(entry.lanes, shown)
            more = [] if entry.needs is None and entry.pause is None else [entry.needs, entry.pause]
            return ["X", entry.run, entry.at, lanes, entry.limit, shown(entry.outputs), *more]
        case Skipped():
            return ["K", entry.run, entry.at]
        case Refused():
            outputs = shown(entry.outputs)
            return ["R", entry.run, entry.at, entry.error, entry.attempted, outputs]
        case TimerFired():
            return ["T", entry.run, entry.at]
        case Begun():
            return ["B", entry.at]
        case KillRequested():
            return ["Q", entry.at]
        case Concluded():
            return ["C", entry.at, shown(entry.outputs), entry.error]
        case _:
            return _rarest(entry, shown)


def _rarest(entry: Event, shown: Shown) -> list[Any]:
    match entry:
        case Resumed():
            more = [] if entry.error is None else [entry.error]
            return ["M", entry.run, entry.at, entry.state, shown(entry.outputs), *more]
        case Judged():
            return ["G", entry.run, entry.at, shown(entry.outputs), entry.again, entry.error]
        case Lost():
            return ["O", entry.run, entry.at]
        case Violated():
            labels = shown(entry.labels)
            return ["V", entry.at, entry.id, entry.behavior, labels, shown(entry.reason)]
        case Queued():
            return ["D", entry.at, entry.refused]
        case Reopened():
            frames = [
                [f.run, _lanes(f.lanes, shown), f.limit, f.opened, f.worst, f.needs]
                for f in entry.frames
            ]
            kept = list(entry.kept.items())
            labels = shown(entry.labels)
            return ["A", entry.at, entry.restarted, kept, entry.removed, frames, labels]
        case _:
            raise TypeError(f"{type(entry).__name__} has its own line")


def _lanes(lanes: list[Lane], shown: Shown) -> list[list[Any]]:
    return [[n.block, n.next, n.stop, shown(n.value), n.iteration] for n in lanes]


def _changed(change: Change | None, shown: Shown) -> list[Any] | None:
    if change is None:
        return None
    return [shown(change.labels), shown(change.variables), change.exit]


_READ: Final = {
    "S": AttemptStarted,
    "K": Skipped,
    "R": Refused,
    "T": TimerFired,
    "B": Begun,
    "Q": KillRequested,
    "G": Judged,
    "O": Lost,
}


def entry_of(line: str) -> Event | LogLine:
    """The entry of a journal line. Raises ValueError for anything else."""
    try:
        return _entry(*json.loads(line))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not a journal entry: {line[:100]}") from error


def _entry(kind: str, *values: Any) -> Event | LogLine:
    match kind:
        case "E":
            return _attempt_ended(*values)
        case "L":
            return LogLine(*values)
        case "X":
            run, at, lanes, limit, outputs, *more = values
            return Expanded(run, at, [Lane(*lane) for lane in lanes], limit, outputs, *more)
        case "C":
            return Concluded(*values)
        case _ if kind in _READ:
            entry: Event = _READ[kind](*values)
            return entry
        case _:
            return _rare_entry(kind, *values)


def _rare_entry(kind: str, *values: Any) -> Event:
    match kind:
        case "M":
            run, at, state, outputs, *more = values
            return Resumed(run, at, State(state), outputs, *more)
        case "V":
            at, name, behavior, labels, reason = values
            return Violated(at, name, behavior, _pairs(labels), reason)
        case "D":
            at, refused = values
            return Queued(at, None if refused is None else State(refused))
        case "A":
            at, restarted, kept, removed, frames, labels = values
            states = {number: State(state) for number, state in kept}
            opened = [_open_frame(*frame) for frame in frames]
            return Reopened(at, restarted, states, removed, opened, _pairs(labels))
        case _:
            raise ValueError(f"unknown journal entry {kind!r}")


def _attempt_ended(
    run: int,
    at: int,
    state: str,
    outputs: dict[str, Any] | None,
    metrics: list[list[Any]],
    error: str | None,
    draw: float,
    change: list[Any] | None = None,
    log_file: str | None = None,
) -> AttemptEnded:
    measured = [Metric(*metric) for metric in metrics] or ()
    made = None
    if change is not None:
        labels, variables, left = change
        pairs = None if labels is None else _pairs(labels)
        made = Change(pairs, variables, None if left is None else State(left))
    ended = AttemptEnded(run, at, State(state), outputs, measured, error, draw)
    ended.change, ended.log_file = made, log_file
    return ended


def _open_frame(
    run: int | None,
    lanes: list[list[Any]],
    limit: int,
    opened: int,
    worst: str,
    needs: list[list[int]] | None,
) -> OpenFrame:
    return OpenFrame(run, [Lane(*lane) for lane in lanes], limit, opened, State(worst), needs)


def _pairs(labels: list[list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in labels]
