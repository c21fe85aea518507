import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
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
from kestrel_cli.store import journal_lines
from kestrel_cli.store.journal_lines import encode, entry_of, line_of

LANES = [Lane("tasks", 0, 2, "x", 0), Lane("cases.a b", 0, 1)]
OPEN = [
    OpenFrame(None, [Lane("tasks", 1, 3)], 1, 1, State.SUCCESS, None),
    OpenFrame(2, [Lane("tasks", 0, 1), Lane("tasks", 2, 2)], 0, 1, State.WARNING, [[], [0]]),
]
METRICS = [Metric("counter", "rows", 2.0, {"table": "a"}), Metric("timer", "t", 0.5, {})]

LINES = [
    (Begun(5), '["B",5]'),
    (AttemptStarted(3, 7), '["S",3,7]'),
    (
        AttemptEnded(3, 9, State.SUCCESS, {"value": 1}),
        '["E",3,9,"SUCCESS",{"value":1},[],null,0.0]',
    ),
    (
        AttemptEnded(3, 9, State.FAILED, {}, METRICS, "no", 0.25),
        '["E",3,9,"FAILED",{},[["counter","rows",2.0,{"table":"a"}],["timer","t",0.5,{}]],"no",0.25]',
    ),
    (AttemptEnded(3, 9, State.KILLED, None), '["E",3,9,"KILLED",null,[],null,0.0]'),
    (
        Expanded(2, 6, LANES, 4, {"evaluationResult": True}),
        '["X",2,6,[["tasks",0,2,"x",0],["cases.a b",0,1,null,null]],4,{"evaluationResult":true}]',
    ),
    (Skipped(1, 2), '["K",1,2]'),
    (Refused(1, 2, "why\nnot"), '["R",1,2,"why\\nnot",false,null]'),
    (Refused(1, 2, "no", True, {"value": "c"}), '["R",1,2,"no",true,{"value":"c"}]'),
    (TimerFired(1, 2), '["T",1,2]'),
    (KillRequested(8), '["Q",8]'),
    (Concluded(9), '["C",9,null,null]'),
    (Concluded(9, {"o": [1]}), '["C",9,{"o":[1]},null]'),
    (Concluded(9, None, "Failed"), '["C",9,null,"Failed"]'),
    (
        Resumed(2, 3, State.SUCCESS, {"onResume": {"n": 1}}),
        '["M",2,3,"SUCCESS",{"onResume":{"n":1}}]',
    ),
    (Resumed(2, 3, State.FAILED, {}, "too late"), '["M",2,3,"FAILED",{},"too late"]'),
    (Judged(2, 3, {"iterationCount": 1}, 9), '["G",2,3,{"iterationCount":1},9,null]'),
    (Judged(2, 3, {}, None, "no"), '["G",2,3,{},null,"no"]'),
    (Lost(2, 3), '["O",2,3]'),
    (
        Violated(4, "late", "CANCEL", [("sla", "miss")], "too late"),
        '["V",4,"late","CANCEL",[["sla","miss"]],"too late"]',
    ),
    (Queued(4), '["D",4,null]'),
    (Queued(4, State.CANCELLED), '["D",4,"CANCELLED"]'),
    (
        Reopened(4, [3], {1: State.SUCCESS}, [5, 6], OPEN, [("system.restarted", "true")]),
        '["A",4,[3],[[1,"SUCCESS"]],[5,6],'
        '[[null,[["tasks",1,3,null,null]],1,1,"SUCCESS",null],'
        '[2,[["tasks",0,1,null,null],["tasks",2,2,null,null]],0,1,"WARNING",[[],[0]]]],'
        '[["system.restarted","true"]]]',
    ),
    (
        Expanded(2, 6, [Lane("tasks", 0, 1), Lane("tasks", 1, 2)], 0, {}, [[], [0]]),
        '["X",2,6,[["tasks",0,1,null,null],["tasks",1,2,null,null]],0,{},[[],[0]],null]',
    ),
    (Expanded(2, 6, [], 1, {}, None, 7), '["X",2,6,[],1,{},null,7]'),
    (
        AttemptEnded(3, 9, State.SUCCESS, {}, (), None, 0.5, None, "kestra:///a.log"),
        '["E",3,9,"SUCCESS",{},[],null,0.5,null,"kestra:///a.log"]',
    ),
    (
        AttemptEnded(3, 9, State.SUCCESS, {}, (), None, 0.5, Change([("a", "b")], {"v": 1})),
        '["E",3,9,"SUCCESS",{},[],null,0.5,[[["a","b"]],{"v":1},null],null]',
    ),
    (
        AttemptEnded(3, 9, State.SUCCESS, {}, (), None, 0.5, Change(exit=State.KILLED)),
        '["E",3,9,"SUCCESS",{},[],null,0.5,[null,null,"KILLED"],null]',
    ),
    (LogLine(3, 4, "INFO", "hi", 1), '["L",3,4,"INFO","hi",1]'),
    (LogLine(None, 4, "WARN", "hi"), '["L",null,4,"WARN","hi",0]'),
]


@pytest.mark.parametrize(("entry", "line"), LINES)
def test_every_entry_has_its_line_and_comes_back_from_it(entry, line):
    assert line_of(entry) == line
    assert entry_of(line) == entry


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (AttemptEnded(0, 1, State.SUCCESS, "x"), '["E",0,1,"SUCCESS","*",[],null,0.0]'),
        (
            AttemptEnded(0, 1, State.SUCCESS, "x", (), None, 0, Change(["x"], {"x": 1})),
            '["E",0,1,"SUCCESS","*",[],null,0,["*","*",null],null]',
        ),
        (
            Expanded(0, 1, [Lane("b", 0, 1, "x", 0)], 1, {"x": 1}),
            '["X",0,1,[["b",0,1,"*",0]],1,"*"]',
        ),
        (Refused(0, 1, "no", True, {"x": 1}), '["R",0,1,"no",true,"*"]'),
        (Concluded(1, {"x": 1}), '["C",1,"*",null]'),
        (Resumed(0, 1, State.SUCCESS, {"x": 1}), '["M",0,1,"SUCCESS","*"]'),
        (Judged(0, 1, {"x": 1}), '["G",0,1,"*",null,null]'),
        (Violated(1, "a", "NONE", [("x", "x")], "x"), '["V",1,"a","NONE","*","*"]'),
        (
            Reopened(1, [], {}, [], [OpenFrame(0, [Lane("b", 0, 1, "x", 0)], 1, 0, "S", None)], []),
            '["A",1,[],[],[],[[0,[["b",0,1,"*",0]],1,0,"S",null]],"*"]',
        ),
    ],
)
def test_values_are_written_as_they_may_be_shown(entry, line):
    assert line_of(entry, lambda _: "*") == line


TEXTS = [
    "",
    "hällo",
    "\x00\x1f\x7f",
    "a\nb\r\u2028",
    "\ud800",
    "\udcff x",
    "🐦",
    '"\\/',
    "{{ x }}",
    "null",
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_comes_back_from_one_line_of_ascii(text):
    for entry in (
        LogLine(0, 1, "INFO", text),
        AttemptEnded(0, 1, State.FAILED, {text: [text]}, (), text),
        Refused(0, 1, text),
        Expanded(0, 1, [Lane(text, 0, 1, text, 0)], 1, {text: text}),
    ):
        line = line_of(entry)
        assert line.isascii()
        assert "\n" not in line
        assert entry_of(line) == entry


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        10**40,
        -1,
        0.1,
        1e300,
        float("inf"),
        [],
        {},
        [[None, {}]],
        {"a": {"b": [1, 2.5]}},
        "x" * 100_000,
    ],
)
def test_any_plain_value_comes_back(value):
    entry = AttemptEnded(0, 1, State.SUCCESS, {"v": value})
    assert entry_of(line_of(entry)) == entry


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ((1, 2), [1, 2]),
        (datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02 00:00:00+00:00"),
        (Decimal("1.10"), "1.10"),
        (b"ab", "b'ab'"),
        ({1: "a", None: "b"}, {"1": "a", "null": "b"}),
        (State.FAILED, "FAILED"),
    ],
)
def test_odd_values_come_back_as_text_or_lists(value, kept):
    assert entry_of(line_of(Concluded(1, {"v": value}))).outputs == {"v": kept}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "5",
        "[]",
        '["Z",1]',
        '["B"]',
        '["B",1,2]',
        '{"a":1}',
        '["E",1,2,"NO",{},[],null,0]',
        '["E",1]',
        '["M",1,2,"NO",{}]',
        '["V",1,"a","FAIL",[["alone"]],"x"]',
        '["A",1,[],[[1]],[],[],[]]',
        '["X",1,2,[5],1,{}]',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_entry_is_an_error(line):
    with pytest.raises(ValueError):  # noqa: PT011  whoever reads it words it
        entry_of(line)


def test_without_the_c_encoder_lines_are_the_same(monkeypatch):
    monkeypatch.setattr(json.encoder, "c_make_encoder", None)
    slow = journal_lines._encoder()
    for value in (["L", 1, "hällo\ud800"], {"a": [1.5, None]}, ["E", Decimal(1)]):
        assert slow(value) == encode(value)
