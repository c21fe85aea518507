import io
import json
import os
import stat

import pytest

from kestrel_cli.model.birth import Caller
from kestrel_cli.model.event import AttemptStarted, Begun, Launched, LogLine, Refused, Skipped
from kestrel_cli.store.journal import (
    Birth,
    Closed,
    FlowText,
    Journal,
    Key,
    ending,
    opening,
    read,
    whole_length,
)

FLOW = FlowText(0, "flow.yaml", "id: hällo\n")
BORN = Birth(0, "x", 1, 0, inputs={"n": 1})
CHILD = Launched(0, 2, 0, "y", Birth(1, "y", 2, 0, caller=Caller(0, 0, 0)))
END = Closed(9, "SUCCESS", 3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "executions" / "x" / "journal.ndjson"


def journal(path, entries=(), closed=None, **how):
    """A journal of one execution, closed."""
    made = Journal(path, **how)
    for entry in entries:
        made.append(0, entry)
    made.close(closed)


def entries(path):
    return [line for _, _, line in read(path)]


# -- what comes back


def test_a_journal_comes_back_with_its_line_numbers_and_executions(path):
    made = Journal(path)
    made.flow(FLOW)
    made.birth(BORN)
    made.append(0, Begun(1))
    made.close(END)
    assert list(read(path)) == [(2, 0, FLOW), (3, 0, BORN), (5, 0, Begun(1)), (6, 0, END)]


def test_a_flow_comes_back_with_the_defaults_of_its_settings(path):
    told = FlowText(0, "flow.yaml", "id: x\n", [{"type": "a", "values": {"b": 1}}])
    made = Journal(path)
    made.flow(told)
    made.close()
    assert entries(path) == [told]


def test_every_entry_belongs_to_an_execution(path):
    made = Journal(path)
    made.birth(BORN)
    made.append(0, Begun(1))
    made.append(0, CHILD)
    made.append(1, Begun(2))
    made.append(0, LogLine(None, 3, "INFO", "hi"))
    made.append(1, Skipped(0, 4))
    made.close()
    assert [(of, line) for _, of, line in read(path)] == [
        (0, BORN),
        (0, Begun(1)),
        (0, CHILD),
        (1, Begun(2)),
        (0, LogLine(None, 3, "INFO", "hi")),
        (1, Skipped(0, 4)),
    ]


def test_whose_the_entries_are_is_said_where_it_changes(path):
    made = Journal(path)
    for number in (0, 0, 1, 1, 0):
        made.append(number, Begun(1))
    made.close()
    b = '["B",1]'
    assert path.read_text().splitlines() == ['["J",3]', b, b, '["@",1]', b, b, '["@",0]', b]


def test_the_first_line_says_what_it_is(path):
    journal(path)
    assert path.read_text() == '["J",3]\n'


def test_many_entries_come_back_in_order(path):
    journal(path, [AttemptStarted(n, n) for n in range(10_000)])
    assert [entry.run for entry in entries(path)] == list(range(10_000))


def test_values_are_written_as_they_may_be_shown(path):
    made = Journal(path)
    made.append(0, AttemptStarted(0, 1))
    made.append(0, Skipped(0, 2), lambda _: "*")
    made.close()
    assert entries(path) == [AttemptStarted(0, 1), Skipped(0, 2)]


# -- writing


def test_entries_reach_the_file_with_the_next_flush(path):
    made = Journal(path)
    made.birth(BORN)
    made.append(0, Begun(1))
    assert path.read_text() == ""
    made.flush()
    assert path.read_text().count("\n") == 4
    made.close()


def test_entries_reach_the_file_soon_without_a_flush(path):
    made = Journal(path)
    for n in range(62):
        made.append(0, AttemptStarted(n, n))
    assert path.read_text() == ""
    made.append(0, Begun(1))
    assert path.read_text().count("\n") == 64
    made.close()


def test_closing_brings_everything_into_the_file(path):
    journal(path, [Begun(1)])
    assert path.read_text() == '["J",3]\n["B",1]\n'


def test_a_flush_without_entries_writes_nothing(path, monkeypatch):
    made = Journal(path)
    made.flush()
    monkeypatch.setattr(os, "write", None)
    made.flush()
    made.close()
    assert path.read_text() == '["J",3]\n'


def test_a_write_that_takes_only_a_part_is_continued(path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    journal(path, [Begun(1), Skipped(2, 3)])
    monkeypatch.undo()
    assert entries(path) == [Begun(1), Skipped(2, 3)]


def test_a_write_that_fails_is_an_error_and_closing_frees_the_file(path, monkeypatch):
    def failing(file, data):
        raise OSError(28, "No space left on device")

    made = Journal(path)
    made.append(0, Begun(1))
    monkeypatch.setattr(os, "write", failing)
    with pytest.raises(OSError, match="No space left"):
        made.close(END)
    monkeypatch.undo()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made._file)


@pytest.mark.parametrize("durable", [True, False])
def test_a_durable_journal_is_on_the_disk_with_each_flush(path, monkeypatch, durable):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    made = Journal(path, durable=durable)
    at_first = len(synced)  # the name of the file, in its folder
    for _ in range(2):
        made.append(0, Begun(1))
        made.flush()
    made.flush()
    made.close()
    assert synced[at_first:] == ([made._file] * 2 if durable else [])
    assert at_first == int(durable)


def test_only_the_user_may_read_it(path):
    before = os.umask(0)
    try:
        journal(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


# -- a journal that is there


def test_a_journal_is_never_written_over(path):
    journal(path)
    with pytest.raises(FileExistsError):
        Journal(path)


def test_a_journal_may_take_the_place_of_an_old_one(path):
    journal(path, [Begun(1), Begun(2)], END)
    journal(path, [Begun(3)], replace=True)
    assert entries(path) == [Begun(3)]


def test_a_journal_is_gone_on_with(path):
    made = Journal(path)
    made.birth(BORN)
    made.append(0, CHILD)
    made.close(END)
    journal(path, [Begun(3)], go_on=True)
    assert [(of, line) for _, of, line in read(path)][2:] == [(0, END), (0, Begun(3))]


def test_a_torn_line_is_cut_off_before_it_is_gone_on_with(path):
    journal(path, [Begun(1)])
    with path.open("ab") as file:
        file.write(b'["S",3,')
    journal(path, [Begun(2)], go_on=True)
    assert entries(path) == [Begun(1), Begun(2)]


def test_what_is_not_there_is_not_gone_on_with(path):
    with pytest.raises(FileNotFoundError):
        Journal(path, go_on=True)
    assert not path.exists()


@pytest.mark.parametrize("how", [{"go_on": True}, {"replace": True}])
def test_one_that_is_written_to_is_left_alone(path, how):
    made = Journal(path)
    made.append(0, Begun(1))
    made.flush()
    with pytest.raises(BlockingIOError):
        Journal(path, **how)
    assert entries(path) == [Begun(1)]
    made.close()
    Journal(path, **how).close()


# -- reading


@pytest.mark.parametrize("torn", [b'["S",3,', b'["S",3,4]', b"\xff\xfe", b'"'])
def test_a_torn_last_line_is_left_out(path, torn):
    journal(path, [Begun(1)])
    with path.open("ab") as file:
        file.write(torn)
    assert entries(path) == [Begun(1)]


@pytest.mark.parametrize("content", [b"", b"torn", b'["J",3]'])
def test_a_file_without_a_whole_line_is_no_journal(path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="the journal is empty"):
        read(path)


@pytest.mark.parametrize("first", [["J", 1, {}], ["J", 2], ["B", 2, {}], ["J", None, {}]])
def test_another_format_is_refused(path, first):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(first) + "\n")
    with pytest.raises(ValueError, match="not a journal of format 3"):
        read(path)


@pytest.mark.parametrize(
    "first", ["hello", "[]", "5", '["J"]', '["2"]', '{"a":1,"b":2,"c":3}', "[" * 100_000]
)
def test_a_file_of_something_else_is_refused(path, first):
    path.parent.mkdir(parents=True)
    path.write_text(first + "\n")
    with pytest.raises(ValueError, match="not a journal of format 3"):
        read(path)


@pytest.mark.parametrize(
    "line",
    [
        '{"x"',
        '["?",1]',
        '["@"]',
        '["@",null]',
        '["N",1]',
        '["F"]',
        '["Z",1]',
        '["B"]',
        "",
        "5",
        "[]",
        '["@",-1]',
        '["@",true]',
        '["@",0,1]',
        '["J",3]',
        "[" * 100_000,
    ],
)
def test_a_broken_line_in_the_middle_is_an_error_when_it_is_reached(path, line):
    journal(path, [Begun(1)])
    with path.open("a") as file:
        file.write(f'{line}\n["B",2]\n')
    found = read(path)
    assert next(found) == (2, 0, Begun(1))
    with pytest.raises(ValueError, match="journal is damaged at line 3"):
        next(found)


def test_more_after_a_line_is_damage(path):
    journal(path)
    with path.open("ab") as file:
        file.write(b'["B",1] ["B",2]\n')
    with pytest.raises(ValueError, match="journal is damaged at line 2: more than one value"):
        list(read(path))


def test_a_line_that_is_no_text_is_an_error(path):
    journal(path)
    with path.open("ab") as file:
        file.write(b'["L",\xff\xfe]\n')
    with pytest.raises(ValueError, match="journal is damaged at line 2"):
        list(read(path))


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    for look in (read, ending, opening):
        with pytest.raises(FileNotFoundError):
            look(tmp_path / "none")


# -- a look at its two ends


def test_the_end_tells_how_it_was_closed(path):
    journal(path, [LogLine(None, 1, "INFO", "x" * 10_000)], END)
    assert ending(path) == END


@pytest.mark.parametrize("torn", ['["Z",9,"SUC', '["Z",9]\n', "", '["B",1]\n'])
def test_one_that_was_not_closed_tells_nothing(path, torn):
    journal(path, [Begun(1)])
    with path.open("a") as file:
        file.write(torn)
    assert ending(path) is None


def test_one_that_was_gone_on_with_is_not_closed_any_more(path):
    journal(path, [Begun(1)], END)
    journal(path, [], go_on=True)
    assert ending(path) is None


def test_the_beginning_tells_of_the_first_execution(path):
    made = Journal(path)
    made.flow(FLOW)
    made.birth(BORN)
    made.append(0, CHILD)
    made.close()
    assert opening(path) == BORN


@pytest.mark.parametrize("line", ['["N",0', '["N"]\n', "\0\0\n", ""])
def test_a_beginning_that_cannot_be_read_tells_nothing(path, line):
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert opening(path) is None


# -- a stream


class Watched(io.BytesIO):
    """Counts the lines that were asked for."""

    def __init__(self, data):
        super().__init__(data)
        self.asked = 0

    def readline(self, *size):
        self.asked += 1
        return super().readline(*size)

    def __next__(self):
        self.asked += 1
        return super().__next__()


def test_a_journal_is_read_line_by_line_and_closing_the_lines_closes_the_file(path, monkeypatch):
    journal(path, [Begun(n) for n in range(100)])
    opened = Watched(path.read_bytes())
    monkeypatch.setattr(type(path), "open", lambda *_: opened)
    lines = read(path)
    assert opened.asked == 1
    next(lines)
    next(lines)
    assert opened.asked == 3
    lines.close()
    assert opened.closed


def test_lines_that_nobody_asked_for_are_closed_too(path, monkeypatch):
    journal(path)
    opened = Watched(path.read_bytes())
    monkeypatch.setattr(type(path), "open", lambda *_: opened)
    read(path).close()
    assert opened.closed


def test_every_line_may_be_translated_before_it_is_read(path):
    made = Journal(path)
    made.key(["k"])
    made.append(1, Begun(1))
    made.append(1, LogLine(None, 2, "INFO", "hidden"))
    made.close()
    seen = []

    def opened(line, parts):
        seen.append((line, list(parts)))
        return ["L", None, 2, "INFO", "clear", 0] if parts[0] == "L" else parts

    assert [line for _, _, line in read(path, opened)] == [
        Key(["k"]),
        Begun(1),
        LogLine(None, 2, "INFO", "clear"),
    ]
    assert seen[:2] == [(b'["K","k"]\n', ["K", "k"]), (b'["B",1]\n', ["B", 1])]


def test_what_a_translation_refuses_is_damage(path):
    def refused(line, parts):
        raise ValueError("no such key")

    journal(path, [Begun(1)])
    with pytest.raises(ValueError, match="damaged at line 2: no such key"):
        list(read(path, refused))


def test_keys_that_an_entry_needs_come_before_it(path):
    made = Journal(path)

    def shown(value):
        made.key([len(made._lines)])
        return value

    made.birth(BORN, lambda value: [made.key([0]), value][1])
    made.append(1, Refused(0, 1, "no", True, {}), shown)
    made.close()
    kinds = [json.loads(line)[0] for line in path.read_text().splitlines()]
    assert kinds == ["J", "K", "N", "@", "K", "@", "R"]


@pytest.mark.parametrize("tail", [0, 1, 65_535, 65_536, 65_537, 200_000])
@pytest.mark.parametrize("head", [b"", b"x\n", b"\n" * 70_000])
def test_the_last_line_break_is_found_from_the_end(path, head, tail):
    path.parent.mkdir(parents=True)
    path.write_bytes(head + b"y" * tail)
    assert whole_length(path) == len(head)


def test_every_folder_that_is_made_is_for_the_user_only(path, tmp_path):
    before = os.umask(0)
    try:
        journal(path)
    finally:
        os.umask(before)
    assert [
        stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)
    ] == [0o700] * 2


def test_a_file_in_place_of_a_folder_is_an_error(path):
    path.parent.parent.mkdir()
    path.parent.write_text("")
    with pytest.raises(FileExistsError):
        Journal(path)
