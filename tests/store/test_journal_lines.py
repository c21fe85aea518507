import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

import pytest

from kestrel_cli.model.birth import Birth, Caller
from kestrel_cli.model.call import Call, CallResult
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Called,
    CalledEnded,
    Concluded,
    Expanded,
    Followed,
    Heard,
    Judged,
    KillRequested,
    Launched,
    LogLine,
    Lost,
    OpenCall,
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
from kestrel_cli.store import journal_lines
from kestrel_cli.store.journal_lines import Closed, FlowText, Key, Line, encode, line_of
from kestrel_cli.store.journal_lines import entry_of as entry_of_parts


def entry_of(line):
    return entry_of_parts(json.loads(line))


LANES = [Lane("tasks", 0, 2, "x", 0), Lane("cases.a b", 0, 1)]
OPEN = [
    OpenFrame(None, [Lane("tasks", 1, 3)], 1, 1, State.SUCCESS, None),
    OpenFrame(2, [Lane("tasks", 0, 1), Lane("tasks", 2, 2)], 0, 1, State.WARNING, [[], [0]]),
]
METRICS = [Metric("counter", "rows", 2.0, {"table": "a"}), Metric("timer", "t", 0.5, {})]

FACTS = Birth(
    4,
    "id4",
    5,
    2,
    "company.team",
    "child",
    "/flow.yaml",
    {"n": 1},
    [("a", "b")],
    {"executionId": "x"},
    "LOOP",
    {"value": "v"},
    Caller(0, 7, 3),
    1,
    "parent",
    "first",
    4,
    2,
    {"seed": 7},
)
FACTS_LINE = (
    '{"number":4,"id":"id4","at":5,"flow":2,"namespace":"company.team","flowId":"child",'
    '"file":"/flow.yaml","inputs":{"n":1},"labels":[["a","b"]],"trigger":{"executionId":"x"},'
    '"kind":"LOOP","item":{"value":"v"},"caller":[0,7,3],"follows":1,"parentId":"parent",'
    '"originalId":"first","originalAt":4,"attemptNumber":2,"given":{"seed":7}}'
)
BARE = Birth(0, "x", 0, None)
CALLS = [
    Call(),
    Call("a.b", "c", {"n": 1}, [("k", "v")], True, {"value": "x"}, {"w": 2}),
    Call(item={"index": 0}),
]
RESULTS = {
    0: CallResult(CALLS[0], State.SUCCESS, "y", {"o": 1}),
    2: CallResult(CALLS[2], State.FAILED, error="no"),
}
CALLS_LINE = (
    '[{},{"namespace":"a.b","flow":"c","inputs":{"n":1},"labels":[["k","v"]],'
    '"inheritLabels":true,"item":{"value":"x"},"variables":{"w":2}},{"item":{"index":0}}]'
)

LINES = [
    (FACTS, f'["N",{FACTS_LINE}]'),
    (BARE, '["N",{"number":0,"id":"x","at":0}]'),
    (FlowText(0, "f.yaml", "id: x"), '["F",0,"f.yaml","id: x"]'),
    (FlowText(0, "f.yaml", "x", [{"type": "t"}]), '["F",0,"f.yaml","x",[{"type":"t"}]]'),
    (Key([1, "salt", {"a": []}]), '["K",1,"salt",{"a":[]}]'),
    (Key([]), '["K"]'),
    (Closed(9, "SUCCESS", 3), '["Z",9,"SUCCESS",3]'),
    (Called(1, 2, CALLS, 0, False), f'["U",1,2,{CALLS_LINE},0,false]'),
    (Called(1, 2, []), '["U",1,2,[],1,true]'),
    (Launched(1, 2, 0, "y"), '["H",1,2,0,"y"]'),
    (Launched(1, 2, 0, "id4", FACTS), f'["H",1,2,0,"id4",{FACTS_LINE}]'),
    (CalledEnded(1, 2, 3, State.SUCCESS), '["Y",1,2,3,"SUCCESS",null,null,null,false]'),
    (
        CalledEnded(1, 2, 3, State.FAILED, "y", {"o": 1}, "no", True),
        '["Y",1,2,3,"FAILED","y",{"o":1},"no",true]',
    ),
    (Followed(2, FACTS), f'["W",2,{FACTS_LINE}]'),
    (Expanded(2, 6, [], 1, {}, None, -1), '["X",2,6,[],1,{},null,-1]'),
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
    (Skipped(1, 2), '["P",1,2]'),
    (Refused(1, 2, "why\nnot"), '["R",1,2,"why\\nnot",false,null]'),
    (Refused(1, 2, "no", True, {"value": "c"}), '["R",1,2,"no",true,{"value":"c"}]'),
    (StoodIn(1, 2, State.SUCCESS, {"a": 1}), '["f",1,2,"SUCCESS",{"a":1},null]'),
    (StoodIn(1, 2, State.FAILED, None, "no"), '["f",1,2,"FAILED",null,"no"]'),
    (TimerFired(1, 2), '["T",1,2]'),
    (KillRequested(8), '["Q",8]'),
    (Concluded(9), '["C",9,null,null]'),
    (Concluded(9, {"o": [1]}), '["C",9,{"o":[1]},null]'),
    (Concluded(9, None, "Failed"), '["C",9,null,"Failed"]'),
    (Heard(9, [0, 2]), '["J",9,[0,2]]'),
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
    (
        Reopened(4, [3], {}, [], [], [], [OpenCall(3, RESULTS, [2])]),
        '["A",4,[3],[],[],[],[],[[3,[[0,{},"SUCCESS","y",{"o":1},null],'
        '[2,{"item":{"index":0}},"FAILED",null,null,"no"]],[2]]]]',
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
        (
            Birth(0, "x", 1, 0, inputs={"x": 1}, labels=["x"], trigger={}, item={}, given={"x": 1}),
            '["N",{"number":0,"id":"x","at":1,"flow":0,"inputs":"*","labels":"*","trigger":"*",'
            '"item":"*","given":{"x":1}}]',
        ),
        (
            Launched(0, 1, 0, "x", Birth(1, "x", 1, 0, inputs={"x": 1})),
            '["H",0,1,0,"x",{"number":1,"id":"x","at":1,"flow":0,"inputs":"*"}]',
        ),
        (
            Followed(1, Birth(1, "x", 1, 0, labels=["x"])),
            '["W",1,{"number":1,"id":"x","at":1,"flow":0,"labels":"*"}]',
        ),
        (
            Called(0, 1, [Call("x", "x", {"x": 1}, ["x"], False, {"x": 1}, {"x": 1})]),
            '["U",0,1,[{"namespace":"*","flow":"*","inputs":"*","labels":"*","item":"*",'
            '"variables":"*"}],1,true]',
        ),
        (
            CalledEnded(0, 1, 0, State.SUCCESS, "x", {"x": 1}),
            '["Y",0,1,0,"SUCCESS","x","*",null,false]',
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
        (
            Reopened(1, [], {}, [], [], [], [OpenCall(3, RESULTS, [2])]),
            '["A",1,[],[],[],[],"*",[[3,[[0,{},"SUCCESS","y","*",null],'
            '[2,{"item":"*"},"FAILED",null,"*","no"]],[2]]]]',
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


def test_every_event_and_every_kind_of_line_is_among_these():
    assert {type(entry) for entry, _ in LINES} == set(get_args(Line))


# -- damage


@pytest.mark.parametrize(
    "line",
    [
        "5",
        "[]",
        "[[]]",
        "[{}]",
        '["?",1]',
        '["@",1]',
        '["I",1,"FAILED",2]',
        '["Z",1]',
        '["Z",1,"OVER",1]',
        '["B"]',
        '["B",1,2]',
        '["B",-1]',
        '["B",true]',
        '["B",1.0]',
        '["B","1"]',
        '["B",1000000000000000000]',
        '{"a":1}',
        '["E",1,2,"NO",{},[],null,0]',
        '["E",1,2,["SUCCESS"],{},[],null,0]',
        '["E",1,2,"SUCCESS",[],[],null,0]',
        '["E",1,2,"SUCCESS",{},[],null,-1]',
        '["E",1,2,"SUCCESS",{},[],null,NaN]',
        '["E",1,2,"SUCCESS",{},[],null,true]',
        '["E",1,2,"SUCCESS",{},[["meter","n",1,{}]],null,0]',
        '["E",1,2,"SUCCESS",{},[["timer","n","1",{}]],null,0]',
        '["E",1,2,"SUCCESS",{},[["timer","n",1,{"a":1}]],null,0]',
        '["E",1,2,"SUCCESS",{},{},null,0]',
        '["E",1,2,"SUCCESS",{},[],null,0,[null,null],null]',
        '["E",1]',
        '["L",1,2,"LOUD","x",0]',
        '["L",1,2,{},"x",0]',
        '["L",-1,2,"INFO","x",0]',
        '["L",1,2,"INFO",null,0]',
        '["M",1,2,"NO",{}]',
        '["V",1,"a","STOP",[],"x"]',
        '["V",1,"a","FAIL",[["alone"]],"x"]',
        '["V",1,"a","FAIL",[["a",1]],"x"]',
        '["V",1,"a","FAIL",{"a":"b"},"x"]',
        '["A",1,[],[[1]],[],[],[]]',
        '["A",1,[],[[1,2]],[],[],[]]',
        '["X",1,2,[5],1,{}]',
        '["X",1,2,[["a",2,1,null,null]],1,{}]',
        '["X",1,2,[["a",0,1,5,null]],1,{}]',
        '["X",1,2,[["a",0,1,null,false]],1,{}]',
        '["X",1,2,[],1,{},null]',
        '["X",1,2,[],1,{},[[true]],null]',
        '["X",1,2,[],1,{},null,-2]',
        '["U",1,2,[{"what":1}],1,true]',
        '["U",1,2,[{"inheritLabels":1}],1,true]',
        '["U",1,2,[],1,1]',
        '["Y",1,2,3,"SUCCESS",null,null,null,null]',
        '["N",{}]',
        '["N",{"number":0,"id":"x"}]',
        '["N",{"number":0,"id":"x","at":1,"attemptNumber":0}]',
        '["N",{"number":0,"id":"x","at":1,"caller":[1,2]}]',
        '["N",{"number":0,"id":"x","at":1,"caller":{}}]',
        '["N",{"number":0,"id":"x","at":1,"flow_id":"x"}]',
        '["N",[0,"x",1]]',
        '["F",0,"x","y",[1]]',
    ],
)
def test_a_line_that_is_no_entry_is_an_error(line):
    with pytest.raises(ValueError):  # noqa: PT011  whoever reads it words it
        entry_of(line)


def test_what_is_wrong_is_said_without_the_value():
    with pytest.raises(ValueError, match=r"^`inputs`: a text where a map has to be$"):
        entry_of('["N",{"number":0,"id":"x","at":1,"inputs":"secret"}]')


def test_without_the_c_encoder_lines_are_the_same(monkeypatch):
    monkeypatch.setattr(json.encoder, "c_make_encoder", None)
    slow = journal_lines._encoder()
    for value in (["L", 1, "hällo\ud800"], {"a": [1.5, None]}, ["E", Decimal(1)]):
        assert slow(value) == encode(value)
