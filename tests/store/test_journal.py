import json
import os
import stat
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Expanded,
    KillRequested,
    LogLine,
    Refused,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Metric
from kestrel_cli.store.journal import Journal, entry_of, line_of, read

LANES = [Lane("tasks", 0, 2, "x", 0), Lane("cases.a b", 0, 1)]
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
    (LogLine(3, 4, "INFO", "hi", 1), '["L",3,4,"INFO","hi",1]'),
    (LogLine(None, 4, "WARN", "hi"), '["L",null,4,"WARN","hi",0]'),
]


@pytest.mark.parametrize(("entry", "line"), LINES)
def test_every_entry_has_its_line_and_comes_back_from_it(entry, line):
    assert line_of(entry) == line
    assert entry_of(line) == entry


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
    ],
)
def test_a_line_that_is_no_entry_is_an_error(line):
    with pytest.raises(ValueError):  # noqa: PT011  whoever reads it words it
        entry_of(line)


# -- files


@pytest.fixture
def path(tmp_path):
    return tmp_path / "executions" / "x" / "journal.ndjson"


def journal(path, entries=(), header=None):
    made = Journal(path)
    made.begin(header or {"id": "x"})
    for entry in entries:
        made.append(entry)
    made.close()


def test_a_journal_comes_back_with_its_header_and_entries(path):
    entries = [entry for entry, _ in LINES]
    journal(path, entries, {"id": "x", "inputs": {"n": 1}})
    header, found = read(path)
    assert header == {"id": "x", "inputs": {"n": 1}}
    assert list(found) == entries


def test_the_first_line_says_what_it_is(path):
    journal(path)
    assert path.read_text() == '["J",1,{"id":"x"}]\n'


def test_many_entries_come_back_in_order(path):
    journal(path, [AttemptStarted(n, n) for n in range(10_000)])
    assert [entry.run for entry in read(path)[1]] == list(range(10_000))


def test_the_header_is_in_the_file_at_once_and_entries_with_the_next_flush(path):
    made = Journal(path)
    made.begin({})
    made.append(Begun(1))
    assert path.read_text().count("\n") == 1
    made.flush()
    assert path.read_text().count("\n") == 2
    made.close()


def test_entries_reach_the_file_soon_without_a_flush(path):
    made = Journal(path)
    made.begin({})
    for n in range(63):
        made.append(AttemptStarted(n, n))
    assert path.read_text().count("\n") == 1
    made.append(Begun(1))
    assert path.read_text().count("\n") == 65
    made.close()


def test_closing_brings_everything_into_the_file(path):
    journal(path, [Begun(1)])
    assert path.read_text() == '["J",1,{"id":"x"}]\n["B",1]\n'


def test_a_flush_without_entries_writes_nothing(path, monkeypatch):
    made = Journal(path)
    monkeypatch.setattr(os, "write", None)
    made.flush()
    made.close()
    assert path.read_bytes() == b""


def test_a_write_that_takes_only_a_part_is_continued(path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    journal(path, [Begun(1), Skipped(2, 3)])
    monkeypatch.undo()
    assert list(read(path)[1]) == [Begun(1), Skipped(2, 3)]


def test_a_write_that_fails_is_an_error_and_closing_frees_the_file(path, monkeypatch):
    def failing(file, data):
        raise OSError(28, "No space left on device")

    made = Journal(path)
    made.append(Begun(1))
    monkeypatch.setattr(os, "write", failing)
    with pytest.raises(OSError, match="No space left"):
        made.close()
    monkeypatch.undo()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made._file)


def test_only_the_user_may_read_it(path):
    before = os.umask(0)
    try:
        journal(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_journal_is_never_written_over(path):
    journal(path)
    with pytest.raises(FileExistsError):
        Journal(path)


@pytest.mark.parametrize("torn", [b'["S",3,', b'["S",3,4]', b"\xff\xfe", b'"'])
def test_a_torn_last_line_is_left_out(path, torn):
    journal(path, [Begun(1)])
    with path.open("ab") as file:
        file.write(torn)
    assert list(read(path)[1]) == [Begun(1)]


@pytest.mark.parametrize("content", [b"", b"torn", b'["J",1,{}]'])
def test_a_file_without_a_whole_line_is_no_journal(path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="the journal is empty"):
        read(path)


@pytest.mark.parametrize("first", [["J", 2, {}], ["B", 1, {}], ["J", None, {}]])
def test_another_format_is_refused(path, first):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(first) + "\n")
    with pytest.raises(ValueError, match="not a journal of format 1"):
        read(path)


@pytest.mark.parametrize(
    "first", ["hello", "[]", "5", '["J"]', '["J",1]', '{"a":1,"b":2,"c":3}', "[" * 100_000]
)
def test_a_file_of_something_else_is_refused(path, first):
    path.parent.mkdir(parents=True)
    path.write_text(first + "\n")
    with pytest.raises(ValueError, match="not a journal of format 1"):
        read(path)


def test_a_broken_line_in_the_middle_is_an_error_when_it_is_reached(path):
    journal(path, [Begun(1)])
    with path.open("a") as file:
        file.write('{"x"\n["B",2]\n')
    _, entries = read(path)
    assert next(entries) == Begun(1)
    with pytest.raises(ValueError):  # noqa: PT011  the same
        next(entries)


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")


def test_without_the_c_encoder_lines_are_the_same(monkeypatch):
    from kestrel_cli.store import journal as module

    monkeypatch.setattr(json.encoder, "c_make_encoder", None)
    encode = module._encoder()
    for value in (["L", 1, "hällo\ud800"], {"a": [1.5, None]}, ["E", Decimal(1)]):
        assert encode(value) == module._encode(value)
