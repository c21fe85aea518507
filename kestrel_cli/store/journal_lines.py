"""The lines of a journal: what is told to JSON and back."""

import json
from collections.abc import Callable
from sys import intern
from typing import Any, Final, Literal, assert_never

from kestrel_cli.model import event as e
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.call import CallResult
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import LEVELS, Change, Metric
from kestrel_cli.store.journal_births import (
    Shown,
    birth_of,
    call_of,
    map_of_birth,
    map_of_call,
)
from kestrel_cli.store.journal_checks import (
    count,
    each,
    flag,
    maybe,
    moment,
    number,
    one_of,
    pairs,
    row,
    state,
    table,
    text,
    texts,
    wrong,
)


@record
class FlowText:
    """The text of a flow file, as the run had it; executions name it by its number."""

    number: int
    file: str
    text: str
    defaults: list[dict[str, Any]] = fresh(factory=list)  # of the settings then


@record
class Closed:
    """The run is over for now: what a list of runs tells of it without reading on.

    `whole` is false when the journal could not be written to its end.
    """

    at: int
    state: str
    runs: int
    whole: bool = True


@record
class Key:
    """An entry of the table of sealed secrets."""

    entry: list[Any]


FORMAT: Final = 3
Line = FlowText | Birth | Closed | Key | e.Event | e.LogLine


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
    fast = make(None, str, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, True)
    return lambda value: "".join(fast(value, 0))


encode: Final = _encoder()
_quote: Final = json.encoder.encode_basestring_ascii

# -- writing


def line_of(entry: Line, shown: Shown = whole) -> str:  # noqa: C901, PLR0911, PLR0912, PLR0915  a case for each event
    """The journal line of an entry, its values as `shown` gives them: that keeps lists, maps and
    texts what they are.
    """
    more: list[Any]
    match entry:
        case e.AttemptStarted():  # so short that encoding would show
            return f'["S",{entry.run},{entry.at}]'
        case e.LogLine():
            if entry.run is None:
                return encode(["L", None, entry.at, entry.level, entry.message, entry.attempt])
            message = _quote(entry.message)
            return f'["L",{entry.run},{entry.at},"{entry.level}",{message},{entry.attempt}]'
        case e.AttemptEnded():
            metrics = [[m.kind, m.name, m.value, m.tags] for m in entry.metrics]
            outputs = shown(entry.outputs)
            parts: list[Any] = ["E", entry.run, entry.at, entry.state, outputs, metrics]
            parts += (entry.error, entry.draw)
            if entry.change is not None or entry.log_file is not None:
                parts += (_changed(entry.change, shown), entry.log_file)
            return encode(parts)
        case e.Expanded():
            lanes = _lanes(entry.lanes, shown)
            more = [] if entry.needs is None and entry.pause is None else [entry.needs, entry.pause]
            return encode(
                ["X", entry.run, entry.at, lanes, entry.limit, shown(entry.outputs), *more]
            )
        case e.Called():
            calls = [map_of_call(call, shown) for call in entry.calls]
            return encode(["U", entry.run, entry.at, calls, entry.limit, entry.wait])
        case e.Launched():
            more = [] if entry.birth is None else [map_of_birth(entry.birth, shown)]
            return encode(["H", entry.run, entry.at, entry.nth, entry.execution, *more])
        case e.CalledEnded():
            parts = ["Y", entry.run, entry.at, entry.nth, entry.state, entry.execution]
            return encode([*parts, shown(entry.outputs), entry.error, entry.stop])
        case e.Skipped():
            return encode(["P", entry.run, entry.at])
        case e.Refused():
            parts = ["R", entry.run, entry.at, entry.error, entry.attempted, shown(entry.outputs)]
            more = [entry.soft, entry.at_once] if entry.soft or entry.at_once else []
            return encode([*parts, *more])
        case e.StoodIn():
            parts = ["f", entry.run, entry.at, entry.state, shown(entry.outputs)]
            return encode([*parts, entry.error])
        case e.TimerFired():
            return encode(["T", entry.run, entry.at])
        case e.Begun():
            return encode(["B", entry.at])
        case e.KillRequested():
            return encode(["Q", entry.at])
        case e.Concluded():
            return encode(["C", entry.at, shown(entry.outputs), entry.error])
        case e.Heard():
            return encode(["J", entry.at, entry.listeners])
        case e.Followed():
            return encode(["W", entry.at, map_of_birth(entry.birth, shown)])
        case e.Resumed():
            more = [] if entry.error is None else [entry.error]
            return encode(["M", entry.run, entry.at, entry.state, shown(entry.outputs), *more])
        case e.Judged():
            return encode(
                ["G", entry.run, entry.at, shown(entry.outputs), entry.again, entry.error]
            )
        case e.Lost():
            return encode(["O", entry.run, entry.at])
        case e.Violated():
            labels = shown(entry.labels)
            return encode(["V", entry.at, entry.id, entry.behavior, labels, shown(entry.reason)])
        case e.Queued():
            return encode(["D", entry.at, entry.refused])
        case e.Reopened():
            frames = [
                [f.run, _lanes(f.lanes, shown), f.limit, f.opened, f.worst, f.needs]
                for f in entry.frames
            ]
            kept = list(entry.kept.items())
            parts = ["A", entry.at, entry.restarted, kept, entry.removed, frames]
            more = [[_open_call(one, shown) for one in entry.calls]] if entry.calls else []
            return encode([*parts, shown(entry.labels), *more])
        case Birth():
            return encode(["N", map_of_birth(entry, shown)])
        case FlowText():
            more = [entry.defaults] if entry.defaults else []
            return encode(["F", entry.number, entry.file, entry.text, *more])
        case Key():
            return encode(["K", *entry.entry])
        case Closed():
            return encode(["Z" if entry.whole else "I", entry.at, entry.state, entry.runs])
        case _:
            assert_never(entry)


def _lanes(lanes: list[Lane], shown: Shown) -> list[list[Any]]:
    return [[n.block, n.next, n.stop, shown(n.value), n.iteration] for n in lanes]


def _changed(change: Change | None, shown: Shown) -> list[Any] | None:
    if change is None:
        return None
    return [shown(change.labels), shown(change.variables), change.exit]


def _open_call(call: e.OpenCall, shown: Shown) -> list[Any]:
    results = [
        [
            nth,
            map_of_call(one.call, shown),
            one.state,
            one.execution,
            shown(one.outputs),
            one.error,
        ]
        for nth, one in call.results.items()
    ]
    return [call.run, results, call.again]


# -- reading


def entry_of(parts: Any) -> Line:  # noqa: C901, PLR0911, PLR0912, PLR0915  a case for each event
    """What a line tells, of its JSON value. Raises ValueError for anything else."""
    if type(parts) is not list or not parts:
        raise wrong("a line of a journal", parts)
    kind, *values = parts
    match kind:
        case "S":
            run, at = values
            return e.AttemptStarted(count(run), moment(at))
        case "L":
            run, at, level, message, attempt = values
            run = None if run is None else count(run)
            return e.LogLine(run, moment(at), _level(level), text(message), count(attempt))
        case "E":
            return _attempt_ended(*_filled(values, 7, 9))
        case "X":
            run, at, lanes, limit, outputs, *more = values
            needs, pause = (None, None) if not more else _waits(more)
            opened = _lanes_of(lanes)
            limit, outputs = count(limit), table(outputs)
            return e.Expanded(count(run), moment(at), opened, limit, outputs, needs, pause)
        case "U":
            run, at, calls, limit, wait = values
            return e.Called(count(run), moment(at), _calls(calls), count(limit), flag(wait))
        case "H":
            run, at, nth, execution, birth = _filled(values, 4, 5)
            born = None if birth is None else birth_of(birth)
            return e.Launched(count(run), moment(at), count(nth), text(execution), born)
        case "Y":
            run, at, nth, ended, execution, outputs, error, stop = values
            of, came, why = _some_text(execution), _some_table(outputs), _some_text(error)
            return e.CalledEnded(
                count(run), moment(at), count(nth), state(ended), of, came, why, flag(stop)
            )
        case "P":
            run, at = values
            return e.Skipped(count(run), moment(at))
        case "R":
            run, at, error, attempted, outputs, *more = values
            came = _some_table(outputs)
            soft, at_once = (flag(one) for one in row(more, 2)) if more else (False, False)
            why = text(error)
            return e.Refused(count(run), moment(at), why, flag(attempted), came, soft, at_once)
        case "f":
            run, at, ended, outputs, error = values
            came, why = _some_table(outputs), _some_text(error)
            return e.StoodIn(count(run), moment(at), state(ended), came, why)
        case "T":
            run, at = values
            return e.TimerFired(count(run), moment(at))
        case "B":
            (at,) = values
            return e.Begun(moment(at))
        case "Q":
            (at,) = values
            return e.KillRequested(moment(at))
        case "C":
            at, outputs, error = values
            return e.Concluded(moment(at), _some_table(outputs), _some_text(error))
        case "J":
            at, listeners = values
            return e.Heard(moment(at), _counts(listeners))
        case "W":
            at, birth = values
            return e.Followed(moment(at), birth_of(birth))
        case "M":
            run, at, left, outputs, error = _filled(values, 4, 5)
            why = _some_text(error)
            return e.Resumed(count(run), moment(at), state(left), table(outputs), why)
        case "G":
            run, at, outputs, again, error = values
            after, why = _some_count(again), _some_text(error)
            return e.Judged(count(run), moment(at), table(outputs), after, why)
        case "O":
            run, at = values
            return e.Lost(count(run), moment(at))
        case "V":
            at, name, behavior, labels, reason = values
            does = _behavior(behavior)
            return e.Violated(moment(at), text(name), does, pairs(labels), text(reason))
        case "D":
            at, refused = values
            return e.Queued(moment(at), _some_state(refused))
        case "A":
            at, restarted, kept, removed, frames, labels, calls = _filled(values, 6, 7)
            again, gone, states = _counts(restarted), _counts(removed), dict(_states(kept))
            left, open_calls = pairs(labels), [] if calls is None else _open_calls(calls)
            return e.Reopened(moment(at), again, states, gone, _frames(frames), left, open_calls)
        case "N":
            (birth,) = values
            return birth_of(birth)
        case "F":
            of, file, content, defaults = _filled(values, 3, 4)
            settings = [] if defaults is None else _tables(defaults)
            return FlowText(count(of), text(file), text(content), settings)
        case "K":
            return Key(values)
        case "Z":
            return closed_of(values)
        case _:
            raise ValueError("no line that is known")


def closed_of(values: list[Any], *, whole: bool = True) -> Closed:
    """How a journal was closed. Raises ValueError."""
    at, left, runs = row(values, 3)
    return Closed(moment(at), state(left).value, count(runs), whole)


def _filled(values: list[Any], least: int, most: int) -> list[Any]:
    """The values with null for those that were left out at the end."""
    missing = most - len(values)
    if not 0 <= missing <= most - least:
        raise ValueError(f"{len(values)} values where {least} to {most} have to be")
    return values + [None] * missing if missing else values


def _attempt_ended(
    run: Any,
    at: Any,
    ended: Any,
    outputs: Any,
    metrics: Any,
    error: Any,
    draw: Any,
    change: Any,
    log_file: Any,
) -> e.AttemptEnded:
    if not 0 <= number(draw) <= 1:
        raise wrong("a share of 1", draw)
    return e.AttemptEnded(
        count(run),
        moment(at),
        state(ended),
        None if outputs is None else table(outputs),
        () if metrics == [] else _metrics(metrics),
        None if error is None else text(error),
        draw,
        None if change is None else _change(change),
        None if log_file is None else text(log_file),
    )


def _change(value: Any) -> Change:
    labels, variables, left = row(value, 3)
    pairs_left = None if labels is None else pairs(labels)
    return Change(pairs_left, _some_table(variables), _some_state(left))


def _open_call_of(value: Any) -> e.OpenCall:
    run, results, again = row(value, 3)
    return e.OpenCall(count(run), dict(_results(results)), _counts(again))


def _result(value: Any) -> tuple[int, CallResult]:
    nth, call, ended, execution, outputs, error = row(value, 6)
    of, came, why = _some_text(execution), _some_table(outputs), _some_text(error)
    return count(nth), CallResult(call_of(call), state(ended), of, came, why)


def _metrics(value: Any) -> list[Metric]:
    """The metrics of an attempt; they share what is the same, as they did when they were made."""
    found: list[Metric] = []
    if type(value) is not list:
        raise wrong("a list", value)
    for one in value:
        kind, name, measured, tags = row(one, 4)
        known = found[-1].tags if found else {}
        if texts(tags) == known:
            tags = known
        else:
            tags = {intern(key): intern(tag) for key, tag in tags.items()}
        found.append(Metric(_metric_kind(kind), intern(text(name)), number(measured), tags))
    return found


def _lane(value: Any) -> Lane:
    block, first, stop, content, iteration = value if type(value) is list else row(value, 5)
    # In one expression: there are many of these, and a call for each value would show.
    if (
        type(block) is str
        and type(first) is type(stop) is int
        and 0 <= first <= stop
        and (content is None or type(content) is str)
        and (iteration is None or (type(iteration) is int and iteration >= 0))
    ):
        return Lane(block, first, stop, content, iteration)
    raise wrong("a lane", value)


def _frame(value: Any) -> e.OpenFrame:
    run, lanes, limit, opened, worst, needs = row(value, 6)
    left = _lanes_of(lanes)
    return e.OpenFrame(
        _some_count(run), left, count(limit), count(opened), state(worst), _needs(needs)
    )


def _waits(more: list[Any]) -> tuple[list[list[int]] | None, int | None]:
    needs, pause = more
    return _needs(needs), _pause(pause)


def _pause(value: Any) -> int | None:
    return e.FOREVER if type(value) is int and value == e.FOREVER else _some_count(value)


_BEHAVIORS: Final[tuple[Literal["FAIL", "CANCEL", "NONE"], ...]] = ("FAIL", "CANCEL", "NONE")
_METRICS: Final[tuple[Literal["counter", "timer", "gauge"], ...]] = ("counter", "timer", "gauge")
_level: Final = one_of(tuple(LEVELS))
_behavior: Final = one_of(_BEHAVIORS)
_metric_kind: Final = one_of(_METRICS)
_some_count: Final = maybe(count)
_some_text: Final = maybe(text)
_some_table: Final = maybe(table)
_some_state: Final = maybe(state)
_counts: Final = each(count)
_tables: Final = each(table)
_calls: Final = each(call_of)
_frames: Final = each(_frame)
_needs: Final = maybe(each(_counts))
_lanes_of: Final = each(_lane)
_states: Final = each(lambda value: _state_of_run(*row(value, 2)))


def _state_of_run(run: Any, left: Any) -> tuple[int, State]:
    return count(run), state(left)


_results: Final = each(_result)
_open_calls: Final = each(_open_call_of)
