"""A journal that is damaged is read cleanly, or said to be damaged: nothing else happens."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.model.birth import Birth, Caller
from kestrel_cli.model.call import Call
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Called,
    CalledEnded,
    Concluded,
    Event,
    Expanded,
    Followed,
    Judged,
    KillRequested,
    Launched,
    LogLine,
    Lost,
    OpenFrame,
    Queued,
    Refused,
    Reopened,
    Resumed,
    Skipped,
    StoodIn,
    TimerFired,
    Violated,
)
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Change, Metric
from kestrel_cli.store.journal import Closed, FlowText, Journal, ending, opening, read
from kestrel_cli.store.journal_lines import line_of

CHILD = Birth(
    1,
    "y",
    2,
    None,
    inputs={"n": [1]},
    labels=[("a", "b")],
    item={"value": 1},
    caller=Caller(0, 3, 0),
)
LANES = [Lane("tasks", 0, 2, "x", 0), Lane("errors", 0, 1)]
ENTRIES: list[Event | LogLine] = [
    Queued(1),
    Begun(1),
    Expanded(0, 2, LANES, 4, {"a": {"b": 1}}, [[], [0]], 9),
    Skipped(1, 2),
    AttemptStarted(2, 3),
    LogLine(2, 3, "INFO", "häl\nlo", 1),
    AttemptEnded(
        2,
        4,
        State.SUCCESS,
        {"v": [1.5, None, True]},
        [Metric("timer", "t", 0.5, {"a": "b"})],
        "why",
        0.5,
        Change([("a", "b")], {"v": 1}, State.KILLED),
        "kestra:///a.log",
    ),
    Called(3, 4, [Call("a", "b", {"n": 1}, [("k", "v")], True), Call(item={"value": 1})], 2),
    Launched(3, 5, 0, "y", CHILD),
    CalledEnded(3, 6, 0, State.FAILED, "y", {"o": 1}, "no", True),
    Followed(7, Birth(2, "z", 7, 0, follows=0, attempt_number=2)),
    Refused(4, 7, "no", True, {"a": 1}),
    StoodIn(4, 7, State.FAILED, {"a": 1}, "no"),
    TimerFired(4, 7),
    Resumed(5, 7, State.FAILED, {"a": 1}, "late"),
    Judged(6, 8, {"iterationCount": 1}, 9, "no"),
    Lost(7, 8),
    Violated(8, "late", "CANCEL", [("sla", "miss")], "too late"),
    KillRequested(8),
    Concluded(9, {"o": 1}, "no"),
    Reopened(
        9,
        [3],
        {1: State.SUCCESS},
        [5],
        [OpenFrame(None, LANES, 1, 1, State.WARNING, [[0]])],
        [("a", "b")],
    ),
]
OTHERS: list[Any] = [
    None, True, False, -1, 0, 1, 10**30, 0.5, float("nan"), "", "x", "SUCCESS", [], [[]], [1, 2],
    {}, {"a": 1}, {"id": 5},
]  # fmt: skip
SEEDS = range(3000)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "journal.ndjson"
    made = Journal(path)
    made.flow(FlowText(0, "flow.yaml", "id: x\n", [{"type": "t", "values": {}}]))
    made.key([0, "salt"])
    made.birth(Birth(0, "x", 1, 0, "a.b", "flow", inputs={"n": 1}, given={"seed": 1}))
    for number, entry in enumerate(ENTRIES):
        made.append(number % 2, entry)
    made.close(Closed(10, "FAILED", 9))
    assert len([*read(path, whole=True)]) == len(ENTRIES) + 4
    return path.read_bytes()


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every list or map in the value with each of its indexes or keys."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, dict)):
            keys = [*one] if isinstance(one, dict) else [*range(len(one))]
            found += [(one, key) for key in keys]
            waiting += [one[key] for key in keys]
    return found


def mutated_line(line: bytes, luck: random.Random) -> bytes:
    """The line with one of its values gone, put elsewhere, or of another type: still JSON."""
    value = json.loads(line)
    where, key = luck.choice(places(value))
    match luck.randrange(4):
        case 0:
            del where[key]
        case 1:
            where[key] = luck.choice(OTHERS)
        case 2:
            there, other = luck.choice(places(value))
            where[key], there[other] = json.loads(json.dumps([there[other], where[key]]))
        case _ if isinstance(where, list):
            where.insert(key, luck.choice(OTHERS))
        case _:
            where[luck.choice(["x", "at", "id"])] = luck.choice(OTHERS)
    return json.dumps(value).encode() + b"\n"


def mutated(data: bytes, luck: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at = luck.randrange(len(lines))
    match luck.randrange(7):
        case 0:
            place = luck.randrange(len(data))
            return data[:place] + bytes([data[place] ^ 1 << luck.randrange(8)]) + data[place + 1 :]
        case 1:
            del lines[at]
        case 2:
            lines.insert(luck.randrange(len(lines)), lines[at])
        case 3:
            return data[: luck.randrange(len(data))]
        case _:
            lines[at] = mutated_line(lines[at], luck)
    return b"".join(lines)


@pytest.mark.parametrize("seeds", [SEEDS[n::6] for n in range(6)], ids=str)
def test_a_damaged_journal_is_read_or_refused(whole: bytes, seeds: range, tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    refused = 0
    for seed in seeds:
        path.write_bytes(mutated(whole, random.Random(seed)))
        ending(path)
        opening(path)
        try:
            entries = [entry for _, _, entry in read(path)]
        except ValueError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017  either is right
            refused += 1
        else:
            for entry in entries:  # it is what it says to be: it can be written again
                assert line_of(entry)
    assert 0 < refused < len(seeds)
